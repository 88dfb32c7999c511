"""Addresses of the vault, of custody and of the access history."""

from django.urls import path

from credentials.views import (
    access,
    custody,
    entries,
    queue,
    records,
    reviews,
    rotation,
    telling,
    timeline,
    vault,
)

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
    path("custody/", custody.overview, name="custody"),
    path("custody/<int:pk>/confirm/", custody.confirm_role, name="confirm_role"),
    path("custody/<int:pk>/removed/", custody.confirm_removal, name="confirm_removal"),
    path("access/", access.access, name="access"),
    path("access/export/", access.export, name="export"),
    path("access/export/<int:index>/manifest.json", entries.manifest, name="manifest"),
    path("access/entries/", entries.entries, name="entries"),
    path("access/entries/<int:index>/", entries.entry, name="entry"),
    path("access/<int:pk>/timeline/", timeline.of_account, name="timeline"),
    path("access/people/<int:pk>/timeline/", timeline.of_person, name="person_timeline"),
    path("access/records/", records.records_requests, name="records"),
    path("access/records/<int:pk>/", records.records_request, name="records_request"),
    path("access/records/<int:pk>/answer/", records.records_answer, name="records_answer"),
    path("access/retention/", records.retention, name="retention"),
    path("access/retention/<int:pk>/release/", records.release_hold, name="release_hold"),
    path("reviews/", reviews.campaigns, name="reviews"),
    path("reviews/<int:pk>/", reviews.review, name="review"),
    path("reviews/<int:pk>/close/", reviews.close, name="review_close"),
    path("reviews/<int:pk>/certificate/", reviews.certificate, name="review_certificate"),
    path("reviews/<int:pk>/export/", reviews.export, name="review_export"),
    path("reviews/items/<int:pk>/waive/", reviews.waive, name="review_waive"),
]
