from django.urls import URLPattern, URLResolver, path, re_path

from employees.views import (
    departed,
    factors,
    leaving,
    papers,
    people,
    policy,
    publicpolicy,
    vacancies,
)

app_name = "employees"

DAY = r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
KIND = r"(?P<kind>appointment|designation|role)"

urlpatterns: list[URLPattern | URLResolver] = [
    path("people/", people.people, name="people"),
    path("people/substitute/", papers.substitute, name="substitute"),
    path("people/waiting/", papers.waiting, name="waiting"),
    re_path(rf"^people/waiting/{KIND}/(?P<pk>[0-9]{{1,18}})/confirm/$", papers.confirm, name="confirm"),
    re_path(rf"^people/waiting/{KIND}/(?P<pk>[0-9]{{1,18}})/refuse/$", papers.refuse, name="refuse"),
    re_path(rf"^people/held/{KIND}/(?P<pk>[0-9]{{1,18}})/end/$", papers.end, name="end"),
    path("people/held/designation/<int:pk>/carry/", papers.carry, name="carry"),
    path("people/offices/<int:pk>/fill/", vacancies.fill, name="fill"),
    path("people/departures/", departed.left_lately, name="departures"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/appoint/", papers.record, {"kind": "appointment"}, name="appoint"),
    path("people/<int:pk>/designate/", papers.record, {"kind": "designation"}, name="designate"),
    path("people/<int:pk>/role/", papers.record, {"kind": "role"}, name="role"),
    path("people/<int:pk>/leaving/", leaving.leaving, name="leaving"),
    path("people/<int:pk>/leaving/certificate/", departed.certificate, name="certificate"),
    re_path(rf"^people/(?P<pk>[0-9]{{1,18}})/leaving/{DAY}/$", departed.departure, name="departure"),
    re_path(
        rf"^people/(?P<pk>[0-9]{{1,18}})/leaving/{DAY}/certificate/$",
        departed.certificate,
        name="departure_certificate",
    ),
    path("people/<int:pk>/if-left/", leaving.if_left, name="if_left"),
    path("people/<int:pk>/factor/", factors.factor, name="factor"),
    path("people/<int:pk>/factor/confirm/", factors.confirm, name="factor_confirm"),
    path("people/<int:pk>/leaving/stays/", leaving.stays, name="stays"),
    path("policy/", publicpolicy.in_force, name="policy"),
    path("policy/<int:number>/", publicpolicy.version, name="policy_version"),
    path("policy/<int:number>/changes/", publicpolicy.changed, name="policy_changes"),
    path("p", publicpolicy.short, name="policy_short"),
    path("policy/acknowledge/", policy.acknowledge, name="acknowledge"),
]
