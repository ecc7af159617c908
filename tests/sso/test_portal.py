"""Agencies connect their sites themselves: test client at once, live one after approval."""

import io
import json
from typing import Any

import django_ready
import pytest
from desk import DESK, REGISTRAR, Desk, at_desk, filled, other_developer, post
from django.test import Client
from keyed import new_key
from people import HOST, authorize, code_for, redeem, registered, sign_in, userinfo
from people import citizen as invented

from panjereh.common import clock
from panjereh.sandbox.appointments import sign_on_developer
from panjereh.sandbox.keys import make_keys
from panjereh.sandbox.seed.sso import seed
from panjereh.sso.models import Consent, Grant, LogoutNotice, RelyingParty
from panjereh.sso.portal.actions import applications
from panjereh.sso.portal.models import Application, Site, SiteDeed
from panjereh.sso.sessions.telling import tell_due
from panjereh.sso.staff.__main__ import main as appoint
from panjereh.sso.staff.models import Act

pytestmark = pytest.mark.django_db

CALLBACK = "https://bakery.example/callback"
SITE = f"{DESK}site/bakery/"
TOO_MANY = "\n".join(f"https://a.example/{n}" for n in range(21))


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk()


def walk_in(browser: Client, client_id: str, secret: str, **asked: str) -> Any:
    """Sign in at the client and ask for the person's data."""
    code = code_for(browser, client_id=client_id, redirect_uri=CALLBACK, **asked)
    answer = redeem(browser, code, client_id=client_id, client_secret=secret, redirect_uri=CALLBACK)
    return answer.json()


@pytest.fixture
def mother(db: None) -> Client:
    browser = Client()
    sign_in(browser, registered(invented(1)))
    return browser


# From nothing to everybody


@pytest.mark.req("SSO-17")
def test_a_test_client_works_at_once(desk: Desk, mother: Client) -> None:
    site, secret = desk.enter()
    tokens = walk_in(mother, "bakery-test", secret)
    told = userinfo(mother, tokens["access_token"]).json()
    assert told["family_name"]
    assert site.test is not None
    assert site.test.session_minutes == 20


@pytest.mark.req("PRV-13")
def test_a_secret_is_shown_once_and_kept_nowhere(desk: Desk) -> None:
    _, secret = desk.enter()
    page = desk.browser.get(SITE, **HOST)
    assert len(secret) > 40
    assert secret not in page.content.decode()
    assert secret not in str(list(RelyingParty.objects.values()))
    assert secret not in str(list(SiteDeed.objects.values()) + list(Act.objects.values()))


@pytest.mark.req("SSO-08", "SSO-17")
def test_the_live_client_reads_what_was_asked_for_and_approved(desk: Desk, mother: Client) -> None:
    _, secret = desk.live("family_name")
    tokens = walk_in(mother, "bakery", secret)
    told = userinfo(mother, tokens["access_token"]).json()
    assert set(told) == {"sub", "family_name"}


@pytest.mark.req("PRV-15", "PRV-06")
def test_purpose_legal_basis_protector_and_decision_stand_on_record(desk: Desk) -> None:
    site, _ = desk.live()
    facts = site.applications.get().told
    assert facts.claims == {"national_id": "ماده ۵", "family_name": "ماده ۵"}
    assert (facts.protector_name, facts.protector_post) == ("رضا امین", "مدیر کل")
    approval = site.approvals.get()
    assert (approval.number, approval.data_items) == ("12/1405", ["national_id", "family_name"])
    act = Act.objects.get(deed="claims.approved")
    assert (act.subject, act.facts["decision"], act.officer) == (
        "bakery",
        "12/1405",
        desk.registrar,
    )


def test_the_live_client_does_not_exist_before_it_is_approved(desk: Desk, mother: Client) -> None:
    desk.enter()
    desk.ask()
    assert authorize(mother, client_id="bakery", redirect_uri=CALLBACK).status_code == 400


def test_a_returned_application_is_mended_and_asked_for_again(desk: Desk) -> None:
    desk.enter()
    desk.ask()
    first = Application.objects.get()
    page = f"{REGISTRAR}applications/{first.pk}/"
    assert post(desk.staff, page, verdict="return", reason="  ").status_code == 200
    post(desk.staff, page, verdict="return", reason="نشانی را درست کنید")
    assert "نشانی را درست کنید" in desk.browser.get(SITE, **HOST).content.decode()
    desk.ask(redirect_uris="https://bakery.example/second")
    desk.approve("bakery", "family_name")
    live = RelyingParty.objects.get(client_id="bakery")
    assert live.redirect_uris == ["https://bakery.example/second"]
    assert list(Application.objects.values_list("state", flat=True)) == ["approved", "returned"]


def test_a_refused_application_makes_no_client(desk: Desk) -> None:
    desk.enter()
    desk.ask()
    waiting = Application.objects.get()
    post(desk.staff, f"{REGISTRAR}applications/{waiting.pk}/", verdict="refuse", reason="نه")
    assert not RelyingParty.objects.filter(client_id="bakery").exists()
    assert Act.objects.filter(deed="live.refused", subject="bakery").exists()


