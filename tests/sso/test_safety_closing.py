"""Closing an account: at once, undone by registering again only, forgotten after 30 days."""

import pytest
from conftest import Clock
from django.test import Client
from exchange_side import ExchangeSide
from people import HOST, begin, citizen, code_for, redeem, registered, sign_in, userinfo

from panjereh.common.outbox.models import OutboxEvent
from panjereh.sso.events.actions import take_events
from panjereh.sso.events.models import Event
from panjereh.sso.models import Grant, KnownBrowser, Person, Release, Session, SignIn
from panjereh.sso.provider.subjects import own_subject
from panjereh.sso.registry_news.actions import reopen_account
from panjereh.sso.safety.closing import KEPT, KEPT_ROOMS, erased_tables, purge_due
from panjereh.sso.safety.models import Closure, Notice

pytestmark = pytest.mark.django_db


def close(client: Client) -> None:
    page = client.post("/fa/account/close/", **HOST)
    assert page.status_code == 200
    assert "بسته شد" in page.content.decode()


def kinds() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("type", flat=True))


def register_again(exchange: ExchangeSide, person: Person) -> Client:
    of = exchange.citizens[person.national_id]
    client = Client()
    walk = begin(client, exchange, "register")
    known = exchange.count_to(of.mobile)
    walk.answer_all(of)
    walk.post("register/code", code=walk.code_sent_to(of.mobile, after=known))
    assert walk.post("register/confirm").status_code == 302
    return client


def test_the_page_says_in_plain_words_what_follows(inside: Client) -> None:
    page = inside.get("/fa/account/close/", **HOST).content.decode()
    for words in ("همه‌جا از حساب خارج", "۳۰ روز", "دوباره ثبت‌نام", "بدون نام شما می‌ماند"):
        assert words in page
    assert Person.objects.get().closed_at is None, "looking closes nothing"


def test_closing_ends_everything_at_once(
    inside: Client, person: Person, exchange: ExchangeSide
) -> None:
    take_events("window", actor="test", address="https://window.example/events")
    token = redeem(inside, code_for(inside)).json()["access_token"]
    other = Client()
    sign_in(other, person)
    close(inside)
    assert userinfo(inside, token).status_code == 401
    assert other.get("/fa/account/", **HOST).status_code == 302
    assert "account-disabled" in {event.kind for event in Event.objects.all()}
    assert kinds() == ["sso.person.closed"]
    assert Notice.objects.get().kind == "account-closed"


def test_a_closed_account_is_not_opened_by_signing_in(
    inside: Client, person: Person, exchange: ExchangeSide
) -> None:
    close(inside)
    walk = begin(Client(), exchange)
    assert walk.post("login", national_id=person.national_id).status_code == 302
    assert exchange.messages == []


def test_an_old_session_signs_in_once_more_first(inside: Client, clock: Clock) -> None:
    clock.forward(minutes=11)
    assert "/login/" in inside.post("/fa/account/close/", **HOST)["Location"]
    assert Person.objects.get().closed_at is None


def test_closing_twice_is_closing_once(inside: Client, person: Person) -> None:
    sign_in(inside, person)
    close(inside)
    assert "/login/" in inside.post("/fa/account/close/", **HOST)["Location"]
    assert Closure.objects.count() == 1


@pytest.mark.req("WIN-02")
def test_within_the_days_registering_again_is_the_same_account(
    inside: Client, person: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    close(inside)
    clock.forward(days=29)
    assert purge_due() == 0
    back = register_again(exchange, person)
    assert Person.objects.get().id == person.id
    assert back.get("/fa/account/", **HOST).status_code == 200
    clock.forward(days=30)
    assert purge_due() == 0
    assert Person.objects.get().given_name
    assert kinds()[-1] == "sso.person.reopened"


@pytest.mark.req("WIN-02")
def test_after_the_days_the_person_is_forgotten_and_still_the_same_on_return(
    inside: Client, person: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    userinfo(inside, redeem(inside, code_for(inside)).json()["access_token"])
    close(inside)
    clock.forward(days=30, seconds=1)
    assert purge_due() == 1
    gone = Person.objects.get(id=person.id)
    whole = str(vars(gone)) + str(list(Session.objects.values()))
    for datum in (person.national_id, person.mobile, person.family_name, "1991", "Firefox"):
        assert datum not in whole
    for table in (SignIn, KnownBrowser, Notice):
        assert not table.objects.exists()
    assert Release.objects.filter(person=person).exists(), "who was told what must stay"
    assert Grant.objects.exists()
    assert kinds()[-1] == "sso.person.purged"

    back = register_again(exchange, person)
    assert Person.objects.get().id == person.id
    assert own_subject(Person.objects.get().id) == own_subject(person.id)
    assert back.get("/fa/account/", **HOST).status_code == 200
    assert purge_due() == 0


def test_somebody_else_is_not_taken_for_the_forgotten_one(
    inside: Client, person: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    close(inside)
    clock.forward(days=31)
    purge_due()
    other = exchange.add(citizen(5))
    walk = begin(Client(), exchange, "register")
    walk.answer_all(other)
    walk.post("register/code", code=walk.code_sent_to(other.mobile))
    walk.post("register/confirm")
    assert Person.objects.count() == 2


def test_many_are_forgotten_and_none_twice(
    inside: Client, person: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    others = [registered(exchange.add(citizen(n))) for n in (7, 8)]
    close(inside)
    for other in others:
        client = Client()
        sign_in(client, other)
        close(client)
    clock.forward(days=31)
    assert purge_due() == 3
    assert purge_due() == 0


def test_an_undone_death_does_not_open_what_the_person_closed(
    inside: Client, person: Person
) -> None:
    close(inside)
    assert not reopen_account(person, actor="civil-registry/deceased", reason="withdrawn")
    assert Person.objects.get().closed_at


def test_what_hangs_on_a_person_is_erased_unless_there_is_a_reason() -> None:
    erased = {table.__name__ for table in erased_tables()}
    assert {"SignIn", "KnownBrowser", "Notice", "NumberStanding", "Passkey"} <= erased
    assert not erased & KEPT
    labels = {table._meta.app_label for table in erased_tables()}
    assert not labels & KEPT_ROOMS
