"""How each kind of secret is typed, kept and read: one text a version, whatever the kind."""

from __future__ import annotations

import json

from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from audit.errors import Invalid
from credentials import totp
from credentials.models import SecretItem

MOST_CODES = 50
MOST_ANSWERS = 20
LONGEST = 200


@sensitive_variables()
def packed(kind: str, typed: str) -> str:
    """`typed` as it is sealed. Passwords are kept as they are. Raises Invalid, which never repeats it."""
    if kind == SecretItem.Kind.TOTP_SEED:
        return totp.parse(typed).dumps()
    if kind == SecretItem.Kind.RECOVERY_CODES:
        return json.dumps(_codes(typed))
    if kind == SecretItem.Kind.SECURITY_ANSWERS:
        return json.dumps(_answers(typed))
    return typed


@sensitive_variables()
def _codes(typed: str) -> list[str]:
    codes = list(dict.fromkeys(line.strip() for line in typed.splitlines() if line.strip()))
    if (
        not codes
        or len(codes) > MOST_CODES
        or any(len(code) > 64 or not code.isprintable() for code in codes)
    ):
        raise Invalid(
            _("Paste the recovery codes, one on each line, as the platform shows them."),
            fields={"value": f"1 to {MOST_CODES} codes, one a line"},
        )
    return codes


@sensitive_variables()
def _answers(typed: str) -> list[list[str]]:
    pairs: list[list[str]] = []
    for line in (line.strip() for line in typed.splitlines()):
        question, equals, answer = (part.strip() for part in line.partition("="))
        if line and not (question and equals and answer and len(line) <= LONGEST and line.isprintable()):
            pairs = []
            break
        if line:
            pairs.append([question, answer])
    if not 0 < len(pairs) <= MOST_ANSWERS:
        raise Invalid(
            _("Type one question a line, an equals sign, and the answer that the platform has."),
            fields={"value": "question = answer, one a line"},
        )
    return pairs


@sensitive_variables()
def parts(kind: str, value: str) -> list[str]:
    """What of a version opens something by itself: the seed, each code, each question with its answer."""
    if kind == SecretItem.Kind.TOTP_SEED:
        return [totp.Seed.loads(value).secret]
    if kind == SecretItem.Kind.RECOVERY_CODES:
        return codes(value)
    return [json.dumps(pair) for pair in answers(value)]


@sensitive_variables()
def without(value: str, gone: set[str]) -> str:
    """Recovery codes without those that are `gone`; empty where none is left."""
    left = [code for code in codes(value) if code not in gone]
    return json.dumps(left) if left else ""


@sensitive_variables()
def codes(value: str) -> list[str]:
    """The recovery codes of a version."""
    return [str(code) for code in json.loads(value)]


@sensitive_variables()
def answers(value: str) -> list[tuple[str, str]]:
    """The questions and answers of a version."""
    return [(str(question), str(answer)) for question, answer in json.loads(value)]