def test_an_application_is_decided_once(desk: Desk) -> None:
    desk.enter()
    desk.ask()
    waiting = Application.objects.get()
    applications.refuse(actor=desk.registrar, application=waiting, reason="نه")
    with pytest.raises(applications.NotOpen):
        applications.send_back(actor=desk.registrar, application=waiting, reason="باز")
    again = post(desk.staff, f"{REGISTRAR}applications/{waiting.pk}/", **_approval())
    assert again.status_code == 403
    assert not RelyingParty.objects.filter(client_id="bakery").exists()


def _approval(**changed: Any) -> dict[str, Any]:
    date = {"date_0": "1", "date_1": "2", "date_2": "1404"}
    return {"verdict": "approve", "number": "1", "data_items": ["family_name"]} | date | changed


def test_a_second_application_waits_for_the_first(desk: Desk) -> None:
    desk.enter()
    desk.ask()
    assert "نخست آن را پس بگیرید" in desk.ask().content.decode()
    waiting = Application.objects.get()
    post(desk.browser, f"{SITE}ask/{waiting.pk}/withdraw/")
    assert desk.ask().status_code == 302


def test_a_change_keeps_the_secret_and_asks_anew(desk: Desk, mother: Client) -> None:
    _, secret = desk.live()
    desk.ask(redirect_uris=f"{CALLBACK}\nhttps://bakery.example/second")
    live = RelyingParty.objects.get(client_id="bakery")
    assert live.redirect_uris == [CALLBACK]
    desk.approve("bakery", "family_name")
    assert "id_token" in walk_in(mother, "bakery", secret)
    live.refresh_from_db()
    assert live.redirect_uris[1] == "https://bakery.example/second"


@pytest.mark.req("SSO-08")
def test_claims_are_cut_at_once_also_for_tokens_that_are_out(desk: Desk, mother: Client) -> None:
    _, secret = desk.live()
    token = walk_in(mother, "bakery", secret)["access_token"]
    assert "national_id" in userinfo(mother, token).json()
    more = _approval(data_items=["family_name", "phone_number"])
    assert post(desk.staff, f"{REGISTRAR}sites/bakery/", **more).context["form"].errors
    cut = _approval(data_items=["family_name"], number="13/1405")
    post(desk.staff, f"{REGISTRAR}sites/bakery/", **cut)
    assert set(userinfo(mother, token).json()) == {"sub", "family_name"}
    assert Act.objects.get(deed="claims.cut").facts["claims"] == ["family_name"]


# Credentials


@pytest.mark.req("PRV-13")
def test_a_secret_is_replaced_without_a_failed_login(desk: Desk, mother: Client) -> None:
    _, old = desk.enter()
    new = str(post(desk.browser, f"{SITE}test/secret/").context["secret"])
    assert "id_token" in walk_in(mother, "bakery-test", old)
    assert "id_token" in walk_in(mother, "bakery-test", new)
    assert post(desk.browser, f"{SITE}test/secret/").status_code == 409  # a reload ends no secret
    post(desk.browser, f"{SITE}test/secret/drop/")
    assert walk_in(mother, "bakery-test", old)["error"] == "invalid_client"
    assert "id_token" in walk_in(mother, "bakery-test", new)


@pytest.mark.req("PRV-13")
def test_keys_are_replaced_and_are_public_ones(desk: Desk) -> None:

    key, other = new_key(), new_key()
    public = {"keys": [key.as_dict(private=False)]}
    _, secret = desk.enter(jwks=json.dumps(public), profile="high")
    assert secret == ""
    both = {"keys": [key.as_dict(private=False), other.as_dict(private=False)]}
    private = {"keys": [key.as_dict(private=True)]}
    for wrong in (json.dumps(private), "[]", "{}", "nonsense"):
        answer = post(desk.browser, f"{SITE}test/keys/", jwks=wrong)
        assert answer.context["form"].errors["jwks"]
    assert post(desk.browser, f"{SITE}test/keys/", jwks=json.dumps(both)).status_code == 302
    assert RelyingParty.objects.get(client_id="bakery-test").jwks == both
    assert post(desk.browser, f"{SITE}test/secret/").status_code == 409


# Closing


@pytest.mark.req("SSO-14")
@pytest.mark.django_db(transaction=True)
def test_a_closed_client_ends_its_tokens_tells_its_site_and_stays_in_the_history(
    desk: Desk, mother: Client
) -> None:
    _, secret = desk.live()
    token = walk_in(mother, "bakery", secret)["access_token"]
    assert userinfo(mother, token).status_code == 200
    assert post(desk.browser, f"{SITE}live/close/").status_code == 302
    assert userinfo(mother, token).status_code == 401
    assert Grant.objects.get(client_id="bakery").revoked_at
    assert authorize(mother, client_id="bakery", redirect_uri=CALLBACK).status_code == 400
    assert tell_due() == 1
    assert LogoutNotice.objects.get().last_outcome != "closed"  # it was tried to be told
    assert "نانوایی" in mother.get("/fa/account/releases/", **HOST).content.decode()


