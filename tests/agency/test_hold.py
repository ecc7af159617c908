"""The second path: an address that is not confirmed holds the request until a right one is."""

from datetime import timedelta

import pytest
from django.test import Client
from people import HOME_CODE, OTHER_CODE
from playing_exchange import PlayingExchange
from walking import fill_in, page_url, post, submit
from working import work_off

from panjereh.agency.models import Case, Draft, ProcessInstance

pytestmark = [pytest.mark.django_db, pytest.mark.req("AGW-07")]


def text_of(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def held_case(mother: Client) -> Case:
    fill_in(mother, right=False)
    case = submit(mother)
    work_off()
    case.refresh_from_db()
    return case


def test_an_unconfirmed_address_holds_the_request_and_says_how_to_go_on(mother: Client) -> None:
    response = fill_in(mother, right=False)
    assert response.url == page_url("hold")
    page = text_of(mother.get(response.url))
    assert "منتظر نشانی درست" in page
    assert "چیزی گم نشده است" in page
    listed = text_of(mother.get("/fa/requests/"))
    assert "منتظر نشانی درست" in listed


def test_another_code_given_at_once_goes_straight_on(mother: Client) -> None:
    fill_in(mother, right=False)
    post(mother, "address", postal_code=OTHER_CODE)
    assert "confirmed" not in Draft.objects.get().answers["address"], "it is asked about anew"
    assert post(mother, "address-confirm", confirmed="yes").url == page_url("review")
    work = submit(mother)
    work_off()
    work.refresh_from_db()
    assert work.status == "delivered"


def test_a_held_request_has_its_id_and_waits_visibly(
    mother: Client, exchange: PlayingExchange
) -> None:
    case = held_case(mother)
    assert (case.status, case.hold) == ("waiting", "address")
    assert exchange.reports[case.tracking_id][-1]["state"] == "waiting"
    assert "منتظر تأیید نشانی" in exchange.sms[0]["text"]
    page = text_of(mother.get(f"/fa/requests/{case.tracking_id}/"))
    assert "منتظر نشانی درست" in page
    assert f"/fa/requests/{case.tracking_id}/answer/address/" in page
    assert exchange.births == []


def answer(mother: Client, case: Case, code: str, confirmed: str) -> str:
    base = f"/fa/requests/{case.tracking_id}/answer"
    first = mother.post(f"{base}/address/", {"postal_code": code})
    assert first.url == f"{base}/address-confirm/"
    return str(mother.post(f"{base}/address-confirm/", {"confirmed": confirmed}).url)


def test_it_resumes_where_it_stopped_when_a_right_code_is_confirmed(
    mother: Client, exchange: PlayingExchange
) -> None:
    case = held_case(mother)
    asked_before = len(exchange.calls_of("health-registry/birth-notices"))
    assert answer(mother, case, OTHER_CODE, "yes") == f"/fa/requests/{case.tracking_id}/"
    work_off()
    case.refresh_from_db()
    assert case.status == "delivered"
    assert exchange.documents[0]["data"]["address"]["postal_code"] == OTHER_CODE
    assert len(exchange.calls_of("health-registry/birth-notices")) == asked_before + 1
    states = [report["state"] for report in exchange.reports[case.tracking_id]]
    assert states.index("waiting") < states.index("in-progress") < states.index("delivered")
    told = " ".join(report["text"]["fa"] for report in exchange.reports[case.tracking_id])
    assert "از همان‌جا که مانده بود" in told


def test_a_second_no_keeps_it_waiting(mother: Client) -> None:
    case = held_case(mother)
    answer(mother, case, OTHER_CODE, "no")
    work_off()
    case.refresh_from_db()
    assert case.status == "waiting"
    answer(mother, case, HOME_CODE, "yes")
    work_off()
    case.refresh_from_db()
    assert case.status == "delivered"


def test_a_doubled_confirmation_resumes_once(mother: Client, exchange: PlayingExchange) -> None:
    case = held_case(mother)
    answer(mother, case, OTHER_CODE, "yes")
    base = f"/fa/requests/{case.tracking_id}/answer"
    again = mother.post(f"{base}/address-confirm/", {"confirmed": "yes"})
    assert again.url == f"/fa/requests/{case.tracking_id}/"
    work_off()
    assert len(exchange.births) == 1


def test_after_the_deadline_the_request_is_closed_and_the_person_is_told(
    mother: Client, exchange: PlayingExchange
) -> None:
    case = held_case(mother)
    row = ProcessInstance.objects.get(case=case)
    assert row.next_due is not None
    ProcessInstance.objects.filter(case=case).update(
        next_due=row.next_due - timedelta(days=31), state=_aged(row.state)
    )
    work_off(early=True)
    case.refresh_from_db()
    assert case.status == "refused"
    assert "تا سی روز تأیید نشد" in exchange.sms[-1]["text"]
    assert exchange.births == []


def _aged(state: dict[str, object]) -> dict[str, object]:
    """The same state a month later: its timer has run out."""
    import json
    import re

    text = json.dumps(state)
    return dict(json.loads(re.sub(r'("event_value": ")\d{4}', r"\g<1>2020", text)))
