"""The vault and custody: what is sealed, who holds access on what ground, and who knows which version."""

from __future__ import annotations

from typing import Any

from django.db import models

from credentials.models.contents import (
    DigestKey,
    RecoveryCodeUse,
    SealedNote,
    StaleCopy,
    WayIn,
    WayInQuerySet,
)
from credentials.models.custody import Custody, CustodyQuerySet, Grant, Ground, GroundQuerySet
from credentials.models.keeping import EmergencyAccess, Receipt
from credentials.models.records import LegalHold, RecordsRequest
from credentials.models.reviews import Campaign, ReviewItem
from credentials.models.rotation import ClosingStep, Rotation, RotationReport
from credentials.models.vault import (
    Credential,
    CredentialUserObjectPermission,
    Knowledge,
    Sealed,
    SecretItem,
    SecretVersion,
)

__all__ = [
    "Campaign",
    "ClosingStep",
    "Credential",
    "CredentialUserObjectPermission",
    "Custody",
    "CustodyQuerySet",
    "DigestKey",
    "EmergencyAccess",
    "Grant",
    "Ground",
    "GroundQuerySet",
    "Knowledge",
    "LegalHold",
    "Receipt",
    "RecordsRequest",
    "RecoveryCodeUse",
    "ReviewItem",
    "Rotation",
    "RotationReport",
    "Sealed",
    "SealedNote",
    "SecretItem",
    "SecretVersion",
    "StaleCopy",
    "WayIn",
    "WayInQuerySet",
    "replayed",
]


def replayed() -> list[tuple[type[models.Model], tuple[str, ...]]]:
    """The models that the ledger must be able to rebuild, and by which columns. Of a version, never its content."""
    columns: dict[type[models.Model], Any] = {
        Credential: ("account_id",),
        SecretItem: ("credential_id", "kind"),
        SecretVersion: (
            "item_id",
            "number",
            "state",
            "created_by_id",
            "current_from",
            "current_until",
            "mistyped_for_id",
        ),
        Rotation: (
            "item_id",
            "version_id",
            "state",
            "started_by_id",
            "started_at",
            "handed_to_id",
            "claimed_by_id",
            "verified_by_id",
            "verified_at",
            "closed_at",
        ),
        ClosingStep: ("rotation_id", "step", "outcome", "by_id", "at"),
        RecoveryCodeUse: ("version_id", "position", "used_by_id", "used_at"),
        StaleCopy: ("item_id", "reported_by_id", "reported_at", "settled_at"),
        WayIn: (
            "account_id",
            "kind",
            "holder_id",
            "personal",
            "since",
            "recorded_by_id",
            "ended_by_id",
            "ended_at",
        ),
        RotationReport: ("version_id", "reported_by_id", "at"),
        Knowledge: ("version_id", "person_id", "how", "at", "recorded_at"),
        Receipt: ("version_id", "person_id", "at"),
        EmergencyAccess: (
            "version_id",
            "code_use_id",
            "person_id",
            "opened_at",
            "until",
            "reviewed_by_id",
            "reviewed_at",
            "finding",
        ),
        Custody: (
            "account_id",
            "person_id",
            "channel",
            "platform_role",
            "opened_at",
            "opened_by_id",
            "closed_at",
            "closed_by_id",
            "end_reason",
            "present_confirmed_at",
            "removal_confirmed_at",
        ),
        Grant: ("account_id", "person_id", "request_id", "start", "end", "given_at", "ended_at"),
        Ground: (
            "custody_id",
            "kind",
            "source_id",
            "authority",
            "effective_from",
            "effective_until",
            "opened_at",
            "closed_at",
            "end_reason",
        ),
        Campaign: (
            "title",
            "state",
            "starts",
            "due",
            "planned_by_id",
            "opened_at",
            "closed_by_id",
            "closed_at",
        ),
        ReviewItem: (
            *("campaign_id", "custody_id", "person_id", "account_id", "mandated", "grounds", "held_since"),
            *("times_revealed", "last_revealed_at", "current_version", "knows_current", "level"),
            *("decision", "decided_by_id", "decided_at", "decided_as"),
            *("escalated_by_id", "escalated_at", "waived_by_id", "waived_at"),
        ),
        RecordsRequest: (
            "number",
            "received_on",
            "due_on",
            "state",
            "answered_by_id",
            "answered_at",
            "sha256",
        ),
        LegalHold: ("account_id", "matter", "placed_by_id", "placed_at", "released_by_id", "released_at"),
    }
    return list(columns.items())
