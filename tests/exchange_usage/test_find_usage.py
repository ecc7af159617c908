"""X-Road's findUsage v2 as other portals call it (reference: e-gov/AJ, openapi 2.1.0)."""

from datetime import timedelta
from typing import Any

import pytest
from calling import Gateway
from collector import Collector, call_about
from nation import FATHER, MOTHER, Nation

from panjereh.common import clock
from panjereh.exchange.usage import representing
from panjereh.sdk import civil_registry
from panjereh.sdk.exchange import Unavailable

PORTAL = "IR-TEST/COM/14009999999/portal"
FIND = "findUsage/v2/findUsage"


@pytest.fixture
def three_looks(nation: Nation, collector: Collector) -> list[str]:
    collector.keep(
        *(call_about(MOTHER, grant=nation.person, minutes_ago=n) for n in (3, 2)),
        call_about(MOTHER, grant=nation.credit, minutes_ago=1),
        call_about(MOTHER, grant=nation.crime, minutes_ago=1),
    )
    return ["credit", "civil-window", "civil-window"]


def usages(gateway: Gateway, user: str = MOTHER, **query: object) -> Any:
    return gateway.get(FIND, user=user, as_=PORTAL, **{"userCode": f"IR{MOTHER}", **query})


@pytest.mark.req("PRV-02")
def test_usages_of_all_providers_newest_first(three_looks: list[str], gateway: Gateway) -> None:
    told = usages(gateway).json()

    assert told["totalUsages"] == 3
    assert [usage["receiverSystem"] for usage in told["usages"]] == three_looks
    assert told["usages"][1].keys() == {
        "logtime",
        "action",
        "receiverCode",
        "receiverName",
        "receiverSystem",
    }
    assert told["usages"][1]["receiverCode"] == "14003778990"
    assert told["usages"][1]["action"] == "person"


def test_total_ignores_offset_and_limit(three_looks: list[str], gateway: Gateway) -> None:
    told = usages(gateway, offset=1, limit=1).json()

    assert told["totalUsages"] == 3
    assert [usage["receiverSystem"] for usage in told["usages"]] == three_looks[1:2]


def test_a_period_can_be_given(three_looks: list[str], gateway: Gateway) -> None:
    since = (clock.now() - timedelta(seconds=90)).isoformat()
    until = (clock.now() - timedelta(seconds=90)).isoformat()

    assert usages(gateway, periodStart=since).json()["totalUsages"] == 1
    assert usages(gateway, periodEnd=until).json()["totalUsages"] == 2


@pytest.mark.req("PRV-01")
def test_the_user_has_to_be_told(nation: Nation, gateway: Gateway) -> None:
    refused = usages(gateway, user="")

    assert (refused.status_code, refused.json()["code"]) == (400, "user-missing")


@pytest.mark.parametrize(
    "query",
    [{"limit": 1001}, {"limit": 0}, {"offset": -1}, {"userCode": "IR123"}, {"periodEnd": "x"}],
)
def test_a_wrong_query_is_refused_and_not_repeated(
    nation: Nation, gateway: Gateway, query: dict[str, object]
) -> None:
    refused = usages(gateway, **query)

    assert refused.status_code == 422
    assert MOTHER not in refused.content.decode()


def child(**facts: Any) -> civil_registry.Person:
    born = clock.now().date() - timedelta(days=facts.pop("days"))
    return civil_registry.Person(national_id=MOTHER, birth_date=born)


@pytest.mark.req("PRV-01")
@pytest.mark.parametrize(
    ("children", "status"),
    [([], 403), ([child(days=300)], 200), ([child(days=6573)], 200), ([child(days=6577)], 403)],
)
def test_a_parent_sees_the_looks_at_a_child_under_age_and_nobody_elses(
    three_looks: list[str],
    gateway: Gateway,
    monkeypatch: pytest.MonkeyPatch,
    children: list[civil_registry.Person],
    status: int,
) -> None:
    """The registry itself answers in the journeys; here it is told what to say."""
    family = civil_registry.Family(children=children)
    monkeypatch.setattr(representing.civil_registry, "family", lambda *_, user: family)

    assert usages(gateway, user=FATHER).status_code == status


def test_while_the_registry_is_silent_nobody_is_taken_for_a_parent(
    three_looks: list[str], gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object, user: str) -> civil_registry.Family:
        raise Unavailable("timeout", status=504, cause="provider")

    monkeypatch.setattr(representing.civil_registry, "family", silent)

    refused = usages(gateway, user=FATHER)

    assert (refused.status_code, refused["Retry-After"]) == (503, "30")


def test_the_period_that_is_kept_and_the_heartbeat(nation: Nation, gateway: Gateway) -> None:
    period = gateway.get("findUsage/v2/usagePeriod", as_=PORTAL).json()
    beat = gateway.get("findUsage/v2/heartbeat", as_=PORTAL).json()

    assert period["periodStart"] < (clock.now() - timedelta(days=180)).isoformat()
    assert beat["status"] == "OK"
