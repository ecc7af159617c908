"""The operator pages: who may see them, what they tell, and that everybody can read them."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.test.testcases import LiveServerThread
from django.urls import URLPattern, get_resolver
from playwright.sync_api import Browser, Page
from support.bidi import misplaced_runs
from support.browser import assert_accessible, assert_light, assert_reflows
from world import Caller, World

from panjereh.common import clock
from panjereh.exchange.models import CallRecord, Grant, Operator, PolicyChange, Service
from panjereh.exchange.queries import PAGE_CALLS
from panjereh.sdk.signin.person import SESSION_KEY, Person, as_kept

OPERATOR = Person(
    sub="s-1",
    acr="urn:panjereh:level:1",
    national_id="0012345679",
    given_name="نرگس",
    family_name="راستین",
)
STRANGER = Person(
    sub="s-2",
    acr="urn:panjereh:level:1",
    national_id="0023456782",
    given_name="کاوه",
    family_name="درستکار",
)
# Who may open a page is said by its door. These few routes have none and are for everybody.
WITHOUT_A_DOOR = {
    "",  # leads to the front page
    "health",
    "log-checkpoint",
    "log-tile",
    "log-keys",
    "log-policy",
    "log-stamp",
    "log-stamp-note",
}
RULES = {
    "home": "public",
    "desk": "operator",
    "members": "operator",
    "systems": "operator",
    "services": "operator",
    "grants": "operator",
    "grant": "operator",
    "revoke-grant": "operator",
    "suspend-grant": "operator",
    "lift-suspension": "operator",
    "traffic": "operator",
    "call": "operator",
}
PUBLIC = {"home"}


def sign_in(client: Client, person: Person) -> Client:
    session = client.session
    session[SESSION_KEY] = {"person": as_kept(person)}
    session.save()
    return client


@pytest.fixture
def operator(world: World, client: Client) -> Client:
    return sign_in(client, OPERATOR)


@pytest.fixture
def pair(world: World) -> tuple[Caller, Service]:
    return world.allowed(["/given_name", "/children/given_name"])


def record(pair: tuple[Caller, Service], **changed: Any) -> CallRecord:
    caller, service = pair
    now: datetime = changed.pop("received_at", clock.now())
    facts = {
        "request_id": uuid.uuid4(),
        "x_road_id": "m-1",
        "issue": "14050902-7K3M-9QRT",
        "consumer": caller.x_road_id,
        "provider": service.system.x_road_id,
        "service": service.code,
        "method": "POST",
        "path_template": "/",
        "grant_id": Grant.objects.get(consumer=caller.system, service=service).pk,
        "status": 200,
        "received_at": now,
        "forwarded_at": now + timedelta(milliseconds=1),
        "answered_at": now + timedelta(milliseconds=3),
        "finished_at": now + timedelta(milliseconds=4),
        "request_size": 20,
        "response_size": 40,
        "request_digest": "sha-256=:abc=:",
        "response_digest": "sha-256=:def=:",
        "cut_fields": 2,
        "user_pseudonym": "a" * 64,
        "gateway": "gateway-1",
    }
    return CallRecord.objects.create(**(facts | changed))


@pytest.fixture
def pages(pair: tuple[Caller, Service]) -> dict[str, str]:
    """The path of every page behind the language, with something on it."""
    caller, service = pair
    series = Grant.objects.get(consumer=caller.system, service=service).series
    failed = record(pair, status=500, cause="provider", error_code="server.x", answered_at=None)
    record(pair)
    return {
        "home": "",
        "desk": "desk/",
        "members": "members/",
        "systems": "systems/",
        "services": "services/",
        "grants": "grants/",
        "grant": f"grants/{series}/",
        "traffic": "traffic/",
        "call": f"traffic/{failed.request_id}/",
    }


def guarded(pages: dict[str, str]) -> list[str]:
    return [path for name, path in pages.items() if name not in PUBLIC]


def routes(patterns: list[Any]) -> Iterator[URLPattern]:
    """Of pages: those under `exchange-` are of signed calls."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        elif not str(pattern.pattern).startswith(("signin", "exchange-")):
            yield from routes(pattern.url_patterns)


def test_every_page_has_its_door() -> None:
    """Rooms name their own doors in their own suites; here none may be without one."""
    doors = {
        route.name or str(route.pattern): getattr(route.callback, "door", None)
        for route in routes(get_resolver().url_patterns)
    }

    assert {name for name, door in doors.items() if door is None} <= WITHOUT_A_DOOR
    assert {name: doors[name] for name in RULES} == RULES


