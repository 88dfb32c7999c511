"""Who may sign in, and stay signed in."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import Exists, OuterRef

from employees.models import Employee, Employment


class EmployedBackend(ModelBackend):
    """Lets in who is employed today. Asked at sign-in and again at every request of a session."""

    def get_user(self, user_id: Any) -> Employee | None:
        """The person of a session, and whether employment holds now, in one query."""
        employed = Employment.objects.current().filter(employee_id=OuterRef("pk"))
        person = Employee.objects.filter(Exists(employed), pk=user_id).first()
        return person if person is not None and ModelBackend.user_can_authenticate(self, person) else None

    def user_can_authenticate(self, user: Any) -> bool:
        """Whether the person has not left and a period of employment holds now: the last day is included."""
        return (
            isinstance(user, Employee)
            and super().user_can_authenticate(user)
            and Employment.objects.current().filter(employee_id=user.pk).exists()
        )
