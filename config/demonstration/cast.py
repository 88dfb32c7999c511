"""Who lives in the demonstration city. All people, numbers and accounts are invented."""

from __future__ import annotations

from dataclasses import dataclass

DOMAIN = "hutch.example"

DEPARTMENTS = (
    ("public-information", "Public Information and Community Engagement"),
    ("information-technology", "Information Technology"),
    ("city-manager", "City Manager's Office"),
    ("fire", "Fire Department"),
    ("police", "Police Department"),
    ("parks", "Parks and Facilities"),
    ("public-works", "Public Works"),
    ("zoo", "Hutchinson Zoo"),
)


@dataclass(frozen=True)
class Person:
    """One of the cast: `hired` and `left` are days before today; a negative `left` lies ahead."""

    key: str
    name: str
    department: str
    title: str
    hired: int = 2500
    left: int | None = None
    kind: str = "employee"


PEOPLE = (
    Person("ruth", "Ruth Ellery", "public-information", "Public Information Director", 4100),
    Person("dana", "Dana Whitfield", "public-information", "Communications Manager", 2900),
    Person("tom", "Tom Berger", "public-information", "Marketing Specialist", 1500),
    Person("joel", "Joel Hammond", "public-information", "Video Producer", 1900),
    Person("lena", "Lena Fischer", "public-information", "Social Media Coordinator", 800),
    Person("marcus", "Marcus Lindqvist", "information-technology", "Information Technology Director", 3300),
    Person("sam", "Sam Ortega", "information-technology", "Systems Administrator", 700, -25, "contractor"),
    Person("nina", "Nina Patel", "information-technology", "Security Analyst", 1200),
    Person("carl", "Carl Jensen", "information-technology", "Help Desk Technician", 2100),
    Person("mona", "Mona Castillo", "city-manager", "City Manager", 2700),
    Person("carla", "Carla Jimenez", "city-manager", "Deputy City Clerk", 3100),
    Person("ellis", "Ellis Grant", "city-manager", "City Clerk", 3900),
    Person("eleanor", "Eleanor Marsh", "city-manager", "Internal Auditor", 2000),
    Person("victor", "Victor Amsel", "city-manager", "Council Member", 1400, None, "elected"),
    Person("ray", "Ray Donnelly", "fire", "Fire Chief", 5200),
    Person("noah", "Noah Price", "fire", "Community Risk Officer", 1600),
    Person("beth", "Beth Sorensen", "fire", "Battalion Chief", 3400),
    Person("grace", "Grace Okoye", "police", "Chief of Police", 4700),
    Person("luis", "Luis Herrera", "police", "Public Information Officer", 2200),
    Person("walter", "Walter Boone", "parks", "Director of Parks and Facilities", 6100),
    Person("olive", "Olive Brandt", "parks", "Parks Superintendent", 2600),
    Person("alma", "Alma Reyes", "parks", "Recreation Manager", 1700),
    Person("ivy", "Ivy Nakamura", "parks", "Recreation Intern", 90, -60, "intern"),
    Person("henry", "Henry Walsh", "public-works", "Director of Public Works", 3700),
    Person("paula", "Paula Stein", "public-works", "Street Superintendent", 2400),
    Person("omar", "Omar Haddad", "public-works", "Dispatcher", 1100),
    Person("helen", "Helen Okafor", "zoo", "Zoo Director", 1900),
    Person("priya", "Priya Nair", "zoo", "Zoo Education Coordinator", 1000),
    Person("curtis", "Curtis Vale", "zoo", "Zoo Events Coordinator", 1300),
    Person("rosa", "Rosa Lind", "zoo", "Volunteer Guide", 400, None, "volunteer"),
)

ACCOUNTS = (
    (
        "X",
        "https://x.com/HutchGov",
        "City of Hutchinson",
        "Closures, weather, and City Council votes",
        "public-information",
    ),
    (
        "Facebook",
        "https://www.facebook.com/CityOfHutchinson",
        "City of Hutchinson",
        "City news, meetings, and emergency notices",
        "public-information",
    ),
    (
        "YouTube",
        "https://www.youtube.com/@CityOfHutchTV",
        "City of Hutchinson TV",
        "City Council meetings, live and recorded",
        "public-information",
    ),
    (
        "LinkedIn",
        "https://www.linkedin.com/company/city-of-hutchinson",
        "City of Hutchinson",
        "Job opportunities and City projects",
        "public-information",
    ),
    (
        "X",
        "https://twitter.com/HutchFireDept",
        "Hutchinson Fire Department",
        "Active incidents and burn bans",
        "fire",
    ),
    (
        "Facebook",
        "https://www.facebook.com/HutchFireDept",
        "Hutchinson Fire Department",
        "Fire safety, open days, and recruitment",
        "fire",
    ),
    (
        "Facebook",
        "https://www.facebook.com/HutchPoliceDept",
        "Hutchinson Police Department",
        "Community programs and public notices",
        "police",
    ),
    (
        "X",
        "https://x.com/HutchWorks",
        "Hutchinson Public Works",
        "Street work, refuse dates, and snow routes",
        "public-works",
    ),
    (
        "Instagram",
        "https://www.instagram.com/hutchrecreation/",
        "Hutchinson Recreation",
        "Programs, pools, and park closures",
        "parks",
    ),
    (
        "X",
        "https://x.com/HutchZoo",
        "Hutchinson Zoo",
        "Animals and keepers, day by day",
        "zoo",
    ),
    (
        "Facebook",
        "https://www.facebook.com/HutchinsonZoo",
        "Hutchinson Zoo",
        "Opening hours, events, and new arrivals",
        "zoo",
    ),
    (
        "Instagram",
        "https://www.instagram.com/hutchinsonzoo/",
        "Hutchinson Zoo",
        "Pictures from the zoo",
        "zoo",
    ),
)

ACCOUNTS_FOUND = (
    (
        "Facebook",
        "https://www.facebook.com/HutchSeniorCenter",
        "Hutchinson Senior Center",
        "Meals, trips, and classes for older residents",
        "parks",
    ),
    (
        "Facebook",
        "https://www.facebook.com/HutchStreetCrew",
        "Hutchinson Street Crew",
        "Paving, sweeping, and snow routes",
        "public-works",
    ),
)
"""Platform, address, name, what it is for, department: what the City had before it had this software."""


def email(name: str) -> str:
    """The invented work e-mail of somebody called `name`."""
    return f"{name.lower().replace(' ', '.')}@{DOMAIN}"
