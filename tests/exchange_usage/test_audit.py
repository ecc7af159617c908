"""Who read which record (NIX-39): for auditors only, for a case and a reason, and each search is
kept and told to the person it was about."""

from datetime import timedelta
from typing import Any

import pytest
from calling import Gateway
from collector import Collector, call_about
from django.core.exceptions import PermissionDenied
from nation import CLERK, FATHER, MOTHER, Nation

from panjereh.common import clock
from panjereh.exchange.models import Operator
from panjereh.exchange.usage import actions
from panjereh.exchange.usage.actions import Inquiry
from panjereh.exchange.usage.models import Search

REASON = "شکایت از فروش اطلاعات سجلی"


def inquiry(**facts: Any) -> Inquiry:
    now = clock.now()
    told = {"case_number": "1405-77", "reason": REASON, "since": now - timedelta(days=30)}
    return Inquiry(**{**told, "until": now, **facts})


@pytest.fixture
def read(nation: Nation, collector: Collector) -> None:
    failed = {"status": 404, "cause": "consumer", "error_code": "service_error"}
    collector.keep(
        call_about(MOTHER, grant=nation.person, user=CLERK, minutes_ago=5),
        call_about(MOTHER, grant=nation.crime, minutes_ago=4),
        call_about(FATHER, grant=nation.person, user=CLERK, minutes_ago=3),
        call_about(MOTHER, grant=nation.birth, user=FATHER, minutes_ago=2, **failed),
    )


def services(found: actions.Findings) -> list[str]:
    return [look.grant.service.code for look in found.looks]


@pytest.mark.req("NIX-39")
def test_everybody_who_read_one_persons_records_is_found(nation: Nation, read: None) -> None:
    found = actions.search_looks(actor=nation.auditor, inquiry=inquiry(subject=MOTHER))

    assert services(found) == ["birth-notices", "person", "person"]
    assert [look.told for look in found.looks] == [False, True, True]
    assert found.confidential == 1


@pytest.mark.req("NIX-39")
def test_everything_that_one_person_read_is_found(nation: Nation, read: None) -> None:
    found = actions.search_looks(actor=nation.auditor, inquiry=inquiry(acting=CLERK))
    both = actions.search_looks(actor=nation.auditor, inquiry=inquiry(acting=CLERK, subject=MOTHER))

    assert len(found.looks) == 2
    assert len(both.looks) == 1


@pytest.mark.req("NIX-39", "PRV-01")
def test_each_search_is_kept_without_a_name(nation: Nation, read: None) -> None:
    actions.search_looks(actor=nation.auditor, inquiry=inquiry(subject=MOTHER, acting=CLERK))

    row = Search.objects.values().get()
    assert (row["case_number"], row["reason"], row["found"]) == ("1405-77", REASON, 1)
    assert MOTHER not in str(row) and CLERK not in str(row)


@pytest.mark.req("NIX-39", "PRV-02")
def test_who_was_looked_at_is_told_at_once_and_who_looked_later(
    nation: Nation, read: None, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.search_looks(actor=nation.auditor, inquiry=inquiry(subject=MOTHER, acting=CLERK))

    assert [s["about"] for s in searches(gateway, MOTHER)] == ["looks-at-you"]
    assert searches(gateway, MOTHER)[0]["case_number"] == "1405-77"
    assert searches(gateway, CLERK) == []
    assert searches(gateway, FATHER) == []
    later = clock.now() + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert [s["about"] for s in searches(gateway, CLERK)] == ["looks-by-you"]


def searches(gateway: Gateway, user: str) -> Any:
    return gateway.post("looks", {}, user=user).json()["searches"]


@pytest.mark.req("NIX-39")
@pytest.mark.parametrize("roles", [["operator"], ["secretariat", "working-group"]])
def test_other_offices_do_not_search(nation: Nation, roles: list[str]) -> None:
    other = Operator.objects.create(national_id_hash="x", name="دیگری", roles=roles)

    with pytest.raises(PermissionDenied):
        actions.search_looks(actor=other, inquiry=inquiry(subject=MOTHER))
    nation.auditor.active = False
    with pytest.raises(PermissionDenied):
        actions.search_looks(actor=nation.auditor, inquiry=inquiry(subject=MOTHER))

    assert not Search.objects.exists()
