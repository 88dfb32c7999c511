"""What else lies in the demonstration's vault: seeds, recovery codes, answers, notes, and the other ways in."""

from __future__ import annotations

import base64
import secrets

from accounts.models import Account
from config.demonstration.stage import Stage
from credentials import codes, notes, stale, vault, ways

FOUNDED = 594  # days before today: the vault was new
Kind = vault.Kind
Way = ways.Kind


def _seed() -> str:
    return base64.b32encode(secrets.token_bytes(20)).decode()


def _codes(count: int = 8) -> str:
    return "\n".join(f"{secrets.token_hex(2)}-{secrets.token_hex(2)}" for _ in range(count))


def early(stage: Stage) -> None:
    """What custodians put in when the vault was new, and what they found in the accounts' settings."""
    with stage.on(FOUNDED, "11:00"):
        for by, reference in (("marcus", "x:HutchGov"), ("helen", "x:HutchZoo"), ("ray", "x:HutchFireDept")):
            for kind, typed in ((Kind.TOTP_SEED, _seed()), (Kind.RECOVERY_CODES, _codes())):
                vault.deposit_item(
                    actor=stage[by], credential=stage.credential(reference), kind=kind, typed=typed
                )
        vault.deposit_item(
            actor=stage["sam"],
            credential=stage.credential("youtube:@CityOfHutchTV"),
            kind=Kind.SECURITY_ANSWERS,
            typed=f"First street = {secrets.token_hex(5)}\nFirst teacher = {secrets.token_hex(5)}",
        )
        for by, reference, way, detail, holder in (
            ("ruth", "x:HutchGov", Way.RECOVERY_MAILBOX, "social-recovery@hutch.example", None),
            ("ruth", "x:HutchGov", Way.RECOVERY_PHONE, "(620) 555-0142, front desk", None),
            ("ruth", "x:HutchGov", Way.CONNECTED_APP, "Scheduling tool of Public Information", None),
            ("helen", "x:HutchZoo", Way.RECOVERY_MAILBOX, "zoo-recovery@hutch.example", None),
            ("helen", "x:HutchZoo", Way.SECURITY_KEY, "Key in the zoo's safe", "helen"),
            ("sam", "youtube:@CityOfHutchTV", Way.CARRIER, "Google account video@hutch.example", None),
        ):
            ways.add(
                actor=stage[by],
                account=stage.account(reference),
                kind=way,
                detail=detail,
                holder=stage[holder] if holder else None,
            )
        for account in Account.objects.filter(platform__slug="facebook"):
            ways.add(
                actor=stage["sam"],
                account=account,
                kind=Way.CARRIER,
                detail="Meta business portfolio of the City",
            )


def found(stage: Stage) -> None:
    """A passkey that will outlive its holder's access, a private telephone; a code, a recovery code and notes."""
    zoo, gov, works = (stage.credential(f"x:{handle}") for handle in ("HutchZoo", "HutchGov", "HutchWorks"))
    with stage.on(60, "10:20"):
        ways.add(
            actor=stage["joel"],
            account=gov.account,
            kind=Way.PASSKEY,
            detail="Joel’s laptop",
            holder=stage["joel"],
        )
        ways.add(
            actor=stage["omar"],
            account=works.account,
            kind=Way.RECOVERY_PHONE,
            detail="(620) 555-0177",
            holder=stage["omar"],
            personal=True,
        )
    with stage.on(30, "08:45"):
        codes.current(actor=stage["priya"], credential=zoo)
        codes.take(actor=stage["priya"], credential=zoo)
        notes.write(
            actor=stage["priya"],
            credential=zoo,
            text="X asks for the code on the zoo's telephone first. Choose “another way”, then type the one from here.",
        )


def lately(stage: Stage) -> None:
    """A copy that is stale."""
    with stage.on(0, "07:40"):
        stale.report(
            actor=stage["omar"],
            credential=stage.credential("x:HutchWorks"),
            reason="X forced a new password; I set it on the telephone.",
        )
