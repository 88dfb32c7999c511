"""The pages on which a request is written: its kind, its steps, the review. Everything is saved from page to page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Account, Platform
from approvals import effects, services, steps
from approvals.asked import Asked, lacking, of
from approvals.duplicates import Warning, warnings
from approvals.forms import KindForm, StepForm
from approvals.kinds import Kind
from approvals.models import Request
from approvals.moves import next_move
from approvals.steps import REVIEW, Step
from approvals.transitions import TABLE, Act, Status, transition
from approvals.views import is_possible, person_of, visible
from approvals.wording import consequence
from audit.errors import Invalid, NotPermitted, Refused
from employees.models import Employee


@login_required
def new(http: HttpRequest) -> HttpResponse:
    """The first step: which kind of request, for which department. A draft begins with it."""
    person = person_of(http)
    form = KindForm(person, http.POST or None, initial={"kind": http.GET.get("kind", "")})
    if http.method == "POST" and form.is_valid():
        asked = _begin(
            form.cleaned_data["kind"], form.cleaned_data["department"], http.GET.get("account", "")
        )
        try:
            request = services.create_draft(actor=person, asked=asked)
        except Invalid as error:
            form.add_error(None, str(error))
        else:
            return redirect("approvals:step", request.number, steps.of_kind(request.kind)[0].slug)
    return render(http, "approvals/new.html", {"form": form, "progress": steps.indicator(None, "")})


def _begin(kind: str, department: Any, account: str) -> Asked:
    """What a draft begins with: a department's whole list for adoption, the account from whose page one came."""
    if kind == Kind.ADOPT:
        waiting = Account.objects.to_adopt().filter(department=department)
        return Asked(department=department, kind=kind, listed=list(waiting.values_list("pk", flat=True)))
    chosen = None
    if account.isdecimal() and len(account) < 19:
        chosen = (
            Account.objects.filter(pk=int(account), department=department).select_related("platform").first()
        )
    return Asked(department=department, kind=kind, account=chosen if kind != Kind.NEW_ACCOUNT else None)


@login_required
@require_GET
def edit(http: HttpRequest, number: str) -> HttpResponse:
    """Go on where something is missing, else at the review."""
    request = _to_write(http, number)
    return redirect(*_place(request, steps.first_incomplete(request))) if request else _still(http, number)


def _place(request: Request, slug: str) -> tuple[str, ...]:
    return (
        ("approvals:review", request.number) if slug == REVIEW else ("approvals:step", request.number, slug)
    )


def _to_write(http: HttpRequest, number: str) -> Request | None:
    """The request, if its state lets it be changed. Raises NotPermitted where that is not the person's to do."""
    request = visible(http, number)
    return request if is_possible(person_of(http), request, Act.EDIT) else None


def _still(http: HttpRequest, number: str) -> HttpResponse:
    messages.error(http, _("This request cannot be changed now. Its page says whose turn it is."))
    return redirect("approvals:request", number)


@login_required
def step(http: HttpRequest, number: str, slug: str) -> HttpResponse:
    """One step: saved by every button, and left incomplete if one likes."""
    request = _to_write(http, number)
    if request is None:
        return _still(http, number)
    here = steps.step(request, slug)
    if here is None:
        raise Http404
    form = StepForm(here, request, http.POST or None)
    if http.method == "POST" and form.is_valid():
        before = request.status
        try:
            services.edit(actor=person_of(http), request=request, asked=form.asked())
        except Invalid as error:
            form.take(error)
        except NotPermitted:
            raise
        except Refused as error:
            messages.error(http, str(error))
            return redirect(request)
        else:
            if before == Status.AWAITING_DECISION and request.status != before:
                messages.warning(http, consequence(Act.EDIT, request))
            return _onward(http, request, here)
    return _step_page(http, request, here, form)


def _onward(http: HttpRequest, request: Request, here: Step) -> HttpResponse:
    """Where the pressed button leads, now that the step is saved."""
    if "save" in http.POST:
        text = _("Saved as %(number)s. Come back to it from Requests, or from Yours today.")
        messages.success(http, text % {"number": request.number})
        return redirect(request)
    if "check" in http.POST:
        kept = f"?from={REVIEW}" if _from_review(http) else ""
        return redirect(f"{_url(request, here.slug)}{kept}#handle-said")
    if "back" in http.POST:
        before = steps.before(request, here.slug)
        return redirect(_url(request, before)) if before else redirect(request)
    return redirect(_url(request, REVIEW if _from_review(http) else steps.after(request, here.slug)))


