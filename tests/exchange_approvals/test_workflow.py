"""From a draft to a grant: who may do what, when, and what each step leaves behind."""

from datetime import date
from typing import Any

import pytest
from conftest import Clock
from country import WRITTEN, Country
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from exchange.world import Caller, GatewayProcess
from nacl.signing import SigningKey

from panjereh.common.outbox.models import OutboxEvent
from panjereh.exchange.approvals.actions import grants, requests, sessions, signing, trying
from panjereh.exchange.approvals.contract import ContractRefused, content_hash, sign
from panjereh.exchange.approvals.models import AccessRequest, Approval, Step
from panjereh.exchange.approvals.states import NotNow
from panjereh.exchange.models import Grant, Operator, Representative

DENIED = "server.serverproxy.access_denied"


def caller_of(country: Country, request: AccessRequest) -> Caller:
    return Caller(request.consumer, country.world.keys[request.consumer.x_road_id])


@pytest.mark.req("NIX-07", "NIX-05", "NIX-06")
def test_agreement_and_consent_make_a_grant_that_opens_exactly_what_was_asked(
    country: Country, gate: GatewayProcess
) -> None:
    request = country.granted()

    assert request.state == "granted"
    assert request.grant is not None
    assert request.grant.stage == "production"
    answer = gate.call(caller_of(country, request), request.service, {})
    assert answer.json == {"full_name": "آرش نمونه", "days_worked": 30}


@pytest.mark.req("NIX-07")
def test_test_data_are_open_at_once_and_production_is_not(
    country: Country, gate: GatewayProcess
) -> None:
    request = country.submitted()

    assert request.sandbox_grant is not None
    assert request.sandbox_grant.stage == "sandbox"
    assert gate.call(caller_of(country, request), request.service, {}).status == 200


def test_in_production_no_grant_comes_before_its_approval(country: Country, settings: Any) -> None:
    settings.PROFILE = "production"

    request = country.submitted()

    assert request.sandbox_grant is None
    assert not Grant.objects.filter(consumer=request.consumer).exists()


@pytest.mark.req("NIX-07", "PRV-15")
def test_a_request_is_submitted_with_justification_legal_basis_and_purpose(
    country: Country,
) -> None:
    for name in ("justification", "legal_basis", "purpose", "per_minute"):
        request = country.begin(**{name: "" if name != "per_minute" else None})
        with pytest.raises(requests.Incomplete) as refused:
            requests.submit_request(actor=country.asker, request=request)
        assert refused.value.missing == [name]
        request.refresh_from_db()
        assert request.state == "draft"


@pytest.mark.req("NIX-07")
def test_a_provider_that_declines_sends_it_to_the_group_whose_decision_binds(
    country: Country, gate: GatewayProcess
) -> None:
    request = country.submitted()
    requests.answer_request(
        actor=country.answerer, request=request, answer="declined", text="Not our task."
    )
    assert request.state == "group"

    item = on_agenda(country, request)
    sessions.decide_item(
        actor=country.group,
        item=item,
        decision="approved",
        text={"fa": "موافقت شد", "en": "Agreed"},
        number="G-1",
    )
    request.refresh_from_db()
    assert request.state == "approved"
    country.sign(request)
    trying.run_conformance(actor=country.asker, request=request)

    request.refresh_from_db()
    assert request.state == "granted"
    assert request.grant is not None
    assert request.grant.approval_number == "G-1"
    assert request.grant.approval_row == f"{item.session.number}-{item.order}"


@pytest.mark.req("NIX-07", "GOV-24")
def test_silence_of_the_provider_sends_it_to_the_group_after_a_reminder(
    country: Country, clock: Clock
) -> None:
    request = country.submitted()

    clock.forward(days=13)
    requests.keep_terms()
    requests.keep_terms()
    request.refresh_from_db()
    assert request.state == "provider"
    clock.forward(days=3)
    requests.keep_terms()

    request.refresh_from_db()
    assert (request.state, request.provider_answer) == ("group", "silent")
    assert deeds(request)[-2:] == ["reminded", "not-answered"]


@pytest.mark.req("GOV-24")
def test_the_secretariat_is_told_each_day_that_its_time_has_passed(
    country: Country, clock: Clock
) -> None:
    request = country.agreed()

    for _ in range(3):
        clock.forward(days=8 if _ == 0 else 1)
        requests.keep_terms()
        requests.keep_terms()

    request.refresh_from_db()
    assert request.state == "secretariat"
    assert deeds(request).count("overdue") == 3


@pytest.mark.req("GOV-24")
def test_what_the_consumer_leaves_lying_lapses_and_its_test_access_ends(
    country: Country, clock: Clock, gate: GatewayProcess
) -> None:
    request = country.submitted()
    requests.answer_request(
        actor=country.answerer, request=request, answer="changes-asked-by-provider", text="Less."
    )
    clock.forward(days=31)
    requests.keep_terms()

    request.refresh_from_db()
    assert request.state == "lapsed"
    assert gate.call(caller_of(country, request), request.service, {}).error == DENIED


