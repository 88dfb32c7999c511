"""One rotation, step by step. For Information Technology."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from audit.errors import ConflictOfInterest, NotPermitted, Refused, Stale
from credentials import closing, earlier, entitlement, generation, hands, rotation, vault
from credentials.forms import answer
from credentials.forms.secrets import NewPasswordForm
from credentials.models import Credential, Rotation
from credentials.views import runs, stages, why
from credentials.views.doors import person_of, secretive, seen, staff, whole
from employees import authority, limits
from employees.models import Employee
from employees.stepup import needs_recent_factor


def require_it(person: Employee) -> None:
    authority.require(
        entitlement.may_rotate(person), _("Shared passwords are rotated by Information Technology.")
    )


def require_hand(person: Employee, credential: Credential) -> None:
    """Information Technology, and who was handed this credential's rotation."""
    under_way = rotation.open_rotation(credential) or rotation.unfinished([credential.account]).first()
    if under_way is None or not hands.may_carry_out(person, under_way):
        require_it(person)


@require_safe
@staff
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the rotation of this password stands, and its next step."""
    found, person = seen(request, pk), person_of(request)
    require_hand(person, found)
    context = stages.context(person, found, run=runs.of(request, found))
    return render(request, "credentials/rotate.html", context)


def _under_way(credential: Credential) -> Rotation:
    found = rotation.open_rotation(credential)
    if found is None:
        raise Stale(_("No rotation of this password is open any more. Look at the account's page."))
    return found


@sensitive_post_parameters()
@require_POST
@staff
@needs_recent_factor("credentials:rotate")
@sensitive_variables()
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the new password, or take a typed one, and seal it."""
    found, person = seen(request, pk), person_of(request)
    require_it(person)
    form = NewPasswordForm(request.POST)
    if not form.is_valid():
        return render(
            request, "credentials/rotate.html", stages.context(person, found, form=form), status=400
        )
    style, typed = form.cleaned_data["style"] or generation.PASSWORD, form.cleaned_data["password"] or None
    try:
        rotation.start(
            actor=person,
            credential=found,
            style=style,
            typed=typed if style == NewPasswordForm.TYPED else None,
        )
    except Stale as stale:
        messages.warning(request, str(stale))
    except Refused as refusal:
        if not getattr(refusal, "fields", None):
            raise
        answer(form, refusal)
        return render(
            request, "credentials/rotate.html", stages.context(person, found, form=form), status=400
        )
    else:
        messages.success(request, _("A new password is made and sealed. Nobody has seen it yet."))
    return redirect("credentials:rotate", pk=pk)


@sensitive_post_parameters()
@staff
@needs_recent_factor("credentials:rotate")
@sensitive_variables()
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The current and the new password, after a second factor. Only by POST."""
    found, person = seen(request, pk), person_of(request)
    if request.method != "POST":
        return redirect("credentials:rotate", pk=pk)
    require_hand(person, found)
    if limits.exceeded(request, "reveal"):
        return limits.refuse(request)
    shown = rotation.show(actor=person, rotation=_under_way(found))
    context = stages.context(person, found, shown=shown, run=runs.of(request, found))
    return secretive(render(request, "credentials/rotation_shown.html", context))


@sensitive_post_parameters()
@staff
@needs_recent_factor("credentials:rotate")
@sensitive_variables()
def kept(request: HttpRequest, pk: int) -> HttpResponse:
    """Earlier passwords that are kept, when the current one opens nothing. Only by POST."""
    found, person = seen(request, pk), person_of(request)
    if request.method != "POST":
        return redirect("credentials:rotate", pk=pk)
    require_it(person)
    if limits.exceeded(request, "reveal"):
        return limits.refuse(request)
    shown = earlier.look_back(actor=person, credential=found)
    return secretive(
        render(
            request, "credentials/kept.html", {"credential": found, "account": found.account, "shown": shown}
        )
    )


def _step(
    request: HttpRequest,
    pk: int,
    act: Callable[[Employee, Rotation], object],
    text: str | Callable[[Rotation], str],
) -> HttpResponse:
    """Do `act` with the open rotation, say `text`, and go on with the page of the rotation."""
    found, person = seen(request, pk), person_of(request)
    require_hand(person, found)
    try:
        under_way = _under_way(found)
        act(person, under_way)
    except Refused as refusal:
        if isinstance(refusal, NotPermitted) and not isinstance(refusal, ConflictOfInterest):
            raise
        messages.warning(request, str(refusal))
    else:
        messages.success(request, text if isinstance(text, str) else text(under_way))
    return redirect("credentials:rotate", pk=pk)


@require_POST
@staff
@needs_recent_factor("credentials:rotate")
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Put what is left of it into somebody else's hands."""
    found, person = seen(request, pk), person_of(request)
    require_hand(person, found)
    under_way = rotation.open_rotation(found) or rotation.unfinished([found.account]).first()
    number = whole(request.POST.get("to", ""))
    to = next((one for one in hands.candidates(under_way) if one.pk == number), None) if under_way else None
    if under_way is None:
        messages.warning(request, _("No rotation of this password is open any more."))
    elif to is None:
        messages.warning(request, _("Choose somebody of the list to hand it over to."))
    else:
        try:
            hands.hand_over(actor=person, rotation=under_way, to=to)
        except NotPermitted:
            raise
        except Refused as refusal:
            messages.warning(request, str(refusal))
        else:
            text = _("%(name)s has it in hand now, and sees it in Yours today.")
            messages.success(request, text % {"name": to.name})
            if not hands.may_carry_out(person, under_way):
                return redirect("credentials:credential", pk=pk)
    return redirect("credentials:rotate", pk=pk)


