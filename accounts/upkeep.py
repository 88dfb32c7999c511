"""The pages for what an account's holders keep up: its profile, and the groups and pages it joined or follows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import affiliations as joined
from accounts import holding, profiles
from accounts.keeping import Affiliation, ProfileReview
from accounts.models import Account
from accounts.registry import person_of, visible_to
from accounts.sections import Section
from audit.denials import absent
from audit.errors import Invalid, NotPermitted, Refused
from employees import authority, stepup
from employees.forms import refusal_into
from employees.models import Employee, Office

MANY = 200
"""Affiliations on one page: more of them in a week and the City does little else."""


class AnswerField(forms.ChoiceField):
    """One of the answers. May be left open for now: what was seen so far is saved."""

    def validate(self, value: Any) -> None:
        if value:
            super().validate(value)


class ProfileForm(forms.Form):
    """Each item with its answers, and a reason beside those that may be impossible somewhere."""

    use_required_attribute = False

    def __init__(self, review: ProfileReview, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(profiles.Answer.choices)
        for line in profiles.lines(review):
            item, finding = line.item, line.finding
            self.fields[item.code] = AnswerField(
                label=item.text,
                choices=[(one, labels[profiles.Answer(one)]) for one in item.answers],
                widget=forms.RadioSelect,
                initial=finding.answer if finding else None,
                help_text=gettext_lazy("The policy says “shall”: without it the account is not public.")
                if item.shall
                else "",
            )
            if not item.shall:
                self.fields[f"{item.code}_reason"] = forms.CharField(
                    label=gettext_lazy("Why it is not possible"),
                    max_length=400,
                    required=False,
                    initial=finding.reason if finding else "",
                )

    def given(self) -> dict[str, profiles.Given]:
        """What was answered; what was left open is left out."""
        data = self.cleaned_data
        return {
            item.code: profiles.Given(data[item.code], data.get(f"{item.code}_reason", ""))
            for item in profiles.ITEMS
            if data.get(item.code)
        }


class AffiliationForm(forms.Form):
    """A group or a page, and the City's purpose there."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What it did"), choices=Affiliation.Kind.choices, widget=forms.RadioSelect
    )
    name = forms.CharField(label=gettext_lazy("Name of the group or page"), max_length=200)
    url = forms.CharField(label=gettext_lazy("Its address"), max_length=500)
    purpose = forms.CharField(
        label=gettext_lazy("The City’s purpose there"),
        max_length=400,
        help_text=gettext_lazy("The policy allows it only for official City business, services and events."),
    )


class OrderForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why it is to be undone"), max_length=400)


def kept(http: HttpRequest, pk: int) -> Account:
    """The account with this id, for who may see its health or holds it; for others it is as if it were not there."""
    person = person_of(http)
    rows = Account.objects.select_related("platform", "department")
    found = rows.filter(pk=pk).first()
    if found is not None and (visible_to(person).filter(pk=pk).exists() or holding.holds(person, found)):
        return found
    raise absent(hidden=found is not None)


# Profile


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(http: HttpRequest, pk: int) -> HttpResponse:
    """How the profile looks, item by item; what else the account lacks; and when it was last confirmed."""
    person, account = person_of(http), kept(http, pk)
    review, may = profiles.open_review(account), holding.keeps(person, account)
    form = None
    if http.method == "POST":
        if not may:
            raise PermissionDenied(_("Who holds the account says how its profile looks."))
        if review is None:
            messages.error(http, _("There is no review of this profile to answer now."))
            return redirect("accounts:profile", pk=pk)
    if review is not None and may:
        form = ProfileForm(review, http.POST if http.method == "POST" else None)
        if http.method == "POST" and form.is_valid():
            try:
                complete = profiles.answer(actor=person, review=review, given=form.given())
            except Invalid as error:
                refusal_into(form, error)
            except NotPermitted:
                raise
            except Refused as error:
                messages.error(http, str(error))
                return redirect("accounts:profile", pk=pk)
            else:
                return _answered(http, account, complete)
    past = account.profile_reviews.exclude(completed_at=None).select_related("completed_by")
    context = {
        "account": account,
        "review": review,
        "lines": profiles.lines(review) if review else [],
        "form": form,
        "lacks": holding.lacks(account),
        "past": past.order_by("-completed_at"),
    }
    return render(http, "accounts/profile.html", context, status=422 if form and form.errors else 200)


def _answered(http: HttpRequest, account: Account, complete: bool) -> HttpResponse:
    account.refresh_from_db()
    if not complete:
        messages.success(http, _("Saved. The list says what is still open."))
    elif account.state == Account.State.ACTIVE:
        messages.success(
            http, _("The profile follows the policy. %(account)s is public.") % {"account": account.display}
        )
    else:
        messages.success(http, _("The profile follows the policy. What else is missing stands on this page."))
    return redirect("accounts:profile", pk=account.pk)


