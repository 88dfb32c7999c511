"""What lies in the vault beside the password: codes, recovery codes, answers, notes; and every other way in."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from accounts.models import Account
from audit.denials import absent
from audit.errors import NotPermitted, Refused
from credentials import codes, entitlement, logins, notes, stale, vault, ways
from credentials.forms import answer
from credentials.forms.holding import ReasonForm, WayForm
from credentials.forms.secrets import CorrectForm, ItemForm, NotesForm
from credentials.models import Credential, SecretItem, WayIn
from credentials.views.doors import person_of, secretive, seen, staff
from employees import authority, limits
from employees.stepup import confirm_link, needs_recent_factor, send_to_confirm, used_factor, used_recently

Kind = SecretItem.Kind
MAY_NOT = "Only who holds this account, or Information Technology, can do this."


@sensitive_post_parameters()
@staff
@sensitive_variables()
def code(request: HttpRequest, pk: int) -> HttpResponse:
    """The one-time code of now, to who has a ground and came in with a second factor. Only by POST."""
    found = seen(request, pk)
    if request.method != "POST":
        return redirect("credentials:credential", pk=pk)
    if not used_factor(request):
        return send_to_confirm(request, request.path.removesuffix("code/"))
    if limits.exceeded(request, "reveal"):
        return limits.refuse(request)
    now = codes.current(actor=person_of(request), credential=found)
    context = {"credential": found, "account": found.account, "code": now}
    return secretive(render(request, "credentials/code.html", context))


@sensitive_post_parameters()
@staff
@needs_recent_factor("credentials:credential")
@sensitive_variables()
def recovery_code(request: HttpRequest, pk: int) -> HttpResponse:
    """The next recovery code, which is struck off. Only by POST."""
    found = seen(request, pk)
    if request.method != "POST":
        return redirect("credentials:credential", pk=pk)
    if limits.exceeded(request, "reveal"):
        return limits.refuse(request)
    taken = codes.take(actor=person_of(request), credential=found)
    context = {"credential": found, "account": found.account, "taken": taken}
    return secretive(render(request, "credentials/recovery_code.html", context))


@sensitive_post_parameters()
@staff
@needs_recent_factor("credentials:credential")
@sensitive_variables()
def security_answers(request: HttpRequest, pk: int) -> HttpResponse:
    """The security answers. Only by POST."""
    found = seen(request, pk)
    if request.method != "POST":
        return redirect("credentials:credential", pk=pk)
    if limits.exceeded(request, "reveal"):
        return limits.refuse(request)
    shown = vault.reveal(actor=person_of(request), credential=found, kind=Kind.SECURITY_ANSWERS)
    context = {"credential": found, "account": found.account, "shown": shown}
    return secretive(render(request, "credentials/answers.html", context))


@sensitive_post_parameters()
@staff
@needs_recent_factor()
@sensitive_variables()
def deposit_item(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Put a seed, recovery codes or answers into the vault, as the platform gave them."""
    found, person = seen(request, pk), person_of(request)
    if kind not in Kind.values or kind == Kind.PASSWORD:
        raise Http404
    authority.require(vault.may_deposit(person, found), _(MAY_NOT))
    form = ItemForm(request.POST or None, kind=kind)
    if request.method == "POST" and form.is_valid():
        try:
            version = vault.deposit_item(
                actor=person, credential=found, kind=kind, typed=form.cleaned_data["value"]
            )
        except Refused as refusal:
            answer(form, refusal)
        else:
            text = _("%(what)s, version %(number)d, is deposited and current.")
            messages.success(request, text % {"what": Kind(kind).label, "number": version.number})
            return redirect("credentials:credential", pk=pk)
    item = SecretItem.objects.filter(credential=found, kind=kind).first()
    context = {
        "form": form,
        "credential": found,
        "account": found.account,
        "kind": Kind(kind),
        "current": vault.current_version(item) if item else None,
    }
    return render(request, "credentials/deposit_item.html", context)


