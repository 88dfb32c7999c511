"""Addresses of the vault, of custody and of the access history."""

from django.urls import path

from credentials.views import access, contents, custody, entries, queue, rotation, telling, vault

app_name = "credentials"

urlpatterns = [
    path("credentials/", vault.mine, name="mine"),
    path("credentials/queue/", queue.queue, name="queue"),
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
    path("credentials/<int:pk>/rotate/unknown/", rotation.lose, name="rotation_lose"),
    path("credentials/<int:pk>/rotate/reconcile/", rotation.reconcile, name="rotation_reconcile"),
    path("credentials/<int:pk>/rotate/tick/", rotation.tick, name="rotation_tick"),
    path("credentials/<int:pk>/rotate/kept/", rotation.kept, name="rotation_kept"),
    path("credentials/<int:pk>/code/", contents.code, name="code"),
    path("credentials/<int:pk>/recovery-code/", contents.recovery_code, name="recovery_code"),
    path("credentials/<int:pk>/answers/", contents.security_answers, name="security_answers"),
    path("credentials/<int:pk>/notes/", contents.read_notes, name="notes"),
    path("credentials/<int:pk>/notes/write/", contents.write_notes, name="write_notes"),
    path("credentials/<int:pk>/correct/", contents.correct, name="correct"),
    path("credentials/<int:pk>/changed/", contents.changed, name="changed"),
    path("credentials/<int:pk>/changed/withdraw/", contents.not_changed, name="not_changed"),
    path("credentials/<int:pk>/items/<slug:kind>/", contents.deposit_item, name="deposit_item"),
    path("ways-in/<int:pk>/", contents.ways_in, name="ways"),
    path("ways-in/<int:pk>/<int:way>/gone/", contents.way_gone, name="way_gone"),
    path("custody/", custody.overview, name="custody"),
    path("custody/<int:pk>/confirm/", custody.confirm_role, name="confirm_role"),
    path("custody/<int:pk>/removed/", custody.confirm_removal, name="confirm_removal"),
    path("access/", access.access, name="access"),
    path("access/export/", access.export, name="export"),
    path("access/entries/", entries.entries, name="entries"),
    path("access/entries/<int:index>/", entries.entry, name="entry"),
]
