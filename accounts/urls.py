from django.urls import URLPattern, URLResolver, path

from accounts import registry, views

app_name = "accounts"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.directory, name="directory"),
    path("accounts/<int:pk>/", views.account, name="account"),
    path("registry/", registry.registry, name="registry"),
    path("registry/<int:pk>/", registry.registry_account, name="registry_account"),
    path("registry/<int:pk>/describe/", registry.describe, name="describe"),
    path("registry/<int:pk>/designate/", registry.designate, name="designate"),
]
