"""Which account somebody means when they write `x:cityparks`, an address, or a number."""

from accounts import canonical, platforms
from accounts.catalogue import CATALOGUE
from accounts.models import Account, Handle
from audit.errors import Invalid

EXPECTED = "An account is named platform:handle, such as x:cityparks, or by its number."


def find(reference: str) -> Account:
    """The account that `reference` names. Raises Invalid with what was expected."""
    text = reference.strip()
    if text.isdecimal() and text.isascii():
        found = Account.objects.select_related("platform", "department").filter(pk=int(text[:18])).first()
        if found is None:
            raise _unknown(f"No account has the number {text}.")
        return found
    name, colon, handle = text.partition(":")
    spec = platforms.named(name)
    if not colon or spec is None:
        known = ", ".join(sorted(CATALOGUE))
        raise _unknown(f"“{reference}” names no account. {EXPECTED} Platforms: {known}.")
    identity = canonical.identify(spec.slug, handle, field="account")
    return _by_key(spec.slug, identity.key, f"No account {spec.slug}:{identity.handle} is in the registry.")


def _by_key(slug: str, key: str, missing: str) -> Account:
    rows = Account.objects.select_related("platform", "department").filter(platform__slug=slug)
    found = sorted(rows.filter(key=key), key=lambda account: account.state == Account.State.RETIRED)
    if not found:
        earlier = Handle.objects.filter(account__platform__slug=slug, key=key).values("account")
        found = list(rows.filter(pk__in=earlier))
    if not found:
        raise _unknown(missing)
    if len(found) > 1 and found[0].state == Account.State.RETIRED:
        numbers = ", ".join(str(account.pk) for account in found)
        raise _unknown(f"Several retired accounts had this handle; name one by its number: {numbers}.")
    return found[0]


def _unknown(message: str) -> Invalid:
    return Invalid(message, fields={"account": message})
