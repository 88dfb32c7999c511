from django.urls import URLPattern, URLResolver, path

from accounts import registry, upkeep, views

app_name = "accounts"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.directory, name="directory"),
    path("accounts/<int:pk>/", views.account, name="account"),
    path("registry/", registry.registry, name="registry"),
    path("registry/<int:pk>/", registry.registry_account, name="registry_account"),
    path("registry/<int:pk>/describe/", registry.describe, name="describe"),
    path("registry/<int:pk>/designate/", registry.designate, name="designate"),
    path("registry/<int:pk>/profile/", upkeep.profile, name="profile"),
    path("registry/<int:pk>/affiliations/", upkeep.affiliations, name="affiliations"),
    path("affiliations/", upkeep.week, name="affiliations_week"),
    path("affiliations/seen/", upkeep.seen, name="affiliations_seen"),
    path("affiliations/<int:pk>/order/", upkeep.order, name="affiliation_order"),
    path("affiliations/<int:pk>/undone/", upkeep.undone, name="affiliation_undone"),
]