@pytest.mark.req("PRV-01")
@pytest.mark.parametrize("language", ["fa", "en"])
def test_anonymous_visitors_are_led_to_the_sign_in(
    world: World, client: Client, pages: dict[str, str], language: str
) -> None:
    for path in guarded(pages):
        answer = client.get(f"/{language}/{path}")

        assert answer.status_code == 302
        assert answer["Location"].startswith("/signin/login?next=")


@pytest.mark.req("PRV-01")
@pytest.mark.parametrize(
    ("language", "words"),
    [("fa", "از کارشناس مرکز تبادل بخواهید"), ("en", "ask an operator of the exchange")],
)
def test_others_are_told_what_to_do(
    world: World, client: Client, pages: dict[str, str], language: str, words: str
) -> None:
    sign_in(client, STRANGER)

    for path in guarded(pages):
        answer = client.get(f"/{language}/{path}")

        assert answer.status_code == 403
        body = answer.content.decode()
        assert words in body
        assert "14003778990" not in body


@pytest.mark.req("PRV-01")
def test_a_dismissed_operator_sees_nothing(
    world: World, client: Client, pages: dict[str, str]
) -> None:
    world.operator.active = False
    world.operator.save()
    try:
        assert sign_in(client, OPERATOR).get("/fa/traffic/").status_code == 403
    finally:
        Operator.objects.update(active=True)
        world.operator.active = True


@pytest.mark.parametrize("language", ["fa", "en"])
def test_an_operator_sees_every_page(
    operator: Client, pages: dict[str, str], language: str
) -> None:
    for path in pages.values():
        assert operator.get(f"/{language}/{path}").status_code == 200


@pytest.mark.req("PER-08")
def test_no_page_prints_a_number_or_a_name_reversed(
    operator: Client, pages: dict[str, str]
) -> None:
    for name, path in pages.items():
        body = operator.get(f"/fa/{path}").content.decode()
        assert misplaced_runs(body) == [], name


@pytest.mark.req("PRV-15")
def test_a_grant_tells_items_approval_purpose_and_legal_basis(
    operator: Client, pages: dict[str, str]
) -> None:
    body = operator.get(f"/en/{pages['grant']}").content.decode()

    for words in ("/children/given_name", "002 art 10", "Number of the approval", "Sample"):
        assert words in body


@pytest.mark.req("NIX-03", "NIX-04", "NIX-24")
def test_a_call_tells_its_traffic_data_and_no_content(
    operator: Client, pair: tuple[Caller, Service], pages: dict[str, str]
) -> None:
    body = operator.get(f"/en/{pages['call']}").content.decode()

    for words in ("server.x", "sha-256=:abc=:", "14050902-7K3M-9QRT", "gateway-1", pair[1].code):
        assert words in body


@pytest.mark.req("NIX-04", "NIX-24")
def test_traffic_is_found_by_case_call_service_parties_outcome_and_time(
    operator: Client, world: World
) -> None:
    ours, others = world.allowed(), world.allowed()
    old = clock.now() - timedelta(days=3)
    calls = {
        "good": record(ours, issue="case-1"),
        "refused": record(ours, issue="case-2", cause="consumer", status=500),
        "broken": record(ours, issue="case-2", cause="provider", status=500),
        "old": record(ours, issue="case-1", received_at=old),
        "other": record(others, issue="case-1"),
    }
    consumer = f"consumer={ours[0].x_road_id}"

    def found(query: str) -> set[str]:
        body = operator.get(f"/en/traffic/?{query}").content.decode()
        return {name for name, call in calls.items() if str(call.request_id) in body}

    assert found("case=case-1") == {"good", "old", "other"}
    assert found("case=case-%DB%B1") == {"good", "old", "other"}  # typed in Persian digits
    assert found(consumer) == {"good", "refused", "broken", "old"}
    assert found(f"{consumer}&outcome=success") == {"good", "old"}
    assert found(f"{consumer}&outcome=consumer") == {"refused"}
    assert found(f"{consumer}&outcome=provider") == {"broken"}
    assert found(f"{consumer}&outcome=gateway") == set()
    assert found(f"{consumer}&period=day") == {"good", "refused", "broken"}
    assert found(f"{consumer}&period=week") == {"good", "refused", "broken", "old"}
    assert found(f"{consumer}&provider={world.provider.x_road_id}&case=case-2") == {
        "refused",
        "broken",
    }
    assert found("consumer=nobody") == set()
    assert found(f"service={others[1].code}") == {"other"}
    assert found(f"call={calls['broken'].request_id}") == {"broken"}
    calls["other"].x_road_id = "message-77"
    calls["other"].save()
    assert found("call=message-77") == {"other"}
    assert found("call=nothing") == set()


