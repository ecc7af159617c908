"""On a real port, with real connections: what many do at once is done once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from exchange_side import ExchangeSide
from live import LiveSso, start_sso
from people import (
    BORN_TYPED,
    CALLBACK,
    SECRET,
    VERIFIER,
    Walk,
    asked,
    begin,
    citizen,
    code_for,
    register_client,
    registered,
    sign_in,
)
from pyreqwest.client import SyncClientBuilder

from panjereh.sso.models import Grant, Person, Session
from panjereh.sso.sessions.actions import end_session

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 12


@pytest.fixture
def sso(settings: Any, exchange: ExchangeSide) -> Iterator[LiveSso]:
    live = start_sso()
    settings.ISSUER = live.url
    yield live
    live.stop()


def all_at_once(work: Callable[[int], Any]) -> list[Any]:
    def one(number: int) -> Any:
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_of_twelve_parallel_redemptions_exactly_one_succeeds(sso: LiveSso) -> None:
    register_client()
    browser = Client()
    sign_in(browser, registered(citizen()))
    http = SyncClientBuilder().build()

    def redeem(code: str) -> tuple[int, dict[str, Any]]:
        form = {
            "grant_type": "authorization_code",
            "client_id": "window",
            "client_secret": SECRET,
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        response = http.post(f"{sso.inner}/oauth2/token").form(form).build().send()
        return response.status, response.json()

    for _ in range(10):
        code = code_for(browser)
        answers = all_at_once(lambda _, c=code: redeem(c))
        assert sorted(status for status, _ in answers) == [200] + [400] * (AT_ONCE - 1)
        token = next(body["access_token"] for status, body in answers if status == 200)
        looked = http.get(f"{sso.inner}/oauth2/userinfo").bearer_auth(token).build().send().status
        assert looked == 401, "the replays have revoked what the first use gave"
    assert Grant.objects.filter(revoked_at=None).count() == 0


def test_a_press_on_yes_twelve_times_makes_one_account(exchange: ExchangeSide) -> None:
    mother = exchange.add(citizen())
    walks = []
    for _ in range(3):
        walk = begin(Client(), exchange, "register")
        walk.answer_all(mother)
        known = exchange.count_to(mother.mobile)
        walk.post("register/code", code=walk.code_sent_to(mother.mobile, after=known - 1))
        walks.append(walk)
    answers = all_at_once(lambda n: walks[n % 3].post("register/confirm").status_code)
    assert set(answers) <= {200, 302, 409}
    assert Person.objects.count() == 1


def test_answers_and_inquiries_at_once_never_mix_two_people(
    exchange: ExchangeSide, settings: Any
) -> None:
    """One tab answers for one person while another tab of the same journey asks for the other."""
    limits = ("inquiries_per_hour", "inquiries_per_address_and_hour")
    sends = ("sends_per_hour", "sends_per_day", "sends_per_address_and_hour")
    settings.SSO_POLICY = dict.fromkeys((*limits, *sends), 1000)
    attacker, victim = exchange.add(citizen(1)), exchange.add(citizen(2))
    for _ in range(3):
        exchange.messages.clear()
        walk = begin(Client(), exchange, "register")
        walk.post("register/birth-date", **BORN_TYPED)
        walk.post("register/mobile", mobile=attacker.mobile)
        all_at_once(lambda n, w=walk: _answer(w, (attacker, victim)[n % 2].national_id))
        walk.post("register/national-id", national_id=attacker.national_id)
        walk.post("register/code", code=walk.code_sent_to(attacker.mobile))
        walk.post("register/national-id", national_id=victim.national_id)
        walk.post("register/confirm")
        assert not Person.objects.filter(national_id=victim.national_id).exists()


def _answer(walk: Walk, national_id: str) -> int:
    own = Walk(Client(), walk.exchange, walk.journey)
    own.client.cookies.load({k: m.value for k, m in walk.client.cookies.items()})
    return int(own.post("register/national-id", national_id=national_id).status_code)


def test_sign_in_and_logout_at_once_leave_no_living_grant(sso: LiveSso) -> None:
    """Whatever comes first: after the logout no code and no token of that session works."""
    register_client()
    for number in range(5):
        browser = Client()
        sign_in(browser, registered(citizen(number)))
        session = Session.objects.latest("started_at")
        key = browser.cookies["sso"].value
        answers = all_at_once(lambda n, s=session, k=key: _authorize_or_end(sso, s, k, n))
        assert set(answers) <= {0, 302, 303}
        assert not Grant.objects.filter(session=session, revoked_at=None).exists()


def _authorize_or_end(sso: LiveSso, session: Session, key: str, number: int) -> int:
    if number == AT_ONCE // 2:
        end_session(session.id, actor=session.person_id)
        return 0
    http = SyncClientBuilder().follow_redirects(False).build()
    headers = {"cookie": f"sso={key}", "host": f"sso.localhost:{sso.port}"}
    address = f"{sso.inner}/oauth2/authorize?{urlencode(asked())}"
    return int(http.get(address).headers(headers).build().send().status)
