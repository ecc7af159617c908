"""Forms are a pure function of definition and answers: what it shows, asks and drops."""

import copy
from dataclasses import replace
from typing import Any

import pytest
from conftest import NEWBORN
from hypothesis import given, settings
from hypothesis import strategies as st
from people import FATHER, HOME_CODE, MOTHER, civil, notice

from panjereh.agency.engine.coverage import flaws as table_flaws
from panjereh.agency.forms import scope as scopes
from panjereh.agency.forms.judging import judge
from panjereh.agency.forms.scope import name_facts
from panjereh.agency.forms.view import Known, Record, dependents, prefilled, view
from panjereh.agency.packages import load

PACKAGE = load.from_folder(NEWBORN)
FORM = PACKAGE.form
APPLICANT = {"national_id": MOTHER.national_id, "mobile": MOTHER.mobile}
FIELDS = sorted(FORM.fields)

CHOICES: dict[str, Any] = {
    "notice": st.sampled_from(["N1", "N2", "N3"]),
    "child_name": st.sampled_from(["آوا", "کیان", "دکتر", "رستم", "x"]),
    "address.postal_code": st.sampled_from([HOME_CODE, "1966733316"]),
    "address.confirmed": st.booleans(),
}


def record(asked: dict[str, Any], data: dict[str, Any]) -> Record:
    return Record(asked, data, "2026-11-22T10:00:00+00:00")


def records(*notices: dict[str, Any]) -> dict[str, Record]:
    mine = {"national_id": MOTHER.national_id}
    return {
        "mother": record(mine, civil(MOTHER, "female")),
        "notices": record(
            {"mother_national_id": MOTHER.national_id}, {"notices": list(notices) or [notice()]}
        ),
        "father": record({"national_id": FATHER.national_id}, civil(FATHER, "male")),
        "residence": record(mine, {"postal_code": HOME_CODE}),
        "address": record({"postal_code": HOME_CODE}, {"description": "تهران"}),
    }


@st.composite
def knowns(draw: st.DrawFn) -> Known:
    """Any state a draft may be in, however it came there."""
    answers: dict[str, Any] = {}
    for field, values in CHOICES.items():
        if draw(st.booleans()):
            answers = scopes.with_path(answers, field, draw(values))
    every = records(*draw(st.sampled_from([(notice("N1"),), (notice("N1"), notice("N2"))])))
    kept = {name: r for name, r in every.items() if draw(st.booleans())}
    seen = frozenset(p.id for p in FORM.pages if draw(st.booleans()))
    return Known(APPLICANT, answers, kept, seen)


@given(knowns())
@settings(max_examples=150, deadline=None)
def test_a_view_changes_nothing_and_is_always_the_same(known: Known) -> None:
    before = copy.deepcopy(known)
    assert view(FORM, known) == view(FORM, known)
    assert known == before


@given(knowns())
@settings(max_examples=150, deadline=None)
def test_pages_are_done_then_one_is_current_then_the_rest_is_later(known: Known) -> None:
    states = [page.state for page in view(FORM, known).pages]
    order = {"done": 0, "current": 1, "later": 2}
    assert [order[s] for s in states] == sorted(order[s] for s in states)
    assert states.count("current") <= 1


@given(knowns())
@settings(max_examples=150, deadline=None)
def test_a_form_is_complete_only_when_every_question_is_answered(known: Known) -> None:
    seen = view(FORM, known)
    if seen.complete:
        assert known.answers["child_name"]
        assert "confirmed" in known.answers["address"]
        assert seen.scope["chosen"]["notice"]


@given(knowns())
@settings(max_examples=150, deadline=None)
def test_no_source_is_asked_that_has_answered_this_very_question(known: Known) -> None:
    for need in view(FORM, known).needs:
        kept = known.records.get(need.source)
        assert kept is None or kept.asked != need.asked


@given(knowns(), st.sampled_from(FIELDS))
@settings(max_examples=100, deadline=None)
def test_what_depends_on_a_field_does_not_contain_it_and_is_closed(known: Known, f: str) -> None:
    found = dependents(FORM, f)
    assert f not in found
    for other in found:
        assert dependents(FORM, other) - {f} <= found


def test_what_hangs_on_what_in_the_newborn_form() -> None:
    assert "child_name" in dependents(FORM, "notice"), "the naming table reads the sex"
    assert "father" in dependents(FORM, "notice")
    assert dependents(FORM, "address.postal_code") == {"address.shown", "address.confirmed"}
    assert dependents(FORM, "child_name") == frozenset()


def test_a_record_of_another_question_does_not_count() -> None:
    known = Known(
        APPLICANT,
        {"child_name": "آوا", "address": {"postal_code": "1966733316"}},
        records(),
        frozenset({"birth", "parents"}),
    )
    assert [need.source for need in view(FORM, known).needs] == ["address"]


