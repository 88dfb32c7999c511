"""guardian's permissions mirror standing custody of shared logins; whatever doesn't is named."""

from __future__ import annotations

from collections.abc import Iterator

from credentials.models import CredentialUserObjectPermission, Custody


def differences() -> Iterator[str]:
    """One sentence for each permission without custody and each custody without permission."""
    permissions = set(
        CredentialUserObjectPermission.objects.values_list("user_id", "content_object__account_id")
    )
    standing = set(
        Custody.objects.standing()
        .filter(channel=Custody.Channel.SHARED_LOGIN)
        .values_list("person_id", "account_id")
    )
    for person, account in sorted(permissions - standing):
        yield f"permission of person {person} on account {account}: there is no custody behind it"
    for person, account in sorted(standing - permissions):
        yield f"custody of person {person} on account {account}: the permission is missing"
