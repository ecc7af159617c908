"""The pages: a request from its first step to the register, and the doors for each wrong caller."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from country import WRITTEN, Country, sign_in
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import translation
from exchange.world import GatewayProcess

from panjereh.common import clock
from panjereh.exchange.approvals.actions import requests, sessions, upkeep
from panjereh.exchange.approvals.models import AccessRequest, Agreement, Approval, Plan, Session
from panjereh.exchange.models import Grant
from panjereh.ui.jalali import to_jalali

MEMBER, SECRETARIAT, GROUP = "member", "secretariat", "working-group"
SHA = "ab" * 32


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def next_number() -> int:
    newest = Session.objects.order_by("-number").first()
    return newest.number + 1 if newest else 100


def held_session(country: Country, matter: Any) -> Session:
    session = sessions.plan_session(
        actor=country.secretariat, number=next_number(), held_on=clock.now().date()
    )
    sessions.put_on_agenda(actor=country.secretariat, session=session, matter=matter)
    sessions.hold_session(
        actor=country.group, session=session, present=[{"name": "دکتر نمونه", "body": "سازمان"}]
    )
    return session


def declined(country: Country) -> AccessRequest:
    request = country.submitted()
    requests.answer_request(
        actor=country.answerer, request=request, answer="declined", text="Not ours."
    )
    return request


@pytest.fixture
def arguments(country: Country) -> dict[str, list[Any]]:
    """Of each own page, something that is really there."""
    draft, waiting, agreed, approved = (
        country.begin(),
        country.submitted(),
        country.agreed(),
        country.approved(),
    )
    refused = declined(country)
    session = held_session(country, refused)
    service = country.service()
    grant = country.granted_at_once()
    upkeep.propose_withdrawal(actor=country.secretariat, grant=grant, idle_months=3)
    return {
        "my-requests": [],
        "new-request": [],
        "begin-request": [service.system.code, service.code],
        "my-request": [waiting.pk],
        "write-request": [draft.pk, "items"],
        "submit-request": [draft.pk],
        "answer-request": [waiting.pk],
        "withdraw-request": [waiting.pk],
        "try-request": [waiting.pk],
        "sign-request": [approved.pk],
        "draft-contract": [approved.pk],
        "idle-grant": [grant.series],
        "secretariat": [],
        "decide-request": [agreed.pk],
        "draft-again": [approved.pk],
        "plan-session": [],
        "session": [session.number],
        "put-on-agenda": [session.number, "request", waiting.pk],
        "hold-session": [session.number],
        "sign-minutes": [session.number],
        "idle-grants": [],
        "agreements": [],
        "plans": [],
        "group": [],
        "agenda": [session.number],
        "decide-item": [session.number, 1],
    }


def verified(text: str) -> str:
    """What the page says to anyone who pastes this."""
    return Client().post(reverse("verify-approval"), {"text": text}).content.decode()


OWN = ("my-request", "write-request", "submit-request", "answer-request", "withdraw-request")
OWN += ("try-request", "sign-request", "draft-contract", "idle-grant")
DOOR_OF = {MEMBER: "asker", SECRETARIAT: "secretariat", GROUP: "working-group"}


def routes(patterns: Any) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from routes(pattern.url_patterns)


def doors() -> dict[str, str]:
    return {
        str(route.name): getattr(route.callback, "door", "")
        for route in routes(get_resolver().url_patterns)
        if getattr(route.callback, "__module__", "").startswith("panjereh.exchange.approvals")
    }


@pytest.mark.req("PRV-01")
def test_each_page_opens_to_its_office_only(
    country: Country, arguments: dict[str, list[Any]]
) -> None:
    closed = {name: door for name, door in doors().items() if door != "public"}
    assert closed.keys() == arguments.keys()
    for name, door in closed.items():
        address = reverse(name, args=arguments[name])
        for part, person in country.people.items():
            if part == DOOR_OF[door] or (door == MEMBER and part in {"answerer", "other"}):
                continue
            for send in (sign_in(person).get, sign_in(person).post):
                assert send(address).status_code in {403, 405}, (name, part)
        assert Client().get(address).status_code in {302, 405}, name


@pytest.mark.req("PRV-01")
def test_another_member_finds_nothing_of_a_request(
    country: Country, arguments: dict[str, list[Any]]
) -> None:
    other = sign_in(country.people["other"])
    for name in OWN:
        address = reverse(name, args=arguments[name])
        for send in (other.get, other.post):
            assert send(address).status_code in {404, 405}, name


def test_the_provider_cannot_write_or_withdraw_and_the_consumer_cannot_answer(
    country: Country, arguments: dict[str, list[Any]]
) -> None:
    provider, consumer = sign_in(country.people["answerer"]), sign_in(country.people["asker"])
    for name in ("write-request", "submit-request", "withdraw-request"):
        assert provider.post(reverse(name, args=arguments[name])).status_code == 404
    assert consumer.post(
        reverse("answer-request", args=arguments["answer-request"])
    ).status_code in (404,)
    draft = arguments["write-request"][0]
    assert provider.get(reverse("my-request", args=[draft])).status_code == 404


@pytest.mark.req("NIX-07", "NIX-08")
def test_a_request_goes_by_pages_only_from_its_first_step_to_the_register(
    country: Country, gate: GatewayProcess
) -> None:
    consumer, provider = sign_in(country.people["asker"]), sign_in(country.people["answerer"])
    system, service = country.system(), country.service()

    found = consumer.get(reverse("new-request"), {"q": service.code})
    begin = reverse("begin-request", args=[service.system.code, service.code])
    assert begin in found.content.decode()
    asked = country.after(consumer.post(begin, {"consumer": system.pk}))
    write = [reverse("write-request", args=[asked.pk, s]) for s in ("items", "reason", "volume")]
    consumer.post(write[0], {"data_items": WRITTEN["data_items"]})
    reason = {k: WRITTEN[k] for k in ("purpose", "purpose_fa", "purpose_en", "legal_basis")}
    consumer.post(write[1], reason | {"justification": WRITTEN["justification"]})
    done = consumer.post(write[2], {"per_minute": "۶۰"})
    assert done["location"].endswith("/check/")
    assert "Submit" in consumer.get(done["location"]).content.decode()
    consumer.post(reverse("submit-request", args=[asked.pk]))

    provider.post(reverse("answer-request", args=[asked.pk]), {"answer": "agreed"})
    office = sign_in(country.people["secretariat"])
    assert service.title_en in office.get(reverse("secretariat")).content.decode()
    decision = {"decision": "consent", "number": f"P-{asked.pk}"}
    office.post(reverse("decide-request", args=[asked.pk]), decision)
    for side in (consumer, provider):
        side.post(reverse("sign-request", args=[asked.pk]), {"click": "1"})
    consumer.post(reverse("try-request", args=[asked.pk]))

    asked.refresh_from_db()
    assert asked.state == "granted", consumer.get(reverse("my-request", args=[asked.pk])).content
    listed = Client().get(reverse("register"), {"q": f"P-{asked.pk}"}).content.decode()
    assert reverse("approval", args=[asked.approval_id]) in listed
    page = Client().get(reverse("approval", args=[asked.approval_id])).content.decode()
    assert "/days_worked" in page and "Ministry of Samples" in page


@pytest.mark.req("NIX-08")
def test_anyone_takes_a_contract_away_and_verifies_it(
    country: Country, gate: GatewayProcess
) -> None:
    request = country.granted()
    assert request.grant is not None
    address = reverse("contract", args=[request.grant.series, request.grant.version])

    taken = Client().get(address).content.decode()

    assert "signed exactly this contract" in verified(taken)
    changed = json.loads(taken)
    said = changed["contract"]["grants"][0]["data"]["properties"]
    said["fields"] = ["/secret"]
    assert "It does not hold" in verified(json.dumps(changed))
    forged = json.loads(taken) | {"keys": {"members": [], "secretariat": []}}
    assert "It does not hold" in verified(json.dumps(forged))


@pytest.mark.req("GOV-26", "OPD-06", "NIX-07")
def test_a_session_goes_by_pages_from_its_plan_to_signed_minutes(country: Country) -> None:
    office, group = sign_in(country.people["secretariat"]), sign_in(country.people["working-group"])
    asked, number = declined(country), next_number()
    year, month, day = to_jalali(clock.now().date())
    when = {"held_on_0": str(day), "held_on_1": str(month), "held_on_2": str(year)}

    office.post(reverse("plan-session"), {"number": str(number)} | when)
    office.post(reverse("put-on-agenda", args=[number, "request", asked.pk]))
    present = {"present": "دکتر نمونه، سازمان فناوری اطلاعات\nSample, Ministry"}
    office.post(reverse("hold-session", args=[number]), present)
    decided = {
        "decision": "approved",
        "number": f"G-{number}",
        "text_fa": "موافقت شد",
        "text_en": "Agreed",
    }
    group.post(reverse("decide-item", args=[number, 1]), decided)
    office.post(reverse("sign-minutes", args=[number]))

    page = Client().get(reverse("minutes", args=[number])).content.decode()
    assert "The signature of the secretariat holds" in page
    assert "Agreed" in page and f"G-{number}" in page
    taken = Client().get(reverse("minutes-json", args=[number])).content.decode()
    verify = reverse("verify-approval")
    assert (
        "as the secretariat signed them" in Client().post(verify, {"text": taken}).content.decode()
    )
    changed = json.loads(taken)
    changed["content"]["items"][0]["decision"] = "refused"
    assert (
        "not the one that was signed"
        in Client().post(verify, {"text": json.dumps(changed)}).content.decode()
    )
    asked.refresh_from_db()
    assert asked.state == "approved"


def test_minutes_are_not_signed_before_every_item_is_decided(country: Country) -> None:
    session = held_session(country, declined(country))
    office = sign_in(country.people["secretariat"])

    office.post(reverse("sign-minutes", args=[session.number]))

    session.refresh_from_db()
    assert session.state == "held"
    assert Client().get(reverse("minutes", args=[session.number])).status_code == 404


@pytest.mark.req("GOV-25", "NIX-08")
def test_the_register_is_exported_by_month_and_for_the_gazette(country: Country) -> None:
    request = declined(country)
    session = held_session(country, request)
    (item,) = session.items.all()
    number = f"=G-{session.number}"  # a spreadsheet would take it for a formula
    sessions.decide_item(
        actor=country.group,
        item=item,
        decision="approved",
        text={"fa": "موافقت", "en": "Agreed"},
        number=number,
    )
    year, month, _ = to_jalali(clock.now().date())

    taken = Client().get(reverse("approvals-csv", args=[year, month])).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(taken)))
    told = Client().get(reverse("approvals-json", args=[year, month])).json()["approvals"]
    text = Client().get(reverse("gazette", args=[session.number])).content.decode()

    assert f"'{number}" in {row["number"] for row in rows}
    assert number in {approval["number"] for approval in told}
    assert "استفاده‌کننده: وزارت نمونه" in text
    assert Client().get(reverse("approvals-csv", args=[1405, 13])).status_code == 404


def test_what_is_missing_or_wrong_is_told_beside_its_field(country: Country) -> None:
    consumer = sign_in(country.people["asker"])
    draft = country.begin()
    reason = reverse("write-request", args=[draft.pk, "reason"])
    volume = reverse("write-request", args=[draft.pk, "volume"])

    assert "There is a problem" in consumer.post(reason, {}).content.decode()
    wrong = {"per_minute": "many", "list_code": "x"}
    page = consumer.post(volume, wrong).content.decode()
    assert "Enter a whole number above zero" in page
    assert "Name both the list and where the id stands" in page


@pytest.mark.req("PRV-17")
def test_agreements_on_secrecy_are_recorded_and_stand_in_later_contracts(country: Country) -> None:
    office, number = sign_in(country.people["secretariat"]), f"NDA-{next_number()}"
    year, month, day = to_jalali(clock.now().date())
    given = {
        "member": country.consumer.pk,
        "number": number,
        "signed_on_0": str(day),
        "signed_on_1": str(month),
        "signed_on_2": str(year),
        "document_sha256": SHA,
    }

    office.post(reverse("agreements"), given)

    assert Agreement.objects.get(number=number).document_sha256 == SHA
    said = country.approved().contract["grants"][0]["data"]["properties"]["notes"]
    assert number in said["secrecy_agreements"]
    again = office.post(reverse("agreements"), given).content.decode()
    assert "already" in again


@pytest.mark.req("NIX-22")
def test_a_business_plan_is_approved_by_the_group_before_the_operator_connects(
    country: Country,
) -> None:
    office = sign_in(country.people["secretariat"])
    given = {
        "legal_id": "14003142876",
        "name_fa": "کارور نمونه",
        "name_en": "Sample operator",
        "summary": "Access for banks",
        "document_sha256": SHA,
    }
    office.post(reverse("plans"), given)
    plan = Plan.objects.latest("pk")
    session = held_session(country, plan)
    group = sign_in(country.people["working-group"])
    decided = {"decision": "approved", "number": f"B-{plan.pk}", "text_fa": "ب", "text_en": "Yes"}
    group.post(reverse("decide-item", args=[session.number, 1]), decided)

    plan.refresh_from_db()
    assert plan.state == "approved"
    assert Approval.objects.get(number=f"B-{plan.pk}").kind == "plan"


def test_a_grant_nobody_uses_is_proposed_and_given_up_by_its_consumer(
    country: Country, gate: GatewayProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    from panjereh.exchange.approvals.views import office as desk

    monkeypatch.setattr(desk, "IDLE_MONTHS", 0)
    grant = country.granted_at_once()
    office, consumer = sign_in(country.people["secretariat"]), sign_in(country.people["asker"])

    office.post(reverse("idle-grants"), {"series": str(grant.series)})
    assert str(grant.series) in consumer.get(reverse("my-requests")).content.decode()
    address = reverse("idle-grant", args=[grant.series])
    assert "Write why" in consumer.post(address, {"text": ""}).content.decode()
    consumer.post(address, {"give-up": "1"})

    grant.refresh_from_db()
    assert (grant.state, bool(grant.revocation)) == ("revoked", True)


def test_a_used_grant_is_not_proposed(country: Country) -> None:
    from panjereh.exchange.approvals.queries import idle_grants
    from panjereh.exchange.monitoring.models import Day, Flow

    grant = country.granted_at_once()
    assert grant in idle_grants(0)
    flow = Flow.objects.create(
        consumer=grant.consumer.x_road_id,
        provider=grant.service.system.x_road_id,
        service=grant.service.code,
        grant_id=grant.pk,
    )
    zero = dict.fromkeys(
        ("failed_consumer", "failed_gateway", "failed_provider", "unanswered"), 0
    ) | dict.fromkeys(("request_bytes", "response_bytes", "cut_fields"), 0)
    later = clock.now().replace(year=clock.now().year + 1)
    Day.objects.create(
        flow=flow, at=later, calls=1, durations=[], provider_durations=[], errors={}, **zero
    )

    assert grant not in idle_grants(0)


def test_the_register_is_searched_by_words_and_kind(country: Country) -> None:
    country.approved()
    page = Client().get(reverse("register"), {"q": "Samples", "kind": "query"}).content.decode()
    assert "Ministry of Samples" in page
    nothing = Client().get(reverse("register"), {"q": "nowhere-to-be-found"}).content.decode()
    assert "No approval has these words" in nothing
    assert Client().get(reverse("register"), {"page": "x", "kind": "y"}).status_code == 200


@pytest.mark.parametrize("text", ["{}", "[]", "no json", '{"content": 1}', '{"contract": []}'])
def test_what_is_neither_minutes_nor_a_contract_is_told_so(country: Country, text: str) -> None:
    answer = Client().post(reverse("verify-approval"), {"text": text})

    assert answer.status_code == 200
    assert "It does not hold" in answer.content.decode()


def test_a_signature_that_does_not_hold_is_told_beside_its_field(country: Country) -> None:
    request = country.approved()

    answer = sign_in(country.people["asker"]).post(
        reverse("sign-request", args=[request.pk]), {"signature": "a.b.c"}
    )

    assert answer.status_code == 422
    assert "This signature does not hold" in answer.content.decode()
    assert Grant.objects.filter(consumer=request.consumer, stage="production").count() == 0