def sections_of(account: Account, viewer: Employee) -> list[Section]:
    """What the account's page says of its profile and of what it joined."""
    review = profiles.open_review(account)
    lines = profiles.lines(review) if review else []
    standing = account.affiliations.filter(undone_at=None)
    context = {
        "account": account,
        "review": review,
        "open_items": [line.item for line in lines if not line.satisfied],
        "confirmed": profiles.last_confirmed([account]).get(account.pk),
        "joined": standing.count(),
        "to_undo": standing.exclude(ordered_at=None).count(),
    }
    return [
        Section(
            title=_("What its holders keep up"),
            template_name="accounts/includes/upkeep.html",
            context=context,
        )
    ]


# Affiliations


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def affiliations(http: HttpRequest, pk: int) -> HttpResponse:
    """What one account joined or follows, and the form for one more."""
    person, account = person_of(http), kept(http, pk)
    holds = holding.holds(person, account)
    if http.method == "POST" and not holds:
        raise PermissionDenied(_("Who holds the account records what it joins or follows."))
    form = AffiliationForm(http.POST if http.method == "POST" else None) if holds else None
    if http.method == "POST" and form is not None and form.is_valid():
        try:
            made = joined.record_affiliation(actor=person, account=account, **form.cleaned_data)
        except Refused as error:
            refusal_into(form, error)
        else:
            text = _("Recorded: %(name)s. The PI Director sees it in the week’s list.")
            messages.success(http, text % {"name": made.name})
            return redirect("accounts:affiliations", pk=pk)
    rows = account.affiliations.select_related("recorded_by", "ordered_by", "undone_by")
    context = {"account": account, "form": form, "rows": rows[:MANY], "holds": holds}
    return render(http, "accounts/affiliations.html", context, status=422 if form and form.errors else 200)


@login_required
@require_safe
def week(http: HttpRequest) -> HttpResponse:
    """What was recorded this week, for the PI Director, and for who sees everything."""
    person = person_of(http)
    if not authority.sees_everything(person):
        raise PermissionDenied(_("The week’s list is the PI Director’s."))
    rows = list(joined.of_the_week()[:MANY])
    context = {
        "rows": rows,
        "new": [row for row in rows if row.seen_at is None and row.undone_at is None],
        "orders": authority.holds(person, Office.Kind.PI_DIRECTOR) is not None,
    }
    return render(http, "accounts/affiliations_week.html", context)


@login_required
@require_POST
def seen(http: HttpRequest) -> HttpResponse:
    """The PI Director lets what was on the page stand."""
    person = person_of(http)
    ids = {int(one) for one in http.POST.getlist("affiliation") if one.isdecimal() and len(one) < 19}
    count = joined.see(actor=person, affiliations=list(Affiliation.objects.filter(pk__in=ids)))
    text = ngettext("Seen: %(count)d stands.", "Seen: %(count)d stand.", count)
    messages.success(http, text % {"count": count})
    return redirect("accounts:affiliations_week")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def order(http: HttpRequest, pk: int) -> HttpResponse:
    """Order one undone, with a reason."""
    person = person_of(http)
    if authority.holds(person, Office.Kind.PI_DIRECTOR) is None:
        raise PermissionDenied(_("Only the PI Director, or who acts for them, orders it undone."))
    found = _affiliation(pk)
    if http.method == "POST" and not stepup.used_recently(http):
        return stepup.send_to_confirm(http, http.path, keep=True)
    kept = stepup.typed(http) if http.method == "GET" else None
    form = OrderForm(http.POST if http.method == "POST" else None, initial=kept.dict() if kept else None)
    if http.method == "POST" and form.is_valid():
        try:
            joined.order_undone(actor=person, affiliation=found, reason=form.cleaned_data["reason"])
        except Invalid as error:
            refusal_into(form, error)
        except Refused as error:
            messages.error(http, str(error))
            return redirect("accounts:affiliations_week")
        else:
            text = _("Ordered undone. It waits for %(name)s, or another holder, to confirm it.")
            messages.success(http, text % {"name": found.recorded_by.name})
            return redirect("accounts:affiliations_week")
    context = {"one": found, "form": form}
    return render(http, "accounts/affiliation_order.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def undone(http: HttpRequest, pk: int) -> HttpResponse:
    """A holder confirms that it is undone."""
    person, found = person_of(http), _affiliation(pk)
    account = kept(http, found.account_id)
    if not holding.holds(person, account):
        raise PermissionDenied(_("Who holds the account confirms that it is undone."))
    try:
        joined.confirm_undone(actor=person, affiliation=found)
    except Refused as error:
        messages.error(http, str(error))
    else:
        messages.success(http, _("Undone: %(name)s.") % {"name": found.name})
    return redirect("accounts:affiliations", pk=found.account_id)


def _affiliation(pk: int) -> Affiliation:
    rows = Affiliation.objects.select_related("account__platform", "account__department", "recorded_by")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise absent(hidden=False)
    return found
