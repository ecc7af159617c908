"""A person's own page: sessions, sign-ins, and who was told what."""

import pytest
from conftest import Clock
from django.test import Client
from exchange_side import ExchangeSide
from people import (
    HOST,
    Walk,
    begin,
    citizen,
    code_for,
    redeem,
    register_client,
    registered,
    sign_in,
    userinfo,
)

from panjereh.sso.models import Person, RelyingParty, Session, SignIn
from panjereh.sso.sessions.visitor import _described, _network

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"


def account(client: Client, language: str = "fa") -> str:
    response = client.get(f"/{language}/account/", **HOST)
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_page_is_for_its_owner_only(browser: Client, db: None) -> None:
    assert browser.get("/fa/account/", **HOST)["Location"] == "/fa/login/"


@pytest.mark.req("SSO-09", "PRV-02")
def test_each_release_is_shown_with_agency_data_time_and_purpose(inside: Client) -> None:
    assert "هنوز هیچ‌کس" in account(inside)
    token = redeem(inside, code_for(inside)).json()["access_token"]
    userinfo(inside, token)
    page = account(inside)
    for words in ("سازمان آزمون", "پنجرهٔ آزمون", "کد ملی، نام، نام خانوادگی", "<dd>آزمون</dd>"):
        assert words in page
    assert "Test agency" in account(inside, "en")


def test_a_release_to_a_closed_client_keeps_its_names(inside: Client, clock: Clock) -> None:
    userinfo(inside, redeem(inside, code_for(inside)).json()["access_token"])
    RelyingParty.objects.update(closed_at=clock.now())
    assert "سازمان آزمون" in account(inside)


def test_other_sessions_can_be_ended_and_strangers_sessions_cannot(
    inside: Client, person: Person
) -> None:
    phone = Client()
    sign_in(phone, person)
    theirs = registered(citizen(2))
    sign_in(Client(), theirs)
    mine, other, strange = (
        Session.objects.filter(person=person).order_by("started_at")[0],
        Session.objects.filter(person=person).order_by("started_at")[1],
        Session.objects.get(person=theirs),
    )
    page = account(inside)
    assert f"/fa/account/sessions/{other.id}/end/" in page
    assert str(strange.id) not in page

    assert (
        inside.post(f"/fa/account/sessions/{other.id}/end/", **HOST)["Location"] == "/fa/account/"
    )
    assert phone.get("/fa/account/", **HOST)["Location"] == "/fa/login/"
    inside.post(f"/fa/account/sessions/{strange.id}/end/", **HOST)
    assert Session.objects.get(id=strange.id).ended_at is None
    assert inside.get(f"/fa/account/sessions/{mine.id}/end/", **HOST).status_code == 405

    response = inside.post(f"/fa/account/sessions/{mine.id}/end/", **HOST)
    assert response["Location"] == "/fa/signed-out/"
    assert inside.get("/fa/account/", **HOST)["Location"] == "/fa/login/"


def test_sign_ins_are_listed_with_browser_and_destination(
    window: str, exchange: ExchangeSide
) -> None:
    browser = Client(headers={"User-Agent": FIREFOX})
    mother = exchange.add(citizen())
    registered(mother)
    walk: Walk = begin(browser, exchange)
    walk.post("login", national_id=mother.national_id)
    walk.post("login/code", code=walk.code_sent_to(mother.mobile))
    page = account(browser)
    assert "Firefox, Linux" in page
    assert "اطلاعات هویتی و شمارهٔ همراه" in page


def test_numbers_on_the_page_are_masked_or_isolated(inside: Client, person: Person) -> None:
    page = account(inside)
    assert person.mobile not in page
    assert "•••" in page
    assert '<bdi dir="ltr">۱' in page


def test_the_first_page_leads_in_or_to_the_account(browser: Client, inside: Client) -> None:
    assert inside.get("/fa/", **HOST)["Location"] == "/fa/account/"
    stranger = Client()
    assert stranger.get("/", **HOST)["Location"] == "/fa/"
    assert "/fa/register/" in stranger.get("/fa/", **HOST).content.decode()
    assert inside.get("/fa/login/", **HOST)["Location"] == "/fa/account/"
    assert inside.get("/fa/register/", **HOST)["Location"] == "/fa/account/"


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        (FIREFOX, "Firefox, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/130.0 Safari/537 Edg/130",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit Chrome/130.0 Mobile Safari/537",
            "Chrome, Android",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/17 Safari/605", "Safari, MacOS"),
        ("<script>", ""),
        ("", ""),
    ],
)
def test_browsers_are_named_in_a_few_words_of_ours(agent: str, shown: str) -> None:
    assert _described(agent) == shown


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::1", "2001:db8:1::/56"),
        ("", "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_limits_count_networks(address: str, network: str) -> None:
    assert _network(address) == network


def test_a_client_that_was_renamed_or_removed_does_not_break_the_page(
    inside: Client, person: Person
) -> None:
    register_client("gone")
    userinfo(inside, redeem(inside, code_for(inside)).json()["access_token"])
    SignIn.objects.update(client_id="gone", level=9)
    RelyingParty.objects.all().delete()
    assert "سازمان آزمون" in account(inside), "it was told under this name"
