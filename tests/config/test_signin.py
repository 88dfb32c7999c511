"""Coming in: password, code, passkey, single sign-on; who must enrol; and what opens nothing."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as RECORDS
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import NoReverseMatch, reverse

from audit.errors import Invalid
from audit.models import SecurityEvent
from config.demonstration import codes
from credentials import factorseals
from credentials.keyring import VaultUnavailable
from employees import outbox, services
from employees.models import Employee
from tests.cast import PASSWORD, City, client_of, code_of, enrol
from tests.credentials.accounts import deposited, open_account

pytestmark = pytest.mark.django_db

PASSWORD_PAGE, CODE_PAGE, CONFIRM_PAGE = (
    "/login/",
    "/login/factor/authenticate/",
    "/login/factor/reauthenticate/",
)
WRONG = "do not go together"


def with_password(person: Employee, *, password: str = PASSWORD, after: str = "") -> tuple[Client, Any]:
    """A client that gave its password, and the answer."""
    client = Client()
    data = {"login": person.email, "password": password, **({"next": after} if after else {})}
    return client, client.post(PASSWORD_PAGE, data)


def is_in(client: Client) -> bool:
    return client.get("/today/").status_code == 200


@pytest.fixture
def seed(city: City) -> str:
    """Dana's authenticator app."""
    return enrol(city.dana)


# Who comes in


