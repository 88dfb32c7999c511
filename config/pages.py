"""Addresses of the pages that span all rooms."""

from django.urls import path

from config import views

app_name = "config"

urlpatterns = [
    path("today/", views.today, name="today"),
    path("healthz", views.healthz, name="healthz"),
]
