"""What the page of a rotation shows: its stages, whom each waits for, and what stands in the way of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from credentials import closing, earlier, entitlement, generation, hands, lapses, rotation, vault, ways
from credentials.forms.secrets import NewPasswordForm, ReconcileForm
from credentials.models import ClosingStep, Credential, Knowledge, Rotation, SecretVersion
from credentials.views import pictures, why
from employees.models import Employee


@dataclass
class Step:
    """One step in the picture: done, current or todo, and what is to be said beneath it."""

    label: str
    state: str
    says: str = ""


@dataclass
class Listed:
    """One line of the closing list: what was ticked, and what stands in its way."""

    step: str
    label: str
    help: str
    ticked: ClosingStep | None
    in_the_way: list[ways.DueWay]
    first: bool = False


def _steps(under_way: Rotation | None) -> list[Step]:
    labels = (
        _("New password made"),
        _("Shown"),
        _("Changed on the platform"),
        _("Verified"),
        _("All else looked at"),
    )
    done = pictures.step_of(under_way)
    says = _says(under_way) if under_way else []
    return [
        Step(
            label,
            "done" if place < done else "current" if place == done else "todo",
            says[place] if place < len(says) else "",
        )
        for place, label in enumerate(labels)
    ]


def _says(under_way: Rotation) -> list[str]:
    """By whom each finished step was done."""
    shown = (
        Knowledge.objects.filter(version=under_way.version_id, how=Knowledge.How.ROTATION)
        .select_related("person")
        .order_by("at", "pk")
        .first()
    )
    names = [under_way.started_by.name]
    names += [shown.person.name] if shown else []
    names += [under_way.claimed_by.name] if shown and under_way.claimed_by else []
    names += [under_way.verified_by.name] if len(names) == 3 and under_way.verified_by else []
    return names[: pictures.step_of(under_way)]


def _list(under_way: Rotation | None) -> list[Listed]:
    """The closing list of a verified rotation."""
    if under_way is None or under_way.state != Rotation.State.VERIFIED:
        return []
    ticked = {step.step: step for step in under_way.steps.select_related("by")}
    over = ways.due([under_way.item.credential.account])
    helps = {
        ClosingStep.Step.SESSIONS: _("In its settings, look for “log out of all other sessions”."),
        ClosingStep.Step.FACTORS: _(
            "Passkeys, security keys and telephones of people without access are removed."
        ),
        ClosingStep.Step.RECOVERY: _("The addresses and numbers that get the account back are the City’s."),
        ClosingStep.Step.APPS: _("Apps and tools that may post are ones that the City uses today."),
    }
    lines = [
        Listed(
            step.value,
            str(step.label),
            helps.get(step, ""),
            ticked.get(step),
            [one for one in over if one.way.kind in closing.REMOVES.get(step, ())],
        )
        for step in ClosingStep.Step
    ]
    for line in lines:
        if line.ticked is None:
            line.first = True
            break
    return lines


def context(person: Employee, credential: Credential, **more: Any) -> dict[str, Any]:
    picture = pictures.of(credential)
    told = why.Why([picture.due]) if picture.due else None
    under_way = picture.rotation or picture.unfinished
    claimed = under_way is not None and under_way.state == Rotation.State.CLAIMED
    return {
        "credential": credential,
        "account": credential.account,
        "picture": picture,
        "rotation": under_way,
        "for_it": entitlement.may_rotate(person),
        "candidates": hands.candidates(under_way) if under_way else [],
        "own": under_way is not None and under_way.in_hand.pk == person.pk,
        "why": told.of(picture.due) if told and picture.due else [],
        "steps": _steps(under_way),
        "has_seen": under_way is not None and rotation.has_seen(person, under_way),
        "verifiers": hands.verifiers(under_way) if under_way is not None and claimed else [],
        "changer": claimed and under_way is not None and _must_be_another(person, under_way),
        "gone": _gone(credential) if picture.rotation else [],
        "list": _list(under_way),
        "takes_words": generation.takes_words(credential.account.platform),
        "form": NewPasswordForm(),
        "reconcile_form": reconcile_form(picture.rotation),
        **more,
    }


def reconcile_form(under_way: Rotation | None, data: QueryDict | None = None) -> ReconcileForm | None:
    """With a choice for each version that the platform may have; None where nothing is to be found out."""
    if under_way is None or under_way.state != Rotation.State.UNKNOWN:
        return None
    numbers = earlier.kept(under_way.item).order_by("-number").values_list("number", flat=True)
    old = vault.current_version(under_way.item)
    return ReconcileForm(data, new=under_way.version.number, old=old.number if old else 0, earlier=numbers)


def _must_be_another(person: Employee, claimed: Rotation) -> bool:
    """Whether `person` changed it, where the City wants somebody else to verify."""
    return bool(settings.ROTATION_SECOND_PERSON) and claimed.claimed_by_id == person.pk


def _gone(credential: Credential) -> list[lapses.Lapse]:
    """Who saw the new password of the open rotation and has no authority any more, or had none for a while."""
    found = lapses.of([credential.account_id], state=SecretVersion.State.STAGED)
    return sorted(found.values(), key=lambda lapse: lapse.since)