def test_changes_are_asked_for_made_and_submitted_again(country: Country) -> None:
    request = country.agreed()
    requests.ask_changes(actor=country.secretariat, request=request, text="Which law?")
    requests.write_request(actor=country.asker, request=request, legal_basis="001 art 31")
    requests.submit_request(actor=country.asker, request=request)

    request.refresh_from_db()
    assert (request.state, request.legal_basis) == ("provider", "001 art 31")


def test_what_was_submitted_is_not_rewritten(country: Country) -> None:
    request = country.submitted()

    with pytest.raises(NotNow):
        requests.write_request(actor=country.asker, request=request, data_items=["/secret"])
    request.refresh_from_db()
    assert request.data_items == WRITTEN["data_items"]


@pytest.mark.req("NIX-05")
def test_a_reopened_grant_stands_until_the_change_is_granted(
    country: Country, gate: GatewayProcess
) -> None:
    first = country.granted(data_items=["/full_name"])
    assert first.grant is not None
    again = requests.begin_request(
        actor=country.asker,
        consumer=first.consumer,
        service=first.service,
        reopens=first.grant.series,
    )
    assert again.data_items == ["/full_name"]
    requests.write_request(
        actor=country.asker,
        request=again,
        data_items=["/full_name", "/days_worked"],
        justification="More is needed.",
    )
    requests.submit_request(actor=country.asker, request=again)
    caller = caller_of(country, first)
    assert gate.call(caller, first.service, {}).json == {"full_name": "آرش نمونه"}

    requests.answer_request(actor=country.answerer, request=again, answer="agreed")
    requests.consent(actor=country.secretariat, request=again, number=f"C2-{again.pk}")
    country.sign(again)
    assert gate.call(caller, first.service, {}).json == {"full_name": "آرش نمونه"}
    trying.run_conformance(actor=country.asker, request=again)

    assert gate.call(caller, first.service, {}).json.keys() == {"full_name", "days_worked"}
    first.grant.refresh_from_db()
    assert first.grant.state == "obsolete"


def test_a_refused_reopening_leaves_the_standing_grant(
    country: Country, gate: GatewayProcess
) -> None:
    first = country.granted()
    assert first.grant is not None
    again = requests.begin_request(
        actor=country.asker,
        consumer=first.consumer,
        service=first.service,
        reopens=first.grant.series,
    )
    requests.write_request(actor=country.asker, request=again, justification="More.")
    requests.submit_request(actor=country.asker, request=again)
    requests.answer_request(actor=country.answerer, request=again, answer="declined", text="No.")
    decide(country, again, "refused")

    again.refresh_from_db()
    assert again.state == "refused"
    assert gate.call(caller_of(country, first), first.service, {}).status == 200


def test_two_requests_for_the_same_are_not_open_at_once(country: Country) -> None:
    request = country.submitted()

    with pytest.raises(DatabaseError, match="request_one_open"), transaction.atomic():
        requests.begin_request(
            actor=country.asker, consumer=request.consumer, service=request.service
        )


@pytest.mark.req("NIX-07")
def test_approval_without_all_signatures_opens_nothing(
    country: Country, settings: Any, gate: GatewayProcess
) -> None:
    settings.PROFILE = "production"
    request = country.approved()
    trying.run_conformance(actor=country.asker, request=request)
    signing.sign_in_sandbox(actor=country.asker, request=request, party="consumer")

    request.refresh_from_db()
    assert request.state == "approved"
    assert gate.call(caller_of(country, request), request.service, {}).error == DENIED


def test_a_member_signs_on_its_own_machine(country: Country, gate: GatewayProcess) -> None:
    request = country.approved()
    key = country.world.keys[request.consumer.x_road_id]
    signature = sign(content_hash(request.contract), key, verdict="accept", signed_at=1)

    signing.sign_contract(
        actor=country.asker, request=request, party="consumer", signature=signature
    )

    assert request.signatures["consumer"] == signature


def test_a_signature_by_another_key_or_over_another_contract_is_refused(
    country: Country,
) -> None:
    request = country.approved()
    key = country.world.keys[request.consumer.x_road_id]
    for forged in (
        sign(content_hash(request.contract), SigningKey.generate(), verdict="accept", signed_at=1),
        sign("$1$1$other", key, verdict="accept", signed_at=1),
        sign(content_hash(request.contract), key, verdict="reject", signed_at=1),
        "no signature",
    ):
        with pytest.raises(ContractRefused):
            signing.sign_contract(
                actor=country.asker, request=request, party="consumer", signature=forged
            )


def test_nobody_signs_for_the_other_side(country: Country) -> None:
    request = country.approved()

    with pytest.raises(PermissionDenied):
        signing.sign_in_sandbox(actor=country.asker, request=request, party="provider")
    with pytest.raises(PermissionDenied):
        signing.sign_in_sandbox(actor=country.answerer, request=request, party="consumer")


