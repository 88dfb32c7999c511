"""Sealed notes of a credential: what custodians tell each other and nobody else should read. They have no versions."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from audit import clock
from audit.actions import Verb
from audit.errors import Invalid
from audit.ledger import record, service
from credentials import sealing, seals, startup, vault
from credentials.models import Credential, SealedNote
from employees.models import Employee

LONGEST = 4000


@service
@sensitive_variables()
def write(*, actor: Employee, credential: Credential, text: str) -> SealedNote:
    """Write the notes over. Changes no secret, so it settles nothing that is due. Raises NotPermitted, Invalid."""
    vault.ground_for(actor, credential)
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST or "\0" in text:
        raise Invalid(
            _("The notes are longer than 4,000 characters."), fields={"text": f"at most {LONGEST} characters"}
        )
    Credential.objects.select_for_update(no_key=True).get(pk=credential.pk)
    note = SealedNote.objects.select_related("credential").filter(credential=credential).first()
    if note is None:
        note = SealedNote(credential=credential, changed_by=actor, changed_at=clock.now())
        sealing.seal(note, text)
        note.save(force_insert=True)
    else:
        # The counter first: whoever seals the vault anew meanwhile loses, or was first and is read here.
        SealedNote.objects.filter(pk=note.pk).update(seal_counter=F("seal_counter") + 1)
        note.refresh_from_db()
        note.changed_by, note.changed_at = actor, clock.now()
        sealing.seal(note, text)
        note.save(update_fields=["token", "key_id", "changed_by", "changed_at"])
        seals.tell({str(note.pk): note.seal_counter}, actor=actor, key_id=note.key_id)
    record(Verb.NOTES_CHANGE, actor=actor, obj=credential, counter=note.seal_counter)
    return note


@sensitive_variables()
def read(*, actor: Employee, credential: Credential) -> str:
    """The notes, empty where there are none. Raises NotPermitted, VaultUnavailable. Not within a service."""
    vault.outside_of_services()
    startup.require_keys()
    note = _record_reading(actor=actor, credential=credential)
    return sealing.unseal(note) if note else ""


@service
def _record_reading(*, actor: Employee, credential: Credential) -> SealedNote | None:
    ground = vault.ground_for(actor, credential)
    note = SealedNote.objects.select_related("credential").filter(credential=credential).first()
    if note is not None:
        record(Verb.NOTES_SHOW, actor=actor, obj=credential, ground=ground)
    return note
