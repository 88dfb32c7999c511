"""Bringing the catalogue into the database, so that accounts can point at platforms. Runs after every migrate."""

from accounts.capabilities import OFFERS, PASSWORD_RULES
from accounts.catalogue import CATALOGUE
from accounts.models import Capability, Platform
from accounts.spec import Kind, Spec
from audit.actions import Verb
from audit.ledger import Recordable, record, service

TABLES = {"accounts_platform", "accounts_capability", "audit_entry"}
"""Without these, a migration is half-way or going backwards, and there is nothing to ship to."""


@service
def ship(*, actor: Recordable | None) -> list[Platform]:
    """Make the platforms and capabilities of the database those of the catalogue; returns the platforms changed.

    Nothing is removed: accounts and history may mention it. Idempotent.
    """
    standing = {platform.slug: platform for platform in Platform.objects.prefetch_related("capabilities")}
    changed = []
    for spec in CATALOGUE.values():
        platform = standing.get(spec.slug) or Platform(slug=spec.slug)
        differs = _describe(platform, spec)
        offers = _offer(
            platform, spec, {row.since: row for row in platform.capabilities.all()} if platform.pk else {}
        )
        if differs or offers:
            record(Verb.PLATFORM_SHIP, actor=actor, obj=platform, facts=offers)
            changed.append(platform)
    return changed


def _describe(platform: Platform, spec: Spec) -> bool:
    """Write what differs; whether anything did."""
    wanted = {
        "name": spec.name,
        "label": spec.label,
        "aliases": list(spec.aliases),
        "hosts": list(spec.hosts),
        "federated": spec.kind is Kind.FEDERATED,
        "case_sensitive": spec.case_kept is not None,
        "handle_pattern": spec.handle_pattern,
        "password_rules": PASSWORD_RULES[spec.slug],
    }
    different = [name for name, value in wanted.items() if getattr(platform, name) != value]
    for name in different:
        setattr(platform, name, wanted[name])
    if platform.pk is None:
        platform.save()
    elif different:
        platform.save(update_fields=different)
    return bool(different)


def _offer(platform: Platform, spec: Spec, standing: dict[object, Capability]) -> list[Capability]:
    """Write the capabilities that are missing or differ, and return them."""
    written = []
    for offer in OFFERS[spec.slug]:
        row = standing.get(offer.since) or Capability(platform=platform, since=offer.since)
        if row.pk is None or (row.owner_login, row.roles) != (offer.owner_login, offer.roles_as_data()):
            row.owner_login, row.roles = offer.owner_login, offer.roles_as_data()
            row.save()
            written.append(row)
    return written