@require_POST
@staff
@needs_recent_factor("credentials:rotate")
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """The platform has the new password."""
    text = _("Written down. Now sign in there with the new password, and say that it opens.")
    if settings.ROTATION_SECOND_PERSON:
        text = _("Written down. Now somebody else signs in with the new password, and says that it opens.")
    return _step(request, pk, lambda who, one: rotation.claim_changed(actor=who, rotation=one), text)


@require_POST
@staff
@needs_recent_factor("credentials:rotate")
def lose(request: HttpRequest, pk: int) -> HttpResponse:
    """Neither password opens it, or nobody can tell."""
    text = _("Written down; custodians are shown both. Get the account back through the platform’s recovery.")
    return _step(request, pk, lambda who, one: rotation.lose(actor=who, rotation=one), text)


@require_POST
@staff
@needs_recent_factor("credentials:rotate")
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """The new password opens the account: it becomes current."""
    return _step(request, pk, lambda who, one: rotation.verify(actor=who, rotation=one), _verified)


def _verified(done: Rotation) -> str:
    text = _(
        "Version %(number)d of the password of %(account)s is current since %(time)s; now the rest of the list."
    )
    account = done.item.credential.account.display
    return text % {"number": done.version.number, "account": account, "time": why.hour(clock.now())}


@sensitive_post_parameters()
@require_POST
@staff
@needs_recent_factor("credentials:rotate")
@sensitive_variables()
def reconcile(request: HttpRequest, pk: int) -> HttpResponse:
    """Which password the platform has, found out through its recovery."""
    found, person = seen(request, pk), person_of(request)
    require_hand(person, found)
    form = None
    try:
        under_way = _under_way(found)
        form = stages.reconcile_form(under_way, request.POST)
        if form is None:
            raise Stale(
                _("This rotation is not in doubt: {state}.").format(
                    state=under_way.get_state_display().lower()
                )
            )
        if form.is_valid():
            rotation.reconcile(
                actor=person,
                rotation=under_way,
                found=form.cleaned_data["found"] if form.number is None else rotation.EARLIER,
                value=form.cleaned_data["password"],
                number=form.number,
            )
            messages.success(
                request, _("Written down. The vault has the password that the platform accepts.")
            )
            return redirect("credentials:rotate", pk=pk)
    except Stale as stale:
        messages.warning(request, str(stale))
        return redirect("credentials:rotate", pk=pk)
    except NotPermitted:
        raise
    except Refused as refusal:
        assert form is not None
        answer(form, refusal)
    return render(
        request, "credentials/rotate.html", stages.context(person, found, reconcile_form=form), status=400
    )


@require_POST
@staff
@needs_recent_factor("credentials:rotate")
def tick(request: HttpRequest, pk: int) -> HttpResponse:
    """One line of the closing list."""
    found, person = seen(request, pk), person_of(request)
    require_hand(person, found)
    verified = rotation.unfinished([found.account]).order_by("-version__number").first()
    try:
        if verified is None:
            raise Stale(_("No closing list is open for this account."))
        closed = closing.tick(
            actor=person,
            rotation=verified,
            step=request.POST.get("step", ""),
            outcome=request.POST.get("outcome", ""),
        )
    except NotPermitted:
        raise
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect("credentials:rotate", pk=pk)
    if closed:
        messages.success(request, _("Everything is done. The rotation is closed."))
        return redirect(runs.after(request, found, reverse("credentials:credential", args=[pk])))
    left = len(closing.left(verified))
    text = ngettext(
        "Written down. One line of the list is left.",
        "Written down. %(count)d lines of the list are left.",
        left,
    )
    messages.success(request, text % {"count": left})
    return redirect("credentials:rotate", pk=pk)


@staff
@needs_recent_factor()
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the rotation up, after a page that says what that means. With `another`, a new one is started at once."""
    another = bool(request.GET.get("another") or request.POST.get("another"))
    found, person = seen(request, pk), person_of(request)
    require_hand(person, found)
    try:
        under_way = _under_way(found)
        if request.method != "POST":
            return render(request, "credentials/cancel.html", stages.context(person, found, another=another))
        rotation.cancel(actor=person, rotation=under_way)
        if another and entitlement.may_rotate(person):
            rotation.start(actor=person, credential=found, reason=under_way.reason)
            messages.success(
                request, _("Cancelled, and another new password is made and sealed. Nobody has seen it yet.")
            )
            return redirect("credentials:rotate", pk=pk)
    except Stale as stale:
        messages.warning(request, str(stale))
        return redirect("credentials:rotate", pk=pk)
    current = vault.current_version(vault.item_of(found))
    assert current is not None
    text = _("The rotation is cancelled. Version %(number)d is current, as before.")
    messages.success(request, text % {"number": current.number})
    return redirect("credentials:credential", pk=pk)