def test_every_deed_is_refused_to_others(country: Country) -> None:
    draft, waiting, agreed, approved = (
        country.begin(),
        country.submitted(),
        country.agreed(),
        country.approved(),
    )
    stranger = Representative(member=country.consumer, name="Gone", active=False)
    for who in (country.answerer, stranger, country.world.operator, country.secretariat):
        for deed in (
            lambda w=who: requests.write_request(actor=w, request=draft, wishes="x"),
            lambda w=who: requests.submit_request(actor=w, request=draft),
            lambda w=who: requests.withdraw_request(actor=w, request=waiting),
        ):
            with pytest.raises(PermissionDenied):
                deed()
    for who in (country.asker, stranger, country.world.operator, country.secretariat):
        with pytest.raises(PermissionDenied):
            requests.answer_request(actor=who, request=waiting, answer="agreed")
    auditor = Operator(name="Auditor", roles=["auditor"])
    for who in (country.asker, country.answerer, country.group, auditor):
        for deed in (
            lambda w=who: requests.consent(actor=w, request=agreed, number="1"),
            lambda w=who: requests.ask_changes(actor=w, request=agreed, text="x"),
            lambda w=who: requests.send_to_group(actor=w, request=agreed),
            lambda w=who: sessions.plan_session(actor=w, number=1, held_on=date(2026, 1, 1)),
            lambda w=who: signing.draft_again(actor=w, request=approved),
        ):
            with pytest.raises(PermissionDenied):
                deed()


@pytest.mark.req("GOV-24")
def test_each_step_is_kept_and_told(country: Country) -> None:
    request = country.approved()

    assert deeds(request) == ["begun", "submitted", "agreed", "consented"]
    told = OutboxEvent.objects.filter(type__startswith="exchange.request.")
    mine = [e for e in told if f'"request":{request.pk},'.encode() in bytes(e.body)]
    assert len(mine) == 4
    with pytest.raises(DatabaseError, match="kept as it was written"), transaction.atomic():
        Step.objects.filter(request=request).update(actor="someone else")


@pytest.mark.req("NIX-08", "NIX-29", "NIX-30")
def test_an_approval_is_public_with_number_date_parties_service_items_and_rules(
    country: Country,
) -> None:
    request = country.approved()
    approval = request.approval

    assert approval is not None
    facts = approval.facts
    assert facts["consumers"][0]["code"] == country.consumer.x_road_id
    assert facts["providers"][0]["code"] == country.world.member.x_road_id
    assert [item["key"] for item in facts["outputs"]] == WRITTEN["data_items"]
    assert any("pass" in note["en"] for note in facts["notes"])
    assert any("free of charge" in note["en"] for note in facts["notes"])
    with pytest.raises(DatabaseError, match="kept as it was written"), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(number="other")


def test_the_prohibition_to_pass_on_stands_under_the_signatures(country: Country) -> None:
    request = country.approved()

    (grant,) = request.contract["grants"]
    assert grant["data"]["properties"]["notes"]["onward_passing"] == "prohibited"


@pytest.mark.req("NIX-05")
def test_a_grant_ends_on_its_last_day(country: Country, gate: GatewayProcess, clock: Clock) -> None:
    request = country.granted(until=date(2199, 1, 1))
    assert request.grant is not None
    assert request.grant.not_after is not None
    clock.forward(days=365 * 200)

    assert grants.expire_grants() >= 1
    request.grant.refresh_from_db()
    assert request.grant.state == "expired"


def test_withdrawing_ends_the_test_access(country: Country, gate: GatewayProcess) -> None:
    request = country.submitted()
    assert gate.call(caller_of(country, request), request.service, {}).status == 200

    requests.withdraw_request(actor=country.asker, request=request, reason="Not needed.")

    assert gate.call(caller_of(country, request), request.service, {}).error == DENIED


def on_agenda(country: Country, request: AccessRequest) -> Any:
    newest = sessions.Session.objects.order_by("-number").first()
    number = newest.number + 1 if newest else 60
    session = sessions.plan_session(
        actor=country.secretariat, number=number, held_on=date(2026, 11, 20)
    )
    item = sessions.put_on_agenda(actor=country.secretariat, session=session, matter=request)
    sessions.hold_session(
        actor=country.group, session=session, present=[{"name": "Dr. Sample", "body": "ITO"}]
    )
    return item


def decide(country: Country, request: AccessRequest, decision: str) -> Any:
    return sessions.decide_item(
        actor=country.group,
        item=on_agenda(country, request),
        decision=decision,
        text={"fa": "تصمیم", "en": "Decision"},
        number="G-x" if decision == "approved" else "",
    )


def deeds(request: AccessRequest) -> list[str]:
    return list(request.steps.values_list("deed", flat=True))
