"""The ledger of releases: what was told, what for as it was said then, for its person only."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from conftest import Clock
from django.test import Client
from people import (
    HOST,
    citizen,
    code_for,
    redeem,
    register_client,
    registered,
    sign_in,
    userinfo,
)

from panjereh.sso.acting.models import Mandate, MandateUse
from panjereh.sso.jobs import sweep_expired
from panjereh.sso.ledger.actions import let_read, let_read_no_more
from panjereh.sso.ledger.models import Statement
from panjereh.sso.models import Grant, Person, Release, Session
from panjereh.sso.policy import policy

pytestmark = pytest.mark.django_db

PAGE = "/fa/account/releases/"
READS = "openid profile national_id releases"


def told(browser: Client, **changed: Any) -> None:
    userinfo(browser, token(browser, **changed))


def token(browser: Client, scope: str = READS, client_id: str = "window") -> str:
    answer = redeem(
        browser, code_for(browser, scope=scope, client_id=client_id), client_id=client_id
    )
    access: str = answer.json()["access_token"]
    return access


def ask(access: str, **query: str) -> Any:
    return Client().get(
        "/oauth2/releases", query, headers={"Authorization": f"Bearer {access}"}, **HOST
    )


def page_of(browser: Client, path: str = PAGE, **query: str) -> str:
    answer = browser.get(path, query, **HOST)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def reader(inside: Client) -> Client:
    """The window may show people their ledger."""
    let_read("window", actor="test")
    return inside


@pytest.mark.req("SSO-09", "PRV-02", "PRV-15")
def test_a_line_keeps_the_purpose_and_the_law_as_they_were_said_then(
    reader: Client, clock: Clock
) -> None:
    basis = {"national_id": "قانون ثبت احوال", "birth_date": "قانون دیگر"}
    register_client(purpose={"fa": "هدف نخست", "en": "First"}, legal_basis=basis)
    told(reader)
    clock.forward(minutes=1)
    register_client(purpose={"fa": "هدف دوم", "en": "Second"}, name={"fa": "نام نو", "en": "New"})
    told(reader)
    second, first = ask(token(reader, "openid releases")).json()["lines"]
    assert (first["purpose"]["en"], second["purpose"]["en"]) == ("First", "Second")
    assert first["legal_basis"] == ["قانون ثبت احوال"], "of what was told, no other"
    assert (first["site"]["name"]["en"], second["site"]["name"]["en"]) == ("Test window", "New")
    assert first["agency"] == {"code": "ito", "name": {"fa": "سازمان آزمون", "en": "Test agency"}}
    assert [claim["code"] for claim in first["claims"]] == [
        "national_id",
        "given_name",
        "family_name",
    ]
    assert first["claims"][0]["name"]["fa"] == "کد ملی"
    assert first["session"] == str(Session.objects.get().id)
    shown = page_of(reader)
    assert "هدف نخست" in shown
    assert "قانون ثبت احوال" in shown


def test_what_is_said_again_unchanged_is_noted_once(window: str) -> None:
    register_client()
    register_client()
    assert Statement.objects.filter(client_id="window").count() == 1


def test_lines_are_filtered_by_agency_and_time_and_come_page_by_page(
    reader: Client, clock: Clock
) -> None:
    register_client("tax", agency="tax", agency_name={"fa": "مالیات", "en": "Tax"})
    for _ in range(3):
        told(reader, scope="openid profile")
    clock.forward(minutes=2)
    told(reader, client_id="tax", scope="openid profile")
    access = token(reader, "openid releases")
    every = ask(access).json()
    assert [line["agency"]["code"] for line in every["lines"]] == ["tax", "ito", "ito", "ito"]
    assert every["agencies"] == [
        {"code": "ito", "name": {"fa": "سازمان آزمون", "en": "Test agency"}},
        {"code": "tax", "name": {"fa": "مالیات", "en": "Tax"}},
    ]
    of_tax = ask(access, agency="tax").json()["lines"]
    assert [line["id"] for line in of_tax] == [every["lines"][0]["id"]]
    since = (clock.now() - timedelta(minutes=1)).isoformat()
    assert len(ask(access, since=since).json()["lines"]) == 1
    assert len(ask(access, until=since).json()["lines"]) == 3
    seen: list[int] = []
    before: dict[str, str] = {}
    while True:
        page = ask(access, most="3", **before).json()
        seen += [line["id"] for line in page["lines"]]
        if page["older"] is None:
            break
        before = {"before": str(page["older"])}
    assert seen == [line["id"] for line in every["lines"]], "no gap, no repeat"
    assert "مالیات" in page_of(reader, agency="tax")
    assert "<h3" not in page_of(reader, agency="nobody")


def test_lines_of_one_moment_come_once_each(reader: Client, person: Person) -> None:
    told(reader)
    (one,) = Release.objects.all()
    for _ in range(4):
        Release.objects.create(**{f: getattr(one, f) for f in FIELDS}, person=person)
    access, seen, before = token(reader, "openid releases"), [], ""
    while before != "None":
        page = ask(access, most="2", **({"before": before} if before else {})).json()
        seen += [line["id"] for line in page["lines"]]
        before = str(page["older"])
    assert len(seen) == len(set(seen)) == 5


FIELDS = ("client_id", "agency", "claims", "session", "grant", "released_at")


@pytest.mark.parametrize("wrong", ["before=x", "since=yesterday", "most=many", "until=99"])
def test_a_question_that_is_none_is_refused(reader: Client, wrong: str) -> None:
    name, _, value = wrong.partition("=")
    assert ask(token(reader, "openid releases"), **{name: value}).status_code == 400


# Who may read


@pytest.mark.req("SSO-09")
def test_reading_the_ledger_is_no_release(reader: Client) -> None:
    ask(token(reader, "openid releases"))
    assert not Release.objects.exists()


def test_without_a_token_nothing_is_told(db: None) -> None:
    assert Client().get("/oauth2/releases", **HOST).status_code == 401
    assert ask("of-nobody").status_code == 401
    assert Client().get("/oauth2/releases?access_token=x", **HOST).status_code == 401


def test_a_token_without_the_scope_reads_nothing(reader: Client) -> None:
    answer = ask(token(reader, "openid profile national_id"))
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")


def test_another_site_cannot_even_ask_for_the_scope(reader: Client) -> None:
    register_client("shop")
    answer = redeem(
        reader, code_for(reader, scope=READS, client_id="shop"), client_id="shop"
    ).json()
    assert "releases" not in answer.get("scope", "openid profile national_id").split()
    assert ask(answer["access_token"]).status_code == 403


def test_a_site_that_was_shut_out_reads_nothing_with_what_it_holds(reader: Client) -> None:
    access = token(reader, "openid releases")
    assert ask(access).status_code == 200
    let_read_no_more("window", actor="test")
    assert ask(access).status_code == 403


def test_a_token_reads_the_lines_of_its_own_person_only(reader: Client) -> None:
    told(reader)
    other = Client()
    sign_in(other, registered(citizen(2)))
    assert ask(token(other, "openid releases")).json()["lines"] == []
    line = str(Release.objects.get().id)
    assert ask(token(other, "openid releases"), before=line).json()["lines"] == []
    assert "<h3" not in page_of(other)


def test_who_acts_for_another_does_not_read_the_ledger_of_either(
    reader: Client, person: Person
) -> None:
    access = token(reader, "openid releases")
    Grant.objects.update(mandate_use="00000000-0000-4000-8000-000000000001")
    assert ask(access).status_code == 403


def test_an_ended_session_reads_nothing_more(reader: Client, person: Person) -> None:
    access = token(reader, "openid releases")
    Grant.objects.update(revoked_at=person.registered_at)
    assert ask(access).status_code == 401


@pytest.mark.parametrize("path", [PAGE, "/fa/account/releases.csv", "/fa/account/releases.json"])
def test_pages_and_files_are_behind_the_sign_in(db: None, path: str) -> None:
    assert Client().get(path, **HOST)["Location"] == "/fa/login/"


# To take home


def test_the_person_takes_all_lines_home_as_json_and_as_a_table(reader: Client) -> None:
    register_client(purpose={"fa": '=HYPERLINK("http://evil")', "en": "x"})
    for _ in range(3):
        told(reader)
    lines = json.loads(page_of(reader, "/fa/account/releases.json"))
    assert len(lines) == 3
    answer = reader.get("/fa/account/releases.csv", **HOST)
    assert answer["Content-Disposition"] == 'attachment; filename="releases.csv"'
    assert answer["Cache-Control"] == "no-store"
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 4
    assert rows[1][1] == "سازمان آزمون"
    assert rows[1][4].startswith("'="), "no formula of an agency runs at home"
    assert json.loads(page_of(reader, "/fa/account/releases.json", agency="nobody")) == []


def test_lines_go_after_the_stated_time(reader: Client, clock: Clock) -> None:
    told(reader)
    clock.forward(days=policy().releases_kept.days - 1)
    sweep_expired()
    assert Release.objects.count() == 1
    clock.forward(days=2)
    sweep_expired()
    assert not Release.objects.exists()


@pytest.mark.req("WIN-30")
def test_a_line_says_who_acted_for_whom(reader: Client, person: Person, clock: Clock) -> None:
    told(reader)
    agent = registered(citizen(2, given_name="رضا"))
    mandate = Mandate.objects.create(
        kind="helper",
        principal=person,
        agent=agent,
        agent_national_id=agent.national_id,
        services=["*"],
        asked_at=clock.now(),
    )
    use = MandateUse.objects.create(
        mandate=mandate, session=Session.objects.get(), client_id="window", at=clock.now()
    )
    Grant.objects.update(mandate_use=use.id)
    Release.objects.create(**{f: getattr(Release.objects.get(), f) for f in FIELDS}, person=agent)
    assert f"رضا {agent.family_name} به نمایندگی از شما" in page_of(reader)
    theirs = Client()
    sign_in(theirs, agent)
    assert f"به نمایندگی از {person.given_name}" in page_of(theirs)