@sensitive_post_parameters()
@staff
@needs_recent_factor()
@sensitive_variables()
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a mistyped deposit right."""
    found, person = seen(request, pk), person_of(request)
    authority.require(vault.may_deposit(person, found), _(MAY_NOT))
    current = vault.current_version(vault.item_of(found))
    if current is None:
        raise Http404
    form = CorrectForm(request.POST or None, initial={"login": found.login})
    if request.method == "POST" and form.is_valid():
        login, value = form.cleaned_data["login"], form.cleaned_data["password"]
        try:
            # The password first: where it is refused, the page says so and nothing is half done.
            version = vault.correct(actor=person, credential=found, value=value) if value else None
            renamed = logins.rename(actor=person, credential=found, login=login)
        except Refused as refusal:
            answer(form, refusal)
        else:
            if version is not None:
                text = _(
                    "Version %(number)d holds it as the platform has it. Whoever knew version %(old)d is down for it."
                )
                messages.success(request, text % {"number": version.number, "old": current.number})
            if renamed:
                messages.success(request, _("The login name is put right. The password stays as it was."))
            return redirect("credentials:credential", pk=pk)
    context = {"form": form, "credential": found, "account": found.account, "version": current}
    return render(request, "credentials/correct.html", context)


@staff
def changed(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the password was changed on the platform and is not deposited yet."""
    found, person = seen(request, pk), person_of(request)
    authority.require(vault.may_deposit(person, found), _(MAY_NOT))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            stale.report(actor=person, credential=found, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            answer(form, refusal)
        else:
            text = _(
                "Written down. The PI Director and Information Technology see that the vault’s copy is stale until the "
                "new password is deposited."
            )
            messages.success(request, text)
            return redirect("credentials:credential", pk=pk)
    context = {"form": form, "credential": found, "account": found.account}
    return render(request, "credentials/changed.html", context)


@require_POST
@staff
def not_changed(request: HttpRequest, pk: int) -> HttpResponse:
    """It was not changed on the platform after all."""
    found, person = seen(request, pk), person_of(request)
    authority.require(vault.may_deposit(person, found), _(MAY_NOT))
    said = list(stale.standing([found.account]).filter(item__kind=SecretItem.Kind.PASSWORD))
    own = [one for one in said if one.reported_by_id == person.pk]
    for one in own or said:
        stale.withdraw(actor=person, copy=one)
    others = ", ".join(one.reported_by.name for one in said if one not in own)
    if not said:
        messages.warning(request, _("The vault’s copy is not stale."))
    elif own and others:
        text = _("What you said is taken back. What %(names)s said stands: the vault’s copy is stale.")
        messages.warning(request, text % {"names": others})
    elif own:
        messages.success(request, _("Written down. The vault’s copy counts as right again."))
    else:
        text = _(
            "Written down, over your name: what %(names)s said does not count. The vault’s copy is right."
        )
        messages.success(request, text % {"names": others})
    return redirect("credentials:credential", pk=pk)


@sensitive_post_parameters()
@staff
@needs_recent_factor("credentials:credential")
@sensitive_variables()
def read_notes(request: HttpRequest, pk: int) -> HttpResponse:
    """The notes, to read and to change. Only by POST."""
    found, person = seen(request, pk), person_of(request)
    if request.method != "POST":
        return redirect("credentials:credential", pk=pk)
    if limits.exceeded(request, "reveal"):
        return limits.refuse(request)
    form = NotesForm(initial={"text": notes.read(actor=person, credential=found)})
    return _notes_page(request, found, form)


@sensitive_post_parameters()
@require_POST
@staff
@sensitive_variables()
def write_notes(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the notes over.

    Who comes too late for the second factor gets back what they typed, in the page and nowhere else: a session would
    hold it unsealed.
    """
    found, person = seen(request, pk), person_of(request)
    vault.ground_for(person, found)
    form = NotesForm(request.POST)
    if not used_recently(request):
        return _notes_page(
            request, found, form, confirm=confirm_link(request, reverse("credentials:credential", args=[pk]))
        )
    if form.is_valid():
        try:
            notes.write(actor=person, credential=found, text=form.cleaned_data["text"])
        except Refused as refusal:
            answer(form, refusal)
        else:
            messages.success(request, _("The notes are sealed."))
            return redirect("credentials:credential", pk=pk)
    return _notes_page(request, found, form)


@sensitive_variables()
def _notes_page(
    request: HttpRequest, found: Credential, form: NotesForm, *, confirm: str = ""
) -> HttpResponse:
    """Kept by nobody; its own address says nothing, and its form wants the site's referrer policy.

    `confirm`: where one confirms first, in another tab, while what was typed stays in this one.
    """
    context = {
        "credential": found,
        "account": found.account,
        "form": form,
        "confirm": confirm,
        "minutes": settings.STEP_UP_SECONDS // 60,
    }
    response = render(
        request, "credentials/notes.html", context, status=422 if form.errors or confirm else 200
    )
    patch_cache_control(response, no_store=True, private=True)
    return response


def _account(request: HttpRequest, pk: int) -> Account:
    """The account with this id, for who may see its custody; for others it is not there."""
    found = Account.objects.select_related("platform", "department").filter(pk=pk).first()
    if found is None or not entitlement.may_see(person_of(request), found):
        raise absent(hidden=found)
    return found


@staff
@needs_recent_factor()
def ways_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything else that opens an account, and the form that records more of it."""
    account, person = _account(request, pk), person_of(request)
    may = ways.may_record(person, account)
    form = WayForm(request.POST or None)
    if request.method == "POST":
        authority.require(may, _(MAY_NOT))
        if form.is_valid():
            data = form.cleaned_data
            try:
                ways.add(
                    actor=person,
                    account=account,
                    kind=data["kind"],
                    detail=data["detail"],
                    holder=data["holder"],
                    personal=data["personal"],
                    since=data["since"],
                )
            except Refused as refusal:
                answer(form, refusal)
            else:
                messages.success(request, _("It is recorded."))
                return redirect("credentials:ways", pk=pk)
    due = {one.way.pk for one in ways.due([account])}
    context = {
        "account": account,
        "credential": getattr(account, "credential", None),
        "rows": [{"way": way, "due": way.pk in due} for way in ways.standing([account])],
        "gone": WayIn.objects.filter(account=account)
        .exclude(ended_at=None)
        .select_related("holder", "ended_by"),
        "form": form,
        "may": may,
    }
    return render(request, "credentials/ways.html", context)


@require_POST
@staff
@needs_recent_factor("credentials:ways")
def way_gone(request: HttpRequest, pk: int, way: int) -> HttpResponse:
    """The platform no longer takes it."""
    account = _account(request, pk)
    found = get_object_or_404(WayIn, pk=way, account=account)
    try:
        ways.end(actor=person_of(request), way=found)
    except Refused as refusal:
        if isinstance(refusal, NotPermitted):
            raise
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("It is off the list."))
    credential = getattr(account, "credential", None)
    if request.POST.get("back") == "rotate" and credential is not None:
        return redirect("credentials:rotate", pk=credential.pk)
    return redirect("credentials:ways", pk=pk)