def test_closing_ends_what_people_agreed_to(desk: Desk, mother: Client) -> None:
    desk.live()
    owner = registered(invented(9))
    Consent.objects.create(person=owner, client_id="bakery", claims=[], given_at=clock.now())
    post(desk.staff, f"{REGISTRAR}sites/bakery/live/close/")
    assert Consent.objects.get().ended_at
    assert Act.objects.filter(deed="live.closed", subject="bakery").exists()


def test_a_closed_test_client_is_not_opened_by_a_change(desk: Desk) -> None:
    desk.enter()
    post(desk.browser, f"{SITE}test/close/")
    assert post(desk.browser, f"{SITE}change/", **filled()).status_code == 403
    assert RelyingParty.objects.get(client_id="bakery-test").closed_at
    assert post(desk.browser, f"{SITE}test/secret/").status_code == 403


# What is refused


@pytest.mark.parametrize("runs_on", ["browser", "mobile"])
def test_no_secret_is_given_to_code_that_everybody_can_read(desk: Desk, runs_on: str) -> None:
    answer = post(desk.browser, f"{DESK}new/", **filled(runs_on=runs_on))
    assert answer.context["form"].errors["runs_on"]
    assert not RelyingParty.objects.filter(client_id__startswith="bakery").exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"redirect_uris": "http://bakery.example/cb"}, "redirect_uris"),
        ({"redirect_uris": "https://bakery.example/cb#x"}, "redirect_uris"),
        ({"redirect_uris": "https://u@bakery.example/cb"}, "redirect_uris"),
        ({"redirect_uris": "https://*.example/cb"}, "redirect_uris"),
        ({"redirect_uris": "https://[bad/cb"}, "redirect_uris"),
        ({"redirect_uris": "javascript:alert(1)"}, "redirect_uris"),
        ({"redirect_uris": "  "}, "redirect_uris"),
        (
            {"redirect_uris": "\n".join(f"https://a.example/{n}" for n in range(21))},
            "redirect_uris",
        ),
        ({"backchannel_logout_uri": ""}, "backchannel_logout_uri"),
        ({"backchannel_logout_uri": "http://bakery.example/"}, "backchannel_logout_uri"),
        ({"protector_name": ""}, "protector_name"),
        ({"profile": "high"}, "jwks"),
        ({"expected_minutes": "0"}, "expected_minutes"),
        ({"expected_minutes": "61"}, "expected_minutes"),
        ({"code": "Bakery!"}, "code"),
        ({"code": "bakery-test"}, "code"),
    ],
)
def test_what_could_never_work_is_said_at_its_field(
    desk: Desk, changed: dict[str, str], field: str
) -> None:
    answer = post(desk.browser, f"{DESK}new/", **filled(**changed))
    assert list(answer.context["form"].errors) == [field]
    assert not Site.objects.exists()


def test_a_developers_own_machine_is_for_testing_only(desk: Desk, settings: Any) -> None:
    settings.PROFILE = "production"
    local = {"redirect_uris": "http://localhost:8000/cb", "entry_point": "http://127.0.0.1:8000/"}
    desk.enter(**local)
    answer = desk.ask(**local)
    assert set(answer.context["form"].errors) == {"redirect_uris", "entry_point"}


def test_a_code_is_given_once(desk: Desk) -> None:
    desk.enter()
    again = post(desk.browser, f"{DESK}new/", **filled())
    assert again.context["form"].errors["code"]


@pytest.mark.req("SSO-16")
def test_a_site_reports_whether_it_still_registers_people_itself(desk: Desk) -> None:
    desk.enter()
    assert "گزارش نشده" in desk.staff.get(REGISTRAR, **HOST).content.decode()
    post(desk.browser, f"{SITE}local-registration/", kept="yes")
    assert "هنوز خودش ثبت‌نام می‌کند" in desk.staff.get(REGISTRAR, **HOST).content.decode()
    post(desk.browser, f"{SITE}local-registration/", kept="no")
    page = desk.staff.get(REGISTRAR, **HOST).content.decode()
    assert "هنوز خودش ثبت‌نام می‌کند" not in page
    assert "ثبت‌نام فقط ملی" in page


def test_the_sites_of_others_are_not_in_the_list(desk: Desk) -> None:
    desk.enter()
    assert "bakery" not in other_developer(desk).get(DESK, **HOST).content.decode()


@pytest.mark.req("SSO-16")
def test_sites_of_the_sandbox_stand_on_the_desk_and_stay_when_it_starts_again(
    db: None, exchange: Any
) -> None:
    make_keys(django_ready.HOME)
    for _ in range(2):
        seed(people=1)
    person = sign_on_developer(clock.now().date())
    own = registered(invented(8), national_id=person.national_id)
    page = at_desk(own).get(DESK, **HOST).content.decode()
    assert "پنجرهٔ ثبت احوال" in page
    assert "میز کار مرکز تبادل" not in page
    assert Site.objects.count() == RelyingParty.objects.count()


def test_an_officer_is_appointed_at_the_terminal(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    person = registered(invented(8))
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{person.national_id}\nرضا\n"))
    appoint(["auditor"])
    assert at_desk(person).get("/fa/staff/acts/", **HOST).status_code == 200
    assert capsys.readouterr().out == ""