def test_pages_of_traffic_follow_one_another_without_gap_or_repeat(
    operator: Client, world: World
) -> None:
    pair = world.allowed()
    moment = clock.now()
    calls = [record(pair, issue="long", received_at=moment) for _ in range(PAGE_CALLS + 5)]

    first = operator.get("/en/traffic/?case=long")
    second = operator.get(f"/en/traffic/{first.context['older']}")

    shown = [line["call"].pk for page in (first, second) for line in page.context["lines"]]
    assert shown == [call.pk for call in reversed(calls)]
    assert second.context["older"] == ""


@pytest.mark.parametrize("cursor", ["x", "1", "1-", "-", "99999999999999999999-1"])
def test_a_made_up_cursor_is_no_page(operator: Client, cursor: str) -> None:
    assert operator.get(f"/en/traffic/?before={cursor}").status_code == 404


def test_unknown_grants_and_calls_are_no_pages(operator: Client) -> None:
    for path in (f"grants/{uuid.uuid4()}/", f"traffic/{uuid.uuid4()}/"):
        assert operator.get(f"/fa/{path}").status_code == 404


@pytest.mark.req("NIX-05")
def test_an_operator_revokes_a_grant_and_is_named_for_it(
    operator: Client, pages: dict[str, str]
) -> None:
    revoke = f"/fa/{pages['grant']}revoke/"
    assert operator.get(revoke).status_code == 405

    answer = operator.post(revoke, follow=True)

    assert "لغوشده" in answer.content.decode()
    assert Grant.objects.get(series=pages["grant"].split("/")[1]).state == "revoked"
    assert operator.post(revoke).status_code == 404


@pytest.mark.req("NIX-05")
def test_an_operator_suspends_a_grant_and_lets_it_work_again(
    world: World, operator: Client, pages: dict[str, str]
) -> None:
    page = f"/fa/{pages['grant']}"
    series = page.split("/")[3]

    suspended = operator.post(f"{page}suspend/", follow=True)
    assert "معلق" in suspended.content.decode()
    assert Grant.objects.get(series=series).suspended_at is not None
    assert PolicyChange.objects.latest("version").deed == "grant.suspended"

    lifted = operator.post(f"{page}lift/", follow=True)
    assert "معلق" not in lifted.content.decode()
    assert Grant.objects.get(series=series).suspended_at is None
    assert PolicyChange.objects.latest("version").deed == "grant.suspension-lifted"


@pytest.mark.parametrize("deed", ["suspend", "lift"])
def test_nobody_else_suspends_a_grant(
    world: World, client: Client, pages: dict[str, str], deed: str
) -> None:
    address = f"/fa/{pages['grant']}{deed}/"
    assert client.post(address).status_code == 303
    assert sign_in(client, STRANGER).post(address).status_code == 403
    forged = sign_in(Client(enforce_csrf_checks=True), OPERATOR)
    assert forged.post(address).status_code == 403


def test_nobody_else_revokes_a_grant(world: World, client: Client, pages: dict[str, str]) -> None:
    revoke = f"/fa/{pages['grant']}revoke/"

    assert client.post(revoke).status_code == 303
    assert sign_in(client, STRANGER).post(revoke).status_code == 403
    forged = sign_in(Client(enforce_csrf_checks=True), OPERATOR)
    assert forged.post(revoke).status_code == 403

    assert Grant.objects.get(series=pages["grant"].split("/")[1]).state == "active"


def test_the_first_page_counts_what_there_is_and_the_calls_of_the_day(
    operator: Client, world: World, pages: dict[str, str]
) -> None:
    context = operator.get("/fa/desk/").context

    active = Grant.objects.filter(state="active").count()
    assert context["counts"]["grants"] == active
    assert context["answered"] == CallRecord.objects.filter(cause="").count() - old_calls()
    assert context["failed"]["provider"] >= 1


def old_calls() -> int:
    return CallRecord.objects.filter(
        cause="", received_at__lt=clock.now() - timedelta(days=1)
    ).count()


@pytest.fixture
def page(browser: Browser, world: World, pages: dict[str, str]) -> Iterator[tuple[Page, str]]:
    """Signed in as operator, on a server that reads the committed world."""
    server = LiveServerThread("127.0.0.1", static_handler=lambda handler: handler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    site = f"http://127.0.0.1:{server.port}"
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    session = sign_in(Client(), OPERATOR).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    yield context.new_page(), site
    context.close()
    server.terminate()


@pytest.mark.browser
@pytest.mark.req("AGW-20", "PER-01")
@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_page_is_accessible_and_fits_a_narrow_phone(
    page: tuple[Page, str], pages: dict[str, str], language: str
) -> None:
    look, site = page
    for path in pages.values():
        look.goto(f"{site}/{language}/{path}")
        assert_accessible(look)
        assert_reflows(look)
    look.goto(f"{site}/{language}/")
    assert_light(look)