def test_one_notice_is_no_question_and_two_are() -> None:
    one = view(FORM, Known(APPLICANT, {}, records(), frozenset({"birth", "parents"})))
    assert one.pages[0].state == "done"
    assert one.scope["chosen"]["notice"]["notice_id"] == "N1"
    two = view(FORM, Known(APPLICANT, {}, records(notice("N1"), notice("N2"))))
    assert two.pages[0].state == "current"
    assert two.scope["chosen"] == {}


def test_an_offer_is_not_an_answer() -> None:
    known = Known(APPLICANT, {"child_name": "آوا"}, records(), frozenset({"birth", "parents"}))
    seen = view(FORM, known)
    page = seen.page("address")
    assert page is not None
    assert prefilled(page.fields[0], seen) == HOME_CODE
    assert page.state == "current"


def test_sources_that_hang_on_nothing_are_asked_at_once() -> None:
    needs = {need.source for need in view(FORM, Known(APPLICANT, {}, {})).needs}
    assert needs == {"mother", "notices"}


def refused_row(name: str, sex: str) -> str:
    known = Known(APPLICANT, {}, records(notice(sex=sex)))
    found = judge(FORM, known, {"child_name": name}, PACKAGE.decision_tables)
    return found["child_name"].row if found else ""


@pytest.mark.req("SMT-09")
@pytest.mark.parametrize(
    ("name", "sex", "row"),
    [
        ("آوا", "female", ""),
        ("کیان", "male", ""),
        ("محمدمهدی", "male", ""),
        ("امیر\u200cحسین", "male", ""),
        ("فاطمه زهرا", "female", ""),
        ("ي\u0627سمن", "female", ""),
        ("Ava", "female", "not-persian"),
        ("آوا۲", "female", "not-persian"),
        ("آوا!", "female", "not-persian"),
        ("آ", "female", "too-short"),
        ("آ" * 31, "female", "too-long"),
        ("آوا مینا نیلوفر پریا", "female", "many-names"),
        ("دکتر آوا", "female", "title"),
        ("سرهنگ", "male", "title"),
        ("رضا خان", "male", "honorific"),
        ("سید علی", "male", "descent"),
        ("عبداللات", "male", "sanctity"),
        ("شیطان", "male", "offensive"),
        ("گدا", "female", "offensive"),
        ("رستم", "female", "boy-name"),
        ("علی", "female", "boy-name"),
        ("نیلوفر", "male", "girl-name"),
        ("نیلوفر", "female", ""),
        ("علی", "male", ""),
    ],
)
def test_the_naming_table(name: str, sex: str, row: str) -> None:
    assert refused_row(name, sex) == row


def test_every_row_of_the_naming_table_has_a_case_above() -> None:
    tried = {mark.args[1][n][2] for mark in _parameters() for n in range(len(mark.args[1]))}
    assert {row.id for row in PACKAGE.tables["naming"].rows} - tried == {"accepted"}


def _parameters() -> list[Any]:
    return [m for m in test_the_naming_table.pytestmark if m.name == "parametrize"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted(PACKAGE.tables))
def test_the_tables_of_the_house_are_total(name: str) -> None:
    assert table_flaws(PACKAGE.tables[name]) == []


@pytest.mark.req("SMT-09")
def test_every_row_states_its_law_and_a_reason_in_every_language() -> None:
    for table in PACKAGE.tables.values():
        for row in table.rows:
            for language in ("fa", "en"):
                assert PACKAGE.text(f"decisions.{table.name}.rows.{row.id}", language)
                assert PACKAGE.text(f"laws.{row.annotations['law']}", language)


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_as_a_name_is_judged_and_never_breaks(name: str) -> None:
    facts = name_facts(name)
    assert facts["length"] <= len(name)
    refused_row(name, "female")


def test_a_held_answer_is_seen() -> None:
    answers = {"child_name": "آوا", "address": {"postal_code": HOME_CODE, "confirmed": False}}
    known = Known(APPLICANT, answers, records(), frozenset({"birth", "parents"}))
    assert view(FORM, known).hold == "address"
    confirmed = {**answers, "address": {"postal_code": HOME_CODE, "confirmed": True}}
    assert view(FORM, replace(known, answers=confirmed)).hold == ""


def test_a_tracking_id_in_a_message_keeps_its_order() -> None:
    from panjereh.agency.packages.texts import fill

    text = fill("شناسه {tracking_id}.", {"tracking_id": "1405-7373"}, "fa")
    assert text == "شناسه \u20661405-7373\u2069."
    assert fill("ID {tracking_id}.", {"tracking_id": "1405-7373"}, "en") == "ID 1405-7373."
    assert fill("{x.__class__} {nobody}", {}, "en") == "{x.__class__} "
