"""Reports: the counts of one's own calls, in pages and files; the year against its duties."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from parties import CONSUMER, OPERATOR, PROVIDER, STRANGER, Parties, signed_in
from traffic import TIMEOUT, Books, failed, record

from panjereh.common import clock
from panjereh.exchange.directory.models import Inquiry
from panjereh.exchange.monitoring.names import names
from panjereh.exchange.monitoring.periods import (
    month,
    month_before,
    month_start,
    parse_month,
    year_of,
)
from panjereh.exchange.monitoring.yearly import year_report

YEAR, NUMBER = month_before(clock.now())
CODE = f"{YEAR}-{NUMBER:02}"
IN_MONTH = month_start(YEAR, NUMBER) + timedelta(days=3)


@pytest.fixture
def calls(books: Books, nation: Parties) -> None:
    who = {"consumer": nation.window.x_road_id, "provider": nation.registry.x_road_id}
    good = [record(IN_MONTH, 20, **who) for _ in range(9)]
    others = {"consumer": nation.foreign.x_road_id, "provider": nation.foreign.x_road_id}
    foreign = [record(IN_MONTH, service="balance", **others) for _ in range(3)]
    edges = [record(at, **who) for at in (IN_MONTH - timedelta(days=3, seconds=1),)]
    books.keep([*good, failed("provider", TIMEOUT, IN_MONTH, **who), *foreign, *edges])


def rows(answer: Any) -> list[dict[str, str]]:
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.req("NIX-25")
def test_a_member_gets_its_own_month_as_page_csv_and_json(
    client: Client, nation: Parties, calls: None
) -> None:
    provider = signed_in(client, PROVIDER)
    page = provider.get(f"/en/own-traffic/reports/{CODE}/").content.decode()
    (line,) = rows(provider.get(f"/en/own-traffic/reports/{CODE}.csv"))
    data = provider.get(f"/en/own-traffic/reports/{CODE}.json").json()

    assert "Inquiry of a person" in page
    assert "Balance of an account" not in page
    assert (line["calls"], line["failed_provider"], line["unanswered"]) == ("10", "1", "1")
    assert (line["consumer"], line["service"]) == (
        nation.window.x_road_id,
        nation.person.x_road_id,
    )
    assert data["provided"][0]["kept_promise"] == 0.9
    assert data["provided"][0]["p50_ms"] == pytest.approx(20, rel=0.3)
    assert data["consumed"] == []


@pytest.mark.req("NIX-25", "PRV-01")
def test_reports_are_closed_to_whom_they_are_not_for(
    client: Client, nation: Parties, calls: None
) -> None:
    own = [
        "own-traffic/reports/",
        f"own-traffic/reports/{CODE}/",
        f"own-traffic/reports/{CODE}.csv",
    ]
    place = f"monitoring/reports/{nation.registry.member.pk}/{CODE}"
    all_ = ["monitoring/reports/", f"{place}/", f"{place}.json", f"monitoring/years/{YEAR}/"]
    all_.append(f"monitoring/years/{YEAR}.pdf")
    for path in own + all_:
        assert Client().get(f"/fa/{path}").status_code == 302
        assert signed_in(client, STRANGER).get(f"/fa/{path}").status_code == 403
    for path in own:
        assert signed_in(client, OPERATOR).get(f"/fa/{path}").status_code == 403
        assert signed_in(client, CONSUMER).get(f"/fa/{path}").status_code == 200
    for path in all_:
        assert signed_in(client, CONSUMER).get(f"/fa/{path}").status_code == 403
        assert signed_in(client, OPERATOR).get(f"/fa/{path}").status_code == 200


@pytest.mark.parametrize("month_", ["1405-13", "x", "1405", "0-1", "1405-00"])
def test_what_is_no_month_is_no_report(client: Client, nation: Parties, month_: str) -> None:
    assert signed_in(client, PROVIDER).get(f"/fa/own-traffic/reports/{month_}/").status_code == 404


def test_an_unknown_form_of_file_is_no_report(client: Client, nation: Parties) -> None:
    page = f"/fa/own-traffic/reports/{CODE}.exe"

    assert signed_in(client, PROVIDER).get(page).status_code == 404


def test_a_name_is_no_formula_for_a_spreadsheet(
    client: Client, nation: Parties, calls: None
) -> None:
    nation.window.name_fa = "=cmd|'/c calc'!A1"
    nation.window.save()

    (line,) = rows(signed_in(client, PROVIDER).get(f"/en/own-traffic/reports/{CODE}.csv"))
    assert line["consumer_name_fa"].startswith("'=")


@pytest.mark.req("NIX-26", "NIX-37", "NIX-38")
def test_the_year_tells_totals_causes_and_who_kept_the_duty(nation: Parties, calls: None) -> None:
    found = year_report(year_of(YEAR), year_of(YEAR - 1), names())
    duties = {duty.provider: duty for duty in found.duties}

    assert found.totals.figures.calls == (13 if NUMBER == 1 else 14)
    assert (found.totals.services, found.totals.services_called) == (3, 2)
    assert (found.totals.providers, found.totals.consumers) == (2, 2)
    assert duties[nation.registry.x_road_id].figures.unanswered == 1
    assert duties[nation.registry.x_road_id].kept_promise == pytest.approx(0.9, abs=0.02)
    assert duties[nation.foreign.x_road_id].answered_online == 1


@pytest.mark.req("NIX-27")
def test_inquiries_that_became_electronic_are_counted_against_the_list(
    nation: Parties, calls: None
) -> None:
    def listed(wanted: str, **facts: Any) -> None:
        Inquiry.objects.create(
            card="card-1",
            card_title_fa="خدمت",
            card_title_en="Service",
            wanted=wanted,
            name_fa="استعلام",
            name_en="Inquiry",
            **facts,
        )

    window, bank = nation.window.member, nation.foreign.member
    listed("registry/person", member=window, service=nation.person)
    listed("registry/family", member=window, service=nation.family)  # offered, never asked
    listed("registry/person", member=bank, service=nation.person)  # asked by another only
    listed("a letter of the bank", member=window)  # on paper

    counted = year_report(year_of(YEAR), year_of(YEAR - 1), names()).inquiries
    assert (counted.known, counted.offered, counted.asked) == (4, 3, 1)
    assert counted.asked_share == 0.25


@pytest.mark.req("NIX-37")
@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_year_is_a_document_too(
    client: Client, nation: Parties, calls: None, language: str
) -> None:
    answer = signed_in(client, OPERATOR).get(f"/{language}/monitoring/years/{YEAR}.pdf")

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert b"pdfaid:part" in answer.content


def test_months_follow_the_jalali_calendar() -> None:
    esfand, farvardin = month(1403, 12), month(1404, 1)

    assert len(esfand.starts) == 30  # a leap year
    assert len(month(1404, 12).starts) == 29
    assert esfand.until == farvardin.since
    assert parse_month("1403-12") == esfand
    assert month_start(1404, 0) == esfand.since
