"""Earlier passwords that are kept, because the platform may have one of them."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from audit.actions import Verb
from audit.errors import Refused
from audit.ledger import record, service
from credentials import hands, knowledge, startup, vault
from credentials.models import Credential, Knowledge, Rotation, SecretItem, SecretVersion
from credentials.vault import Shown
from employees.models import Employee


def kept(item: SecretItem) -> QuerySet[SecretVersion]:
    """Earlier versions that the platform may have: the previous one, and all since the last verified, that included.

    What was deposited is somebody's word, and may have been meant for another account: until somebody signs in and
    verifies, no number of deposits puts an earlier password out of reach.
    """
    last = (
        Rotation.objects.filter(item=item, state=Rotation.State.VERIFIED).order_by("-version__number").first()
    )
    since = last.version.number if last else 0
    versions = SecretVersion.objects.filter(item=item)
    return versions.filter(state=SecretVersion.State.PREVIOUS) | versions.filter(
        state__in=(SecretVersion.State.RETIRED, SecretVersion.State.ABANDONED), number__gte=since
    )


@sensitive_variables()
def look_back(*, actor: Employee, credential: Credential) -> list[Shown]:
    """Earlier versions that are kept, for Information Technology when the current one opens nothing.

    Raises NotPermitted, Refused (none is kept), VaultUnavailable. Must not be called within a service.
    """
    vault.outside_of_services()
    startup.require_keys()
    return vault.opened(_record_look_back(actor=actor, credential=credential))


@service
def _record_look_back(*, actor: Employee, credential: Credential) -> list[SecretVersion]:
    hands.require_it(actor)
    versions = list(kept(vault.item_of(credential)).select_related("item__credential").order_by("number"))
    if not versions:
        raise Refused(_("No earlier password is kept."))
    known = knowledge.note(versions, actor, Knowledge.How.ROTATION)
    numbers = [version.number for version in versions]
    record(Verb.ROTATION_LOOK_BACK, actor=actor, obj=credential, facts=known, versions=numbers)
    return versions
