"""What django-allauth asks this project: who may come in, by which means, and how second factors are kept."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.contrib import messages
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from config.failures import single_sign_on_failed
from credentials import factorseals
from employees import outbox, stepup
from employees.backends import EmployedBackend
from employees.models import Employee

logger = logging.getLogger("signin")

WRONG = _("That e-mail address and password do not go together. Check both and try again.")
NOBODY = _(
    "That sign-in opens nothing here. Sign in with your work account, or with your e-mail and password."
)


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up: people come from the personnel file."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WRONG,
        "invalid_login": WRONG,
        "account_inactive": WRONG,
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, then try again."),
        "incorrect_password": _("That is not your password. Try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        logger.warning("A sign-in failed from %s", self.get_client_ip(request))

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Whatever was shown at the door, only people employed today come in."""
        if EmployedBackend().user_can_authenticate(user):
            return None
        logger.warning("Somebody not employed now was refused: person %s", user.pk)
        messages.error(request, str(WRONG))
        return redirect("account_login")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The password confirms nothing once there is a second factor."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        factors = [method for method in methods if method["id"] != "reauthenticate"]
        return factors or methods

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Changing second factors wants one used lately; enrolling the first, a sign-in of these minutes."""
        request = self.request
        if stepup.has_factor(request.user):
            return not stepup.used_recently(request)
        return not stepup.signed_in_recently(request)

    def reauthenticate(self, user: Any, password: str) -> bool:
        """allauth looks the address up in a table of its own, which stays empty here."""
        found = self.authenticate(self.request, email=user.email or "", password=password)
        return found is not None and found.pk == user.pk

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        super().send_notification_mail(template_prefix, user, context, email or user.email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Through the outbox: a mail server that is down must not stop somebody who enrols."""
        site = get_current_site(self.request)
        context = {**context, "request": self.request, "email": email, "current_site": site}
        message = self.render_mail(template_prefix, email, context)
        outbox.queue([email], subject=str(message.subject), text=str(message.body), urgent=True)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Seeds are sealed with the vault's keys, and the last factor is not given up where one is required."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That code does not open it. Wait for the next one, and type it at once."),
        "cannot_delete_authenticator": _(
            "What you hold here wants a second factor, and this is your last. Add another before you remove it."
        ),
    }

    def encrypt(self, text: str) -> str:
        return factorseals.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return factorseals.unseal(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        from config.signin import enrolment

        person = authenticator.user
        others = Authenticator.objects.filter(user=person, type__in=stepup.FACTORS).exclude(
            pk=authenticator.pk
        )
        return others.exists() or not enrolment.must_have_factor(person)

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return {**entity, "display_name": user.get_full_name()}


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """An identity of the City's provider is a person here, matched by e-mail, or it is nobody."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Those of the settings. A row in the database lets no provider in."""
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in found.values() for app in apps]

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let in who is employed now under a verified address, under the identity that was theirs before, if any."""
        person = _employee(sociallogin)
        linked = sociallogin.account.user_id if sociallogin.account.pk else None
        login = sociallogin.state.get("process", AuthProcess.LOGIN) == AuthProcess.LOGIN
        if not login or person is None or linked not in (None, person.pk):
            logger.warning("Single sign-on led to nobody employed now (%s)", sociallogin.account.provider)
            single_sign_on_failed(request)
            messages.error(request, str(NOBODY))
            raise ImmediateHttpResponse(redirect("account_login"))
        if linked is None:
            sociallogin.account.user = person
            sociallogin.account.extra_data = {}
            sociallogin.account.save()
        sociallogin.user = person

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        logger.warning("Single sign-on failed: %s", type(kwargs.get("exception")).__name__)
        single_sign_on_failed(request)


def _employee(sociallogin: SocialLogin) -> Employee | None:
    """Who is employed now under a verified address of this identity."""
    addresses = {address.email.lower() for address in sociallogin.email_addresses if address.verified}
    for person in Employee.objects.filter(email__in=addresses):
        if EmployedBackend().user_can_authenticate(person):
            return person
    return None
