"""Addresses of the vault, of custody and of the access history."""

from django.urls import path

from credentials.views import (
    access,
    breakglass,
    custody,
    entries,
    queue,
    receipts,
    roles,
    rotation,
    telling,
    vault,
)

app_name = "credentials"

urlpatterns = [
    path("credentials/", vault.mine, name="mine"),
    path("credentials/queue/", queue.queue, name="queue"),
    path("credentials/queue/start/", queue.start_run, name="run_start"),
    path("credentials/queue/stop/", queue.stop_run, name="run_stop"),
    path("credentials/noted/", receipts.noted, name="noted"),
    path("credentials/emergencies/", breakglass.emergencies, name="emergencies"),
    path("credentials/emergencies/<int:pk>/", breakglass.emergency, name="emergency"),
    path("credentials/emergencies/<int:pk>/show/", breakglass.show_again, name="emergency_show"),
    path("credentials/<int:pk>/break-glass/", breakglass.break_glass, name="break_glass"),
    path("credentials/<int:pk>/", vault.credential, name="credential"),
    path("credentials/<int:pk>/reveal/", vault.reveal, name="reveal"),
    path("credentials/<int:pk>/deposit/", vault.deposit, name="deposit"),
    path("credentials/<int:pk>/report/", telling.report, name="report"),
    path("credentials/<int:pk>/told/", telling.told, name="told"),
    path("credentials/<int:pk>/rotate/", rotation.rotate, name="rotate"),
    path("credentials/<int:pk>/rotate/start/", rotation.start, name="rotation_start"),
    path("credentials/<int:pk>/rotate/show/", rotation.show, name="rotation_show"),
    path("credentials/<int:pk>/rotate/claim/", rotation.claim, name="rotation_claim"),
    path("credentials/<int:pk>/rotate/verify/", rotation.verify, name="rotation_verify"),
    path("credentials/<int:pk>/rotate/cancel/", rotation.cancel, name="rotation_cancel"),
    path("custody/", custody.overview, name="custody"),
    path("custody/<int:pk>/confirm/", custody.confirm_role, name="confirm_role"),
    path("custody/<int:pk>/removed/", custody.confirm_removal, name="confirm_removal"),
    path("custody/<int:pk>/close/", custody.close, name="custody_close"),
    path("custody/<int:pk>/take/", roles.take, name="role_take"),
    path("custody/accounts/<int:pk>/roles/", roles.roles, name="roles"),
    path("access/", access.access, name="access"),
    path("access/export/", access.export, name="export"),
    path("access/entries/", entries.entries, name="entries"),
    path("access/entries/<int:index>/", entries.entry, name="entry"),
]
