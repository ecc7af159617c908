"""No service without a card; a card is submitted, checked, approved or returned."""

import json
import threading
from typing import Any

import pytest
from callers import CIVIL, HEALTH, WINDOW
from cards import SERVICE, card, text
from django.db import connections

from panjereh.common.outbox.models import OutboxEvent
from panjereh.common.problems import Problem
from panjereh.national.catalogue import actions, queries
from panjereh.national.catalogue.cards import card_flaws, card_schema
from panjereh.national.catalogue.models import ServiceCard, State


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def production(settings: Any) -> None:
    settings.PROFILE = "production"


@pytest.mark.req("CAT-01", "CAT-02", "CAT-18")
def test_in_the_sandbox_a_card_is_approved_at_once_and_gets_its_number(
    db: None, exchange_post: Any
) -> None:
    submitted = exchange_post("catalogue", "submit-card", {"card": card()})
    shown = exchange_post("catalogue", "card", {"service_id": SERVICE}, consumer=WINDOW)

    assert submitted.json()["state"] == "approved", submitted.content
    number = shown.json()["card"].pop("service_card_number")
    assert len(number) == 9
    assert shown.json()["card"] == card()
    [version] = queries.history(SERVICE)
    assert (version.decided_by, version.state) == ("sandbox approver", State.APPROVED)


@pytest.mark.req("CAT-04")
def test_an_approved_card_is_told_to_the_floors_that_show_it(db: None) -> None:
    actions.submit_card(consumer=CIVIL, card=card())

    data = json.loads(bytes(OutboxEvent.objects.get(type="catalogue.card.approved").body))["data"]
    assert data["version"] == "1.0"
    assert data["revision"] == 1
    assert data["card"] == queries.approved_card(SERVICE).body  # type: ignore[union-attr]


@pytest.mark.req("CAT-02", "CAT-03")
def test_in_production_a_card_waits_for_a_person(
    db: None, production: None, exchange_post: Any
) -> None:
    submitted = exchange_post("catalogue", "submit-card", {"card": card()})

    assert submitted.json()["state"] == "submitted"
    assert _code(exchange_post("catalogue", "card", {"service_id": SERVICE})) == (
        404,
        "card-unknown",
    )
    assert not OutboxEvent.objects.exists()


@pytest.mark.req("CAT-02")
def test_a_person_approves_and_the_number_comes_with_it(db: None, production: None) -> None:
    actions.submit_card(consumer=CIVIL, card=card())

    actions.approve_card(actor="reviewer 3", service_id=SERVICE, revision=1)

    stored = ServiceCard.objects.get()
    assert stored.number
    assert queries.approved_card(SERVICE)


@pytest.mark.req("CAT-02")
def test_a_card_is_returned_with_reasons_and_comes_back_better(
    db: None, production: None, exchange_post: Any
) -> None:
    actions.submit_card(consumer=CIVIL, card=card())
    reasons = ["The fee has no legal basis."]
    actions.return_card(actor="reviewer 3", service_id=SERVICE, revision=1, reasons=reasons)

    unchanged = exchange_post("catalogue", "submit-card", {"card": card()})
    better = exchange_post("catalogue", "submit-card", {"card": card(version="1.1")})

    assert unchanged.json() == {"state": "returned", "reasons": reasons}
    assert better.json()["state"] == "submitted"
    assert [v.state for v in queries.history(SERVICE)] == [State.RETURNED, State.SUBMITTED]


@pytest.mark.req("CAT-20")
def test_a_card_has_versions_and_the_number_stays(db: None) -> None:
    actions.submit_card(consumer=CIVIL, card=card())
    number = ServiceCard.objects.get().number
    actions.submit_card(consumer=CIVIL, card=card(version="1.1", audience="businesses"))

    current = queries.approved_card(SERVICE)
    assert current
    assert (current.body["version"], current.body["service_card_number"]) == ("1.1", number)
    assert [(v.revision, v.label) for v in queries.history(SERVICE)] == [(1, "1.0"), (2, "1.1")]


def test_the_approved_version_stays_in_force_while_a_new_one_waits(db: None, settings: Any) -> None:
    actions.submit_card(consumer=CIVIL, card=card())
    settings.PROFILE = "production"
    actions.submit_card(consumer=CIVIL, card=card(version="2.0"))
    actions.return_card(actor="reviewer", service_id=SERVICE, revision=2, reasons=["no"])

    assert queries.approved_card(SERVICE).body["version"] == "1.0"  # type: ignore[union-attr]


def test_the_same_card_again_changes_nothing(db: None, exchange_post: Any) -> None:
    for _ in range(3):
        answer = exchange_post("catalogue", "submit-card", {"card": card()})
        assert answer.json()["state"] == "approved"

    assert len(queries.history(SERVICE)) == 1
    assert OutboxEvent.objects.filter(type="catalogue.card.approved").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one_version() -> None:
    together = threading.Barrier(2)
    states: list[str] = []

    def submit() -> None:
        together.wait()
        try:
            states.append(actions.submit_card(consumer=CIVIL, card=card()).state)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=submit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert states == ["approved", "approved"]
    assert len(queries.history(SERVICE)) == 1


MANDATORY = sorted(card_schema()["required"])


@pytest.mark.req("CAT-01", "CAT-05", "CAT-29")
@pytest.mark.parametrize("field", MANDATORY)
def test_a_card_without_a_mandatory_field_is_refused_by_its_name(
    db: None, exchange_post: Any, field: str
) -> None:
    answer = exchange_post("catalogue", "submit-card", {"card": card(**{field: None})})

    assert _code(answer) == (422, "card-invalid")
    assert field in answer.json()["fields"]
    assert not ServiceCard.objects.exists()