def _from_review(http: HttpRequest) -> bool:
    """Whether one came by an edit link of the review, and goes back there."""
    return http.GET.get("from") == REVIEW


def _url(request: Request, slug: str) -> str:
    name, *args = _place(request, slug)
    return reverse(name, args=args)


def _step_page(http: HttpRequest, request: Request, here: Step, form: StepForm) -> HttpResponse:
    said = _said(person_of(http), request) if "handle" in here.fields and not form.errors else []
    context = {
        "request_": request,
        "form": form,
        "step": here,
        "progress": steps.indicator(request, here.slug),
        "said": said,
        "first": not steps.before(request, here.slug),
        "from_review": _from_review(http),
        "voids": TABLE[Status(request.status), Act.EDIT].to != request.status,
    }
    return render(http, "approvals/step.html", context, status=422 if form.errors else 200)


def _said(person: Employee, request: Request) -> list[Warning]:
    own = request.account_id if request.kind == Kind.RENAME else None
    return warnings(person, request.platform, request.handle, besides=request, own=own)


@login_required
@require_GET
def check(http: HttpRequest, number: str) -> HttpResponse:
    """What is to be said of a handle while somebody types it: a piece of the page, for its script."""
    request = visible(http, number)
    platform = _platform(http, request)
    own = request.account_id if request.kind == Kind.RENAME else None
    handle = http.GET.get("handle", "")[:200]
    said = warnings(person_of(http), platform, handle, besides=request, own=own)
    return render(http, "approvals/includes/handle_said.html", {"said": said, "typed": handle.strip()})


def _platform(http: HttpRequest, request: Request) -> Platform | None:
    """The platform that is chosen on the page, or that of the chosen account."""
    chosen, account = http.GET.get("platform", ""), http.GET.get("account", "")
    if chosen.isdecimal() and len(chosen) < 10:
        return Platform.objects.filter(pk=int(chosen)).first()
    if account.isdecimal() and len(account) < 19:
        return Platform.objects.filter(accounts=int(account), accounts__department=request.department).first()
    return request.platform


@login_required
@require_GET
def review(http: HttpRequest, number: str) -> HttpResponse:
    """Everything on one page with links to change it; what is incomplete is said where."""
    request = _to_write(http, number)
    return _review_page(http, request) if request else _still(http, number)


def _review_page(http: HttpRequest, request: Request, refused: Invalid | None = None) -> HttpResponse:
    missing = lacking(of(request))
    fields = {name for one in steps.of_kind(request.kind) for name in one.fields}
    refusals = dict(refused.fields) if refused else {}
    context = {
        "request_": request,
        "progress": steps.indicator(request, REVIEW),
        "sections": [
            {
                "step": one,
                "missing": [missing[name] for name in one.fields if name in missing],
                "refused": [
                    refusals[name] for name in one.fields if name in refusals and name not in missing
                ],
            }
            for one in steps.of_kind(request.kind)
        ],
        "incomplete": bool(missing),
        "refused": refused,
        "others": [text for name, text in refusals.items() if name not in fields],
        "said": _said(person_of(http), request) if request.handle else [],
        "subjects": effects.subjects(request) if request.listed else [],
        "back": steps.of_kind(request.kind)[-1].slug,
        "submits": transition(request.status, Act.SUBMIT) is not None,
        "consequence": consequence(Act.APPROVE, request),
    }
    return render(http, "approvals/review.html", context, status=422 if refused else 200)


@login_required
@require_POST
def submit(http: HttpRequest, number: str) -> HttpResponse:
    """Ask for endorsement; where that is refused, the review says where and why."""
    request = visible(http, number)
    if not is_possible(person_of(http), request, Act.SUBMIT):
        return _still(http, number)
    try:
        services.submit(actor=person_of(http), request=request)
    except Invalid as error:
        return _review_page(http, request, error)
    except NotPermitted:
        raise
    except Refused as error:
        messages.error(http, str(error))
        return redirect(request)
    move = next_move(request)
    messages.success(
        http,
        _("Submitted. It is %(names)s’s turn.") % {"names": move.names}
        if move and move.people
        else _("Submitted. The page says why nobody can act on it yet."),
    )
    return redirect(request)
