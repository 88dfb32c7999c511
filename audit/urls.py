"""Addresses of what the ledger publishes."""

from django.urls import path

from audit import views

app_name = "audit"

urlpatterns = [
    path("ledger/checkpoint", views.checkpoint, name="checkpoint"),
    path("ledger/checkpoint/<int:size>", views.checkpoint, name="checkpoint_of"),
    path("ledger/checkpoints", views.listed, name="checkpoints"),
    path("ledger/consistency/<int:old>/<int:new>", views.consistency, name="consistency"),
    path("ledger/key", views.key, name="key"),
]