@pytest.mark.req("CAT-05")
def test_what_the_law_asks_of_a_card_is_mandatory() -> None:
    """001 article 9 note 2: the eleven things that a card says."""
    article_9 = {
        "id",
        "legal_basis",
        "nature",
        "recipients",
        "inputs",
        "registry_inputs",
        "assurance_level",
        "fee",
        "in_person_reasons",
        "steps",
        "units",
    }
    assert article_9 <= set(MANDATORY)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"id": "Newborn Certificate"}, "id"),
    ({"id": "no-dot"}, "id"),
    ({"version": "latest"}, "version"),
    ({"title": text("فقط", "")}, "title.en"),
    ({"title": {"fa": "فقط فارسی"}}, "title.en"),
    ({"summary": text("  ", "x")}, "summary.fa"),
    ({"nature": "commercial"}, "nature"),
    ({"audience": "martians"}, "audience"),
    ({"legal_basis": []}, "legal_basis"),
    ({"legal_basis": [{"law": "قانون", "article": "1"}]}, "legal_basis.0.text"),
    ({"synonyms": {"fa": [], "en": ["x"]}}, "synonyms.fa"),
    ({"fee": {"amount_rial": -1, "legal_basis": "x"}}, "fee.amount_rial"),
    ({"fee": {"amount_rial": 5000, "legal_basis": "ماده ۵"}}, "fee.account"),
    ({"fee": {"amount_rial": 0, "legal_basis": " "}}, "fee.legal_basis"),
    ({"duration": {"text": text("فوری", "at once"), "iso": "10 minutes"}}, "duration.iso"),
    ({"duration": {"text": text("فوری", "at once"), "iso": "P"}}, "duration.iso"),
    ({"assurance_level": 9}, "assurance_level"),
    ({"channels": []}, "channels"),
    ({"channels": ["pigeon"]}, "channels.0"),
    ({"steps": []}, "steps"),
    ({"units": []}, "units"),
    ({"owner": {}}, "owner.post"),
    ({"statistics": {}}, "statistics.recipients_per_year"),
    ({"smart_status": "very"}, "smart_status"),
    ({"delivery_link": text("javascript:alert(1)", "https://x.ir/")}, "delivery_link.fa"),
    ({"delivery_link": None}, "delivery_link"),
    ({"e_delivery_level": "none"}, "not_electronic_reason"),
    ({"colour": "red"}, "colour"),
    ({"description": text("a\x00b", "x")}, "description.fa"),
]


@pytest.mark.req("CAT-01", "CAT-05")
@pytest.mark.parametrize(("changed", "field"), WRONG, ids=[f"{f}: {c}"[:60] for c, f in WRONG])
def test_a_wrong_field_is_named(changed: dict[str, Any], field: str) -> None:
    assert card_flaws(card()) == []
    assert field in card_flaws(card(**changed))


@pytest.mark.req("CAT-13")
def test_a_service_that_is_not_electronic_says_why() -> None:
    reason = text("باید اصل سند دیده شود", "The original has to be seen")
    by_hand = card(e_delivery_level="none", delivery_link=None, not_electronic_reason=reason)

    assert card_flaws(by_hand) == []


def test_a_wrong_card_s_values_are_not_repeated(db: None, exchange_post: Any) -> None:
    answer = exchange_post("catalogue", "submit-card", {"card": card(nature="secret-word")})

    assert "secret-word" not in answer.text


@pytest.mark.req("CAT-26")
def test_an_agency_manages_its_own_cards_only(db: None, exchange_post: Any) -> None:
    exchange_post("catalogue", "submit-card", {"card": card()})

    same = exchange_post("catalogue", "submit-card", {"card": card(version="2")}, consumer=HEALTH)
    prefix = exchange_post(
        "catalogue",
        "submit-card",
        {"card": card(id="civil-registration.another")},
        consumer=HEALTH,
    )

    assert _code(same) == _code(prefix) == (403, "not-your-card")


@pytest.mark.parametrize("actor", ["", "  ", CIVIL])
def test_nobody_and_not_its_author_approves_a_card(db: None, production: None, actor: str) -> None:
    actions.submit_card(consumer=CIVIL, card=card())

    with pytest.raises(Problem) as refused:
        actions.approve_card(actor=actor, service_id=SERVICE, revision=1)

    assert refused.value.code == "not-an-approver"


def test_a_decided_version_is_not_decided_again(db: None) -> None:
    actions.submit_card(consumer=CIVIL, card=card())

    with pytest.raises(Problem) as refused:
        actions.return_card(actor="reviewer", service_id=SERVICE, revision=1, reasons=["late"])

    assert refused.value.code == "card-decided"


def test_a_card_is_not_returned_without_a_reason(db: None, production: None) -> None:
    actions.submit_card(consumer=CIVIL, card=card())

    with pytest.raises(Problem) as refused:
        actions.return_card(actor="reviewer", service_id=SERVICE, revision=1, reasons=[" "])

    assert refused.value.code == "reason-missing"


def test_a_version_that_is_not_there_is_not_approved(db: None) -> None:
    with pytest.raises(Problem) as refused:
        actions.approve_card(actor="reviewer", service_id=SERVICE, revision=7)

    assert refused.value.code == "card-unknown"


def test_a_submission_without_a_key_is_refused(db: None, exchange_post: Any) -> None:
    answer = exchange_post("catalogue", "submit-card", {"card": card()}, key="")

    assert _code(answer) == (400, "idempotency-key-missing")
