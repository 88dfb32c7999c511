"""Addresses of the pages that span all rooms."""

from django.urls import path

from config import acknowledged, views

app_name = "config"

urlpatterns = [
    path("today/", views.today, name="today"),
    path("who-can-do-what/", views.who_can_do_what, name="who_can_do_what"),
    path("policy/acknowledged/", acknowledged.acknowledged, name="acknowledged"),
    path("status/", views.status, name="status"),
    path("status/mail/again/", views.mail_again, name="mail_again"),
    path("healthz", views.healthz, name="healthz"),
]
