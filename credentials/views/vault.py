"""What one holds, one credential, its reveal and its deposit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_safe

from accounts.models import Account
from audit.errors import Refused
from credentials import breakglass, dues, entitlement, hands, receipts, sharing, vault, warnings
from credentials.forms import answer
from credentials.forms.secrets import DepositForm
from credentials.models import Custody, Ground, SecretVersion
from credentials.views import pictures
from credentials.views.doors import person_of, secretive, seen, staff, whole
from employees import authority, limits
from employees.models import Employee
from employees.stepup import needs_recent_factor, used_factor

PAGE = 50
"""Custodies on one page."""


@require_safe
@staff
def mine(request: HttpRequest) -> HttpResponse:
    """What the signed-in person holds now, through either channel."""
    person = person_of(request)
    held = Custody.objects.in_force().filter(person=person, person__is_active=True)
    roles = Count("pk", filter=Q(channel=Custody.Channel.PLATFORM_ROLE))
    totals = held.aggregate(all=Count("pk"), roles=roles)
    query, after = request.GET.get("q", "").replace("\0", "").strip(), whole(request.GET.get("after", ""))
    chosen = _named(held, query)
    rows = list(_after(chosen, after)[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    context = {
        "rows": _rows(rows),
        "total": totals["all"],
        "roles": totals["roles"],
        "logins": totals["all"] - totals["roles"],
        "found": chosen.count() if query else totals["all"],
        "query": query,
        "searchable": totals["all"] > PAGE or query,
        "for_it": entitlement.may_rotate(person),
        "sees_custody": bool(totals["all"]) or authority.sees_everything(person),
        "next_page": f"?{urlencode({'q': query, 'after': rows[-1].account_id})}" if more else "",
        "first_page": f"?{urlencode({'q': query})}" if after else "",
    }
    context["owed"] = receipts.count(person)
    if context["for_it"]:
        context["due_count"] = dues.count()
    return render(request, "credentials/mine.html", context)


def _named(held: Any, query: str) -> Any:
    if not query:
        return held
    text = query.removeprefix("@")
    return held.filter(
        Q(account__name__icontains=text)
        | Q(account__handle__icontains=text)
        | Q(account__department__name__icontains=text)
    )


def _after(held: Any, account: int) -> Any:
    """`held` in the order of accounts' names, from the one after the account with this id."""
    ordered = held.order_by("account__name", "account_id")
    last = Account.objects.filter(pk=account).first()
    if last is not None:
        ordered = ordered.filter(
            Q(account__name__gt=last.name) | Q(account__name=last.name, account_id__gt=last.pk)
        )
    in_force = Prefetch("grounds", Ground.objects.in_force(), to_attr="grounds_now")
    related = ordered.select_related("account__platform", "account__department", "account__credential")
    return related.prefetch_related(in_force)


def _rows(custodies: Sequence[Custody]) -> list[dict[str, Any]]:
    """Each custody with its credential, the current version and whether a rotation is due. A fixed count of queries."""
    accounts = [custody.account for custody in custodies]
    due = {one.account.pk for one in dues.queue(accounts)}
    current = SecretVersion.objects.filter(
        state=SecretVersion.State.CURRENT, item__credential__account__in=accounts, item__kind="password"
    ).defer("token")
    versions = {one.item.credential.account_id: one for one in current.select_related("item__credential")}
    return [
        {
            "custody": custody,
            "account": custody.account,
            "credential": getattr(custody.account, "credential", None),
            "version": versions.get(custody.account_id),
            "due": custody.account_id in due,
            "shared": custody.channel == Custody.Channel.SHARED_LOGIN,
        }
        for custody in custodies
    ]


@require_safe
@staff
def credential(request: HttpRequest, pk: int) -> HttpResponse:
    """One credential: who knows its password, who holds it, and the form that reveals it."""
    shown, person = seen(request, pk), person_of(request)
    picture = pictures.of(shown)
    for_it, may_deposit = entitlement.may_rotate(person), vault.may_deposit(person, shown)
    in_my_hands = picture.rotation is not None and hands.may_carry_out(person, picture.rotation)
    context = {
        "picture": picture,
        "credential": shown,
        "account": shown.account,
        "ground": entitlement.ground_to_reveal(person, shown),
        "for_it": for_it,
        "in_my_hands": in_my_hands,
        "may_deposit": picture.rotation is None and may_deposit,
        "may_report": picture.current is not None and may_deposit,
        "next": _next(picture, for_it=for_it, in_my_hands=in_my_hands, may_deposit=may_deposit),
        "steps_done": pictures.step_of(picture.rotation),
        "may_break": breakglass.may_break(person, shown.account),
        "thin": warnings.of_account(shown.account),
        "outgrown": next(iter(sharing.outgrown([shown.account])), None),
        "kept": receipts.kept(shown.account),
        "came_with_factor": used_factor(request),
        "said_stale": any(one.reported_by_id == person.pk for one in picture.stale),
        "mine": [row for knower in picture.knowers if knower.person.pk == person.pk for row in knower.rows],
    }
    return render(request, "credentials/credential.html", context)


def _next(picture: pictures.Picture, *, for_it: bool, in_my_hands: bool, may_deposit: bool) -> str:
    """The one thing that comes first on the page: what is to be rotated must be what opens the account."""
    if picture.stale and picture.rotation is None and may_deposit:
        return "deposit"
    if for_it and picture.due:
        return "rotate"
    return "go_on" if in_my_hands and not for_it else "reveal"


@sensitive_post_parameters()
@staff
@needs_recent_factor("credentials:credential")
@sensitive_variables()
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """The current password, to who has a ground, after a second factor. Only by POST: no address shows a secret."""
    found = seen(request, pk)
    if request.method != "POST":
        return redirect("credentials:credential", pk=pk)
    person: Employee = person_of(request)
    if limits.exceeded(request, "reveal"):
        return limits.refuse(request)
    shown = vault.reveal(actor=person, credential=found)
    context = {"credential": found, "account": found.account, "shown": shown}
    return secretive(render(request, "credentials/revealed.html", context))


@sensitive_post_parameters()
@staff
@needs_recent_factor()
@sensitive_variables()
def deposit(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the login and password that the platform accepts now into the vault."""
    found = seen(request, pk)
    person = person_of(request)
    authority.require(
        vault.may_deposit(person, found),
        _("Only who holds this account, or Information Technology, can deposit its password."),
    )
    form = DepositForm(request.POST or None, initial={"login": found.login})
    state = found.account.state
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            version = vault.deposit(
                actor=person, credential=found, login=data["login"], value=data["password"]
            )
        except Refused as refusal:
            answer(form, refusal)
        else:
            messages.success(request, _deposited(found.account, state, version))
            return redirect("credentials:credential", pk=pk)
    picture = pictures.of(found)
    context = {
        "form": form,
        "credential": found,
        "account": found.account,
        "picture": picture,
        "said_by": ", ".join(
            one.reported_by.name for one in picture.stale if one.reported_by_id != person.pk
        ),
        "next_number": (picture.versions[0].number if picture.versions else 0) + 1,
    }
    return render(request, "credentials/deposit.html", context)


def _deposited(account: Account, before: str, version: SecretVersion) -> str:
    account.refresh_from_db()
    names = {"number": version.number, "account": account.display}
    if before != account.state:
        text = _("Version %(number)d of the password of %(account)s is deposited. The account is active now.")
    else:
        text = _("Version %(number)d of the password of %(account)s is deposited and current.")
    return text % names
