"""Single sign-on: switched on by settings, matched by e-mail with who is employed now, and never the only way in."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from audit import clock
from audit.models import SecurityEvent
from employees import services
from tests.cast import PASSWORD, City, code_of, enrol

pytestmark = pytest.mark.django_db

SERVER = "https://login.provider.example/tenant"
NOBODY = "opens nothing here"


class Answer:
    """What the provider says."""

    status_code = 200
    headers = {"content-type": "application/json"}

    def __init__(self, data: Any) -> None:
        self.data = data
        self.text = self.content = str(data)

    def json(self) -> Any:
        return self.data

    def raise_for_status(self) -> None:
        pass


class Provider:
    """An OpenID Connect provider without a network: says that everybody is `claims`."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.down = False

    def __enter__(self) -> Provider:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def request(self, method: str, url: str, **_: Any) -> Answer:
        import requests

        if self.down:
            raise requests.ConnectionError("no route to the provider")
        if url.endswith("openid-configuration"):
            places = ("authorization", "token", "userinfo")
            return Answer({"issuer": SERVER} | {f"{place}_endpoint": f"{SERVER}/{place}" for place in places})
        if url.endswith("/token"):
            return Answer({"access_token": "opaque", "token_type": "Bearer"})
        return Answer(self.claims)

    def get(self, url: str, **options: Any) -> Answer:
        return self.request("GET", url, **options)


@pytest.fixture
def provider(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Provider:
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "city",
                    "name": "Microsoft Entra ID",
                    "client_id": "client",
                    "secret": "secret",
                    "settings": {"server_url": SERVER, "verified_email": ["hutch.example"]},
                }
            ],
        }
    }
    made = Provider()
    monkeypatch.setattr("config.signin.adapters.SingleSignOnAdapter.get_requests_session", lambda self: made)
    return made


def come(
    provider: Provider, email: str, *, sub: str = "abc", client: Client | None = None, **more: Any
) -> Any:
    """Go through the provider as the identity `sub` with this address; gives the last page and its client."""
    provider.claims = {"sub": sub, "email": email, "name": "Somebody", **more}
    client = client or Client()
    asked = urlsplit(client.get("/login/sso/city/login/")["Location"])
    assert asked.netloc == "login.provider.example"
    state = parse_qs(asked.query)["state"][0]
    assert "code_challenge" in asked.query
    return client.get("/login/sso/city/login/callback/", {"code": "x", "state": state}, follow=True), client


def without_tokens(page: Any) -> str:
    return re.sub(r'csrfmiddlewaretoken" value="[^"]*"', "", page.text)


def is_in(client: Client) -> bool:
    return client.get("/today/").status_code == 200


def test_without_its_settings_there_is_none(city: City) -> None:
    assert "Sign in with" not in Client().get("/login/").text
    assert Client().get("/login/sso/city/login/").status_code == 404


def test_an_employee_comes_in_and_is_asked_for_the_own_factor(city: City, provider: Provider) -> None:
    assert "Sign in with Microsoft Entra ID" in Client().get("/login/").text
    page, client = come(provider, "Noah@Hutch.Example")
    assert is_in(client)
    assert SocialAccount.objects.get().user == city.noah
    seed = enrol(city.noah)
    page, client = come(provider, "noah@hutch.example")
    assert page.redirect_chain[-1][0] == "/login/factor/authenticate/"
    assert not is_in(client)
    client.post("/login/factor/authenticate/", {"code": code_of(seed)})
    assert is_in(client)


def test_who_holds_something_enrols_here_although_the_provider_asked_for_a_factor(
    city: City, provider: Provider
) -> None:
    _page, client = come(provider, "dana@hutch.example", amr=["mfa"])
    assert client.get("/today/")["Location"] == "/login/factor/"


@pytest.mark.parametrize("email", ["stranger@hutch.example", "", "dana@elsewhere.example"])
def test_an_identity_of_nobody_here_is_refused(city: City, provider: Provider, email: str) -> None:
    page, client = come(provider, email)
    assert NOBODY in page.text
    assert not is_in(client)
    assert not SocialAccount.objects.exists()
    assert SecurityEvent.objects.get(kind="single_sign_on").count == 1


def test_an_address_that_nobody_vouches_for_is_refused(city: City, provider: Provider, settings: Any) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["verified_email"] = []
    page, _client = come(provider, "noah@hutch.example")
    assert NOBODY in page.text
    _page, client = come(provider, "noah@hutch.example", email_verified=True)
    assert is_in(client)


def test_a_token_of_somebody_who_left_opens_nothing_and_says_nothing(city: City, provider: Provider) -> None:
    come(provider, "noah@hutch.example")
    services.separate(actor=city.carla, employee=city.noah, last_day=clock.today(), reason="Left")
    left, client = come(provider, "noah@hutch.example")
    unknown, _client = come(provider, "stranger@hutch.example", sub="other")
    assert not is_in(client)
    assert NOBODY in left.text
    assert without_tokens(left) == without_tokens(unknown)


def test_an_address_that_went_to_somebody_else_takes_no_identity_along(
    city: City, provider: Provider
) -> None:
    come(provider, "noah@hutch.example", sub="noahs")
    services.change(actor=city.carla, employee=city.noah, email="n.fischer@hutch.example")
    services.change(actor=city.carla, employee=city.joel, email="noah@hutch.example")
    page, client = come(provider, "noah@hutch.example", sub="noahs")
    assert NOBODY in page.text
    assert not is_in(client)


def test_nobody_ties_an_identity_to_themselves(city: City, provider: Provider) -> None:
    _page, client = come(provider, "noah@hutch.example")
    provider.claims = {"sub": "eve", "email": "eve@evil.example", "email_verified": True}
    asked = urlsplit(client.get("/login/sso/city/login/?process=connect")["Location"])
    answer = {"code": "x", "state": parse_qs(asked.query)["state"][0]}
    assert NOBODY in client.get("/login/sso/city/login/callback/", answer, follow=True).text
    assert SocialAccount.objects.count() == 1


def test_a_forged_state_opens_nothing(city: City, provider: Provider) -> None:
    client = Client()
    client.get("/login/sso/city/login/")
    page = client.get("/login/sso/city/login/callback/", {"code": "x", "state": "forged"})
    assert "did not work" in page.text
    assert not is_in(client)


def test_with_the_provider_down_the_password_still_opens(city: City, provider: Provider) -> None:
    provider.down = True
    client = Client()
    assert "did not work" in client.get("/login/sso/city/login/").text
    client.post("/login/", {"login": city.noah.email, "password": PASSWORD})
    assert is_in(client)


def test_an_old_session_of_single_sign_on_enrols_no_factor(city: City, provider: Provider) -> None:
    """Who has no password has nothing to confirm with: they come through the provider once more."""
    city.dana.set_unusable_password()
    city.dana.save()
    for path in ("/login/factor/totp/activate/", "/login/factor/webauthn/add/"):
        _page, client = come(provider, str(city.dana.email))
        assert client.get(path).status_code == 200, "a moment after signing in one may"
        session = client.session
        for record in session["account_authentication_methods"]:
            record["at"] -= 60 * 60
        session.save()
        for answer in (client.post(path, {"code": "123456"}), client.get(path)):
            assert answer["Location"].startswith("/login/?next=")
        assert not is_in(client)