@pytest.mark.parametrize(
    "name",
    ["account_signup", "account_email", "socialaccount_signup", "socialaccount_connections", "mfa_trust"],
)
def test_nobody_signs_up_adds_an_address_or_connects_an_account(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_password_and_then_a_code(city: City, seed: str) -> None:
    client, answer = with_password(city.dana)
    assert answer["Location"] == CODE_PAGE
    assert not is_in(client)
    answer = client.post(CODE_PAGE, {"code": code_of(seed)})
    assert answer["Location"] == "/today/"
    assert is_in(client)


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_a_clock_may_be_one_step_off(city: City, seed: str, step: int) -> None:
    client, _answer = with_password(city.dana)
    client.post(CODE_PAGE, {"code": code_of(seed, step=step)})
    assert is_in(client)


@pytest.mark.parametrize("code", ["000000", "", "12345", "no code at all", "१२३४५६", "1" * 3000, "\x00"])
def test_a_wrong_code_opens_nothing(city: City, seed: str, code: str) -> None:
    client, _answer = with_password(city.dana)
    answer = client.post(CODE_PAGE, {"code": code})
    assert answer.status_code == 200
    assert not is_in(client)
    counted = SecurityEvent.objects.filter(kind="wrong_code", about=f"employees.employee {city.dana.pk}")
    assert counted.exists() is bool(code.strip("\0"))  # what is no code at all is no try


@pytest.mark.parametrize("step", [-3, 3])
def test_a_code_of_another_time_opens_nothing(city: City, seed: str, step: int) -> None:
    client, _answer = with_password(city.dana)
    assert "does not open it" in client.post(CODE_PAGE, {"code": code_of(seed, step=step)}).text


def test_a_code_opens_once_as_long_as_it_counts(
    city: City, seed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = code_of(seed, step=1)
    first, _answer = with_password(city.dana)
    first.post(CODE_PAGE, {"code": code})
    assert is_in(first)
    # django-allauth itself forgets a used code after one step, while with the tolerance it counts for three.
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.TOTP._mark_code_used", lambda self, code: True)
    second, _answer = with_password(city.dana)
    answer = second.post(CODE_PAGE, {"code": f" {code[:3]} {code[3:]} "})
    assert "does not open it" in answer.text
    assert not is_in(second)


def test_unknown_wrong_and_left_are_told_the_same(city: City) -> None:
    services.separate(actor=city.carla, employee=city.priya, last_day=_today(), reason="Left")
    texts = set()
    for login, password in (
        ("nobody@hutch.example", PASSWORD),
        ("noah@hutch.example", "wrong"),
        ("priya@hutch.example", PASSWORD),
    ):
        answer = Client().post(PASSWORD_PAGE, {"login": login, "password": password})
        assert WRONG in answer.text
        texts.add(re.sub(r'value="[^"]*"', "", answer.text))
    assert len(texts) == 1


def test_after_the_last_day_the_password_opens_nothing(city: City) -> None:
    from datetime import timedelta

    from audit import clock

    services.set_last_day(actor=city.carla, employee=city.noah, last_day=_today())
    with clock.moved_to(clock.now() + timedelta(days=2)):
        client, answer = with_password(city.noah)
        assert WRONG in answer.text
        assert not is_in(client)


@pytest.mark.parametrize(
    "after", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_a_forged_next_leads_home(city: City, seed: str, after: str) -> None:
    client, _answer = with_password(city.dana, after=after)
    assert client.post(CODE_PAGE, {"code": code_of(seed)})["Location"] == "/today/"
    answer = client.post(CONFIRM_PAGE, {"code": code_of(seed, step=1), "next": after})
    assert answer["Location"] == "/today/"


def test_next_is_kept_through_both_steps(city: City, seed: str) -> None:
    client, _answer = with_password(city.dana, after="/credentials/queue/")
    assert client.post(CODE_PAGE, {"code": code_of(seed)})["Location"] == "/credentials/queue/"


def test_a_tampered_session_is_nobodys(city: City) -> None:
    from django.contrib.sessions.models import Session

    client = client_of(city.dana)
    row = Session.objects.get()
    row.session_data = row.session_data[:-3] + "abc"
    row.save()
    assert not is_in(client)


def test_what_somebody_else_confirmed_counts_for_nobody(city: City) -> None:
    client = client_of(city.dana)
    session = client.session
    session["account_authentication_methods_user"] = str(city.sam.pk)
    session.save()
    assert client.get("/today/")["Location"] == reverse("mfa_index")


def test_the_admin_has_no_door_of_its_own(city: City) -> None:
    assert Client().get("/admin/")["Location"].startswith("/admin/login/")
    assert Client().get("/admin/login/?next=/admin/")["Location"] == "/login/?next=%2Fadmin%2F"
    answer = Client().post("/admin/login/", {"username": city.rex.email, "password": PASSWORD})
    assert answer["Location"].startswith("/login/")


def test_a_superuser_has_no_way_round(city: City) -> None:
    client, answer = with_password(city.rex)
    assert answer["Location"] == "/today/"
    assert client.get("/admin/")["Location"] == reverse("mfa_index")
    inside = client_of(city.rex)
    for model in (
        "mfa/authenticator",
        "usersessions/usersession",
        "socialaccount/socialapp",
        "account/emailaddress",
    ):
        assert inside.get(f"/admin/{model}/").status_code == 403, model
        assert client_of(city.dana).get(f"/admin/{model}/").status_code == 404, model


def test_a_name_with_line_breaks_reaches_no_header(city: City) -> None:
    with pytest.raises(Invalid):
        services.hire(
            actor=None,
            employee_number="1",
            name="Eve\r\nBcc: eve@evil.example",
            email="eve@hutch.example",
            title="",
            department=city.zoo,
            start=_today(),
        )
    Employee.objects.filter(pk=city.noah.pk).update(name="Noah\r\nBcc: eve@evil.example")
    Client().post("/password/reset/", {"email": city.noah.email})
    (sent,) = mail.outbox
    assert sent.recipients() == [city.noah.email]
    assert "Bcc" not in dict(sent.message().items())


# Who must enrol


@pytest.mark.parametrize(
    "first", ["dana", "marcus", "mona", "helen", "sam", "eleanor", "carla", "tom", "rex"]
)
def test_who_holds_something_enrols_before_anything_else_opens(city: City, first: str) -> None:
    client, answer = with_password(getattr(city, first))
    assert answer["Location"] == "/today/"
    for page in (
        "/today/",
        "/",
        "/admin/",
        "/people/",
        "/credentials/",
        "/sessions/",
        "/password/change/",
        "/nowhere/",
    ):
        assert client.get(page)["Location"] == reverse("mfa_index"), page
    assert client.get(reverse("mfa_index")).status_code == 200
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    assert client.post("/logout/")["Location"] == "/"


def test_who_holds_custody_alone_enrols_too(city: City) -> None:
    from credentials.models import Custody

    assert is_in(with_password(city.noah)[0])
    account = open_account(city.dana, city.zoo)
    standing = Custody.objects.standing().filter(account=account)
    Custody.objects.filter(pk=standing[0].pk).update(person=city.noah)
    assert not is_in(with_password(city.noah)[0])


@pytest.mark.django_db(transaction=True)  # django-allauth tells of it once it is committed
def test_enrolling_opens_everything_and_uses_the_code_up(city: City) -> None:
    client, _answer = with_password(city.dana)
    page = client.get(reverse("mfa_activate_totp"))
    found = re.search(r'id="totp-secret">([A-Z2-7]+)<', page.text)
    assert found
    assert "data:image/svg+xml;base64," in page.text
    code = code_of(found[1])
    answer = client.post(reverse("mfa_activate_totp"), {"code": code})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    shown = client.get(answer["Location"]).text
    recovery = re.findall(r"<code>(\d{8})</code>", shown)
    assert len(recovery) == 10
    assert is_in(client)
    assert recovery[0] not in client.get(answer["Location"]).text
    outbox.deliver()
    assert [one.to for one in mail.outbox] == [[city.dana.email]]

    other, _answer = with_password(city.dana)
    assert "does not open it" in other.post(CODE_PAGE, {"code": code}).text
    other.post(CODE_PAGE, {"code": recovery[0]})
    assert is_in(other)
    third, _answer = with_password(city.dana)
    assert "does not open it" in third.post(CODE_PAGE, {"code": recovery[0]}).text


def test_enrolling_long_after_signing_in_wants_the_password_once_more(city: City) -> None:
    client = client_of(city.dana, factor="none")
    session = client.session
    session[RECORDS] = [{**session[RECORDS][0], "at": time.time() - 3600}]
    session.save()
    page = reverse("mfa_activate_totp")
    again = client.get(page)["Location"]
    assert again.startswith("/login/again/")
    assert "not your password" in client.post(again, {"password": "wrong", "next": page}).text
    assert client.post(again, {"password": PASSWORD, "next": page})["Location"] == page
    assert client.get(page).status_code == 200


def test_a_session_from_before_enrolment_is_asked_for_the_factor(city: City) -> None:
    client, _answer = with_password(city.dana)
    enrol(city.dana)
    assert client.get("/people/")["Location"] == f"{CONFIRM_PAGE}?next=%2Fpeople%2F"


def test_the_last_factor_is_not_given_up(city: City, seed: str) -> None:
    client = client_of(city.dana)
    answer = client.post(reverse("mfa_deactivate_totp"))
    assert "this is your last" in answer.text
    assert Authenticator.objects.filter(user=city.dana, type="totp").exists()


def test_seeds_are_sealed_and_can_be_sealed_anew(city: City, seed: str, tmp_path: Any, settings: Any) -> None:
    from pathlib import Path

    from cryptography.fernet import Fernet

    row = Authenticator.objects.get(user=city.dana)
    assert seed not in str(row.data)
    both = tmp_path / "both.keys"
    both.write_bytes(Fernet.generate_key() + b"\n" + Path(settings.VAULT_KEYS_FILE).read_bytes())
    both.chmod(0o600)
    settings.VAULT_KEYS_FILE = str(both)
    assert factorseals.reseal() == 1
    assert factorseals.reseal() == 0
    row.refresh_from_db()
    assert factorseals.unseal(row.data["secret"]) == seed
    client, _answer = with_password(city.dana)
    client.post(CODE_PAGE, {"code": code_of(seed)})
    assert is_in(client)


@pytest.mark.parametrize("kind", ["totp", "recovery_codes"])
def test_a_factor_hung_up_at_somebody_elses_row_opens_nothing(city: City, seed: str, kind: str) -> None:
    """Whoever can write the database puts their own app, or their own codes, at somebody else's door."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    own = enrol(city.noah)
    codes = RecoveryCodes.activate(city.noah).generate_codes()
    RecoveryCodes.activate(city.dana)
    rows = Authenticator.objects.filter(type=kind)
    mine, hers = rows.values_list("data", flat=True).order_by("user__name")
    first, second = rows.order_by("user__name").values_list("pk", flat=True)
    rows.filter(pk=first).update(data=hers)
    rows.filter(pk=second).update(data=mine)
    client, _answer = with_password(city.dana)
    code = code_of(own) if kind == "totp" else codes[0]
    assert "does not open it" in client.post(CODE_PAGE, {"code": code}).text
    assert not is_in(client)
    for row in rows:
        with pytest.raises(VaultUnavailable):
            factorseals.unseal(row.data["secret" if kind == "totp" else "seed"])


def test_rows_that_changed_owners_open_nothing_and_are_not_sealed_anew(
    city: City, seed: str, tmp_path: Any, settings: Any
) -> None:
    Authenticator.objects.filter(user=city.dana).update(user=city.noah)
    client, _answer = with_password(city.noah)
    assert "does not open it" in client.post(CODE_PAGE, {"code": code_of(seed)}).text
    row = Authenticator.objects.get(user=city.noah)
    with pytest.raises(VaultUnavailable):
        factorseals.unseal(str(row.data["secret"]))
    row.user = city.dana
    with pytest.raises(VaultUnavailable):
        row.save()


@pytest.mark.parametrize("there", [True, False])
def test_where_the_vaults_key_is_not_the_right_one_no_code_is_called_wrong(
    city: City, seed: str, tmp_path: Path, settings: Any, there: bool
) -> None:
    right, wrong = settings.VAULT_KEYS_FILE, tmp_path / "other.keys"
    if there:
        wrong.write_bytes(Fernet.generate_key())
        wrong.chmod(0o600)
    client, _answer = with_password(city.dana)
    settings.VAULT_KEYS_FILE = str(wrong)
    for _try in range(3):
        answer = client.post(CODE_PAGE, {"code": code_of(seed)})
        assert "No code can be checked at present" in answer.text
        assert "does not open it" not in answer.text
    settings.VAULT_KEYS_FILE = right
    client.post(CODE_PAGE, {"code": code_of(seed)})
    assert is_in(client)


# Not too often


def test_five_wrong_passwords_close_the_door_for_one_person(city: City) -> None:
    for _attempt in range(5):
        with_password(city.noah, password="wrong")
    assert "Too many attempts" in with_password(city.noah)[1].text
    assert with_password(city.joel)[1].status_code == 302


def test_wrong_codes_close_the_door_too(city: City, seed: str) -> None:
    client, _answer = with_password(city.dana)
    for _attempt in range(5):
        client.post(CODE_PAGE, {"code": "000000"})
    assert "Too many" in client.post(CODE_PAGE, {"code": code_of(seed)}).text
    assert not is_in(client)


@pytest.mark.django_db(transaction=True)
def test_the_counts_can_lie_in_the_database(city: City, settings: Any) -> None:
    from django.core.cache import caches
    from django.core.management import call_command
    from django.db import connection

    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "oa_cache"}
    }
    call_command("createcachetable")
    try:
        test_five_wrong_passwords_close_the_door_for_one_person(city)
        caches["default"].clear()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE oa_cache")


def test_step_up_has_a_limit(city: City, seed: str) -> None:
    client = client_of(city.dana, factor="stale")
    for _attempt in range(5):
        client.post(CONFIRM_PAGE, {"code": "000000"})
    assert "Too many" in client.post(CONFIRM_PAGE, {"code": code_of(seed)}).text


def test_reveals_have_a_limit(city: City, settings: Any) -> None:
    settings.REVEAL_RATE = "2/m/user"
    zoo = deposited(city.helen, open_account(city.dana, city.zoo))
    client = client_of(city.dana)
    answers = [client.post(reverse("credentials:reveal", args=[zoo.pk])).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


# Sessions


def test_a_session_ends_eight_hours_after_signing_in_however_busy(city: City, settings: Any) -> None:
    client = client_of(city.dana)
    session = client.session
    records = session[RECORDS]
    session[RECORDS] = [{**records[0], "at": time.time() - settings.SESSION_COOKIE_AGE - 1}, records[1]]
    session.save()
    assert client.get("/today/")["Location"] == "/login/"
    assert "eight hours had passed" in client.get("/login/").text
    assert not is_in(client)


def test_ones_own_sessions_can_be_ended_and_nobody_elses(city: City) -> None:
    first, _answer = with_password(city.noah)
    second, _answer = with_password(city.noah)
    other, _answer = with_password(city.joel)
    page = first.get("/sessions/").text
    assert page.count('usa-button--outline">End') == 2
    ends = re.findall(r"/sessions/(\d+)/end/", page)
    assert other.post(f"/sessions/{ends[1]}/end/").status_code == 404
    assert is_in(second)
    first.post(f"/sessions/{ends[1]}/end/")
    assert is_in(first)
    assert not is_in(second)
    first.post(f"/sessions/{ends[0]}/end/")
    assert not is_in(first)


# The demonstration city


def test_codes_are_printed_in_a_demonstration_alone(
    city: City, seed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError, match="real installation"):
        call_command("demo", code=city.dana.email)
    with pytest.raises(codes.NotADemonstration):
        codes.current(str(city.dana.email))
    assert capsys.readouterr().out == ""


def _today() -> Any:
    from audit import clock

    return clock.today()


def test_the_passkey_page_leads_to_a_name_where_it_is_asked_for_by_number(
    city: City, seed: str, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    client, page = client_of(city.dana), reverse("mfa_add_webauthn")
    asked = client.get(page, headers={"host": "127.0.0.1:8000"})
    assert f'href="http://localhost:8000{page}"' in asked.text
    assert "localhost" not in client.get(page, headers={"host": "localhost:8000"}).text.split("js_data")[0]
