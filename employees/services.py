"""Every write of this room, in one place to call. Each idea has a file of its own."""

from employees.arrivals import Newcomer, hire, hire_all, rehire
from employees.departments import create_city_offices, create_department, create_departments
from employees.instruments import (
    carry_designation,
    confirm_appointment,
    confirm_designation,
    confirm_role,
    end_appointment,
    end_designation,
    end_role,
    record_appointment,
    record_designation,
    record_role,
    refuse_appointment,
    refuse_designation,
    refuse_role,
)
from employees.lastdays import set_last_day, set_last_days
from employees.moves import Move, transfer, transfer_all
from employees.people import change, change_all
from employees.seating import seat_first_officers
from employees.separation import (
    Departure,
    separate,
    separate_all,
    separate_overdue,
)

__all__ = [
    "Departure",
    "Move",
    "Newcomer",
    "carry_designation",
    "change",
    "change_all",
    "confirm_appointment",
    "confirm_designation",
    "confirm_role",
    "create_city_offices",
    "create_department",
    "create_departments",
    "end_appointment",
    "end_designation",
    "end_role",
    "hire",
    "hire_all",
    "record_appointment",
    "record_designation",
    "record_role",
    "refuse_appointment",
    "refuse_designation",
    "refuse_role",
    "rehire",
    "seat_first_officers",
    "separate",
    "separate_all",
    "separate_overdue",
    "set_last_day",
    "set_last_days",
    "transfer",
    "transfer_all",
]
