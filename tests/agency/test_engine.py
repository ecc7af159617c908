"""The engine behind its narrow door: what is stored comes back, and no diagram runs code."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from conftest import NEWBORN

from panjereh.agency.cases.wakeups import MAX_STATE_BYTES
from panjereh.agency.engine import diagram, spiff

XML = (NEWBORN / "process.bpmn").read_text()
DIAGRAM = spiff.read(XML)


def accepting(table: str, scope: dict[str, Any]) -> dict[str, Any]:
    return {"table": table, "row": "r", "outputs": {"outcome": "accept"}, "law": "", "facts": {}}


def scope_with(confirmed: bool) -> dict[str, Any]:
    return {"answers": {"address": {"confirmed": confirmed}}}


def shuffled(value: Any) -> Any:
    """As jsonb gives it back: keys in another order."""
    if isinstance(value, dict):
        items = [(key, shuffled(item)) for key, item in value.items()]
        random.shuffle(items)
        return dict(items)
    return [shuffled(item) for item in value] if isinstance(value, list) else value


def stored_and_loaded(instance: spiff.Instance) -> spiff.Instance:
    text = json.dumps(spiff.dump(instance))
    assert len(text) < MAX_STATE_BYTES, "answers and files belong in tables, not in the state"
    scope = instance.environment.scope
    return spiff.load(DIAGRAM, shuffled(json.loads(text)), scope, accepting)


def run_to_the_end(instance: spiff.Instance, *, storing: bool) -> tuple[list[str], str]:
    done = []
    while not spiff.waiting(instance).done:
        step = spiff.waiting(instance).services[0]
        spiff.finish(instance, step.key)
        done.append(step.id)
        if storing:
            instance = stored_and_loaded(instance)
    return done, spiff.waiting(instance).end


def test_a_process_stored_at_every_wait_with_shuffled_keys_goes_the_same_way() -> None:
    straight = run_to_the_end(spiff.start(DIAGRAM, scope_with(True), accepting), storing=False)
    for seed in range(5):
        random.seed(seed)
        stored = run_to_the_end(spiff.start(DIAGRAM, scope_with(True), accepting), storing=True)
        assert stored == straight
    assert straight[1] == "delivered"


def test_facts_of_a_step_survive_the_round_trip() -> None:
    instance = spiff.start(DIAGRAM, scope_with(True), accepting)
    for step in spiff.waiting(instance).services:
        spiff.finish(instance, step.key)
    before = spiff.waiting(instance).services
    assert before[0].facts["decisions"]["eligibility"] == {"outcome": "accept"}
    assert spiff.waiting(stored_and_loaded(instance)).services == before


def test_independent_inquiries_wait_at_the_same_time() -> None:
    instance = spiff.start(DIAGRAM, scope_with(True), accepting)
    steps = {step.id for step in spiff.waiting(instance).services}
    assert steps == {"mother", "father", "notice", "address"}


def test_a_service_step_is_left_started_until_it_is_answered() -> None:
    instance = spiff.start(DIAGRAM, scope_with(True), accepting)
    again = stored_and_loaded(instance)
    assert spiff.waiting(again).services == spiff.waiting(instance).services


def test_a_step_is_finished_once() -> None:
    instance = spiff.start(DIAGRAM, scope_with(True), accepting)
    key = spiff.waiting(instance).services[0].key
    spiff.finish(instance, key)
    with pytest.raises(spiff.StepNotWaiting):
        spiff.finish(instance, key)


def test_an_unconfirmed_address_waits_with_a_deadline() -> None:
    waiting = spiff.waiting(spiff.start(DIAGRAM, scope_with(False), accepting))
    assert [step.implementation for step in waiting.people] == ["form:address"]
    assert waiting.services == []
    assert waiting.next_due is not None


def test_a_deadline_that_passes_takes_its_own_way() -> None:
    soon = spiff.read(XML.replace("P30D", "PT0S"))
    instance = spiff.start(soon, scope_with(False), accepting)
    spiff.tick(instance)
    assert [step.id for step in spiff.waiting(instance).services] == ["tell-lapsed"]
    spiff.finish(instance, spiff.waiting(instance).services[0].key)
    assert spiff.waiting(instance).end == "lapsed"


def test_an_error_that_the_diagram_foresees_is_followed_and_another_is_not() -> None:
    instance = spiff.start(DIAGRAM, scope_with(True), accepting)
    for step in spiff.waiting(instance).services:
        spiff.finish(instance, step.key)
    register = spiff.waiting(instance).services[0]
    assert not spiff.fail(instance, register.key, "parent-unknown")
    assert spiff.fail(stored_and_loaded(instance), register.key, "notice-entered")


def minimal(step: str, condition: str = "") -> str:
    flow = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">
      <process id="p" isExecutable="true">
        <startEvent id="s" name="آغاز"/><sequenceFlow id="a" sourceRef="s" targetRef="g"/>
        <exclusiveGateway id="g" name="راه" default="b"/>
        <sequenceFlow id="b" sourceRef="g" targetRef="t"/>
        <sequenceFlow id="c" sourceRef="g" targetRef="e">{flow}</sequenceFlow>
        {step}<sequenceFlow id="d" sourceRef="t" targetRef="e"/>
        <endEvent id="e" name="پایان"/>
      </process></definitions>"""


KNOWN = '<serviceTask id="t" name="گام" implementation="nix:known"/>'


def flaws_of(xml: str) -> list[str]:
    found = diagram.flaws(xml, known=lambda kind, name: name == "nix:known")
    return [flaw.message for flaw in found]


def test_a_plain_diagram_has_no_flaw() -> None:
    assert flaws_of(minimal(KNOWN, "answers.x == 1")) == []


@pytest.mark.parametrize(
    ("xml", "flaw"),
    [
        (
            minimal("<scriptTask id='t' name='گام'><script>1</script></scriptTask>", "1"),
            "scriptTask",
        ),
        (minimal(KNOWN, "__import__('os').system('id')"), "not an expression"),
        (minimal(KNOWN, "len(map([1..50000000], #)) > 1"), "more than 1000 values"),
        (minimal(KNOWN, "len(map([a..b], #)) > 1"), "more than 1000 values"),
        (minimal(KNOWN, "answers." + "x" * 500), "longer than"),
        (minimal(KNOWN.replace("nix:known", "nix:nobody.does"), "1"), "is not known"),
        (minimal(KNOWN.replace("گام", "step"), "1"), "no Persian name"),
        (minimal(KNOWN).replace(' default="b"', ""), "needs a default flow"),
        (minimal(KNOWN), "has no condition"),
        (minimal("<userTask id='t' name='گام' implementation='nix:known'/>", "1"), "deadline"),
        (minimal("<subProcess id='t' name='گام'/>", "1"), "outside the allowed subset"),
        (
            minimal(KNOWN.replace(" name=", " xmlns:c='urn:vendor' c:topic='x' name="), "1"),
            "vendor attribute",
        ),
        ("<definitions", "not XML"),
    ],
)
def test_what_is_outside_the_subset_is_refused(xml: str, flaw: str) -> None:
    assert any(flaw in message for message in flaws_of(xml)), flaws_of(xml)


def test_python_in_a_condition_does_not_run_even_unchecked(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    xml = minimal(KNOWN, f"__import__('pathlib').Path('{mark}').touch()")
    with pytest.raises(Exception, match="evaluat"):
        spiff.start(spiff.read(xml), {}, accepting)
    assert not mark.exists()


def test_a_script_does_not_run_even_unchecked(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    script = f"open('{mark}', 'w')"
    xml = minimal(f"<scriptTask id='t' name='گام'><script>{script}</script></scriptTask>", "1 == 2")
    with pytest.raises(Exception, match="may not run code"):
        spiff.start(spiff.read(xml), {}, accepting)
    assert not mark.exists()


def test_an_entity_bomb_is_refused() -> None:
    bomb = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + minimal(KNOWN, "&b;")
    assert flaws_of(bomb)


def test_dates_and_amounts_come_back_as_what_they_were() -> None:
    from datetime import date
    from decimal import Decimal

    instance = spiff.start(DIAGRAM, scope_with(True), accepting)
    instance.workflow.task_tree.data["kept"] = {"day": date(2026, 11, 16), "fee": Decimal("1.50")}
    loaded = stored_and_loaded(instance)
    assert loaded.workflow.task_tree.data["kept"] == {
        "day": date(2026, 11, 16),
        "fee": Decimal("1.50"),
    }


GOLDEN = sorted((Path(__file__).parent / "golden").iterdir())


@pytest.mark.parametrize("release", GOLDEN, ids=lambda folder: folder.name)
def test_states_of_every_release_load_and_finish(release: Path) -> None:
    """Added at each release, never changed: people's cases outlive our versions."""
    old = spiff.read((release / "process.bpmn").read_text())
    for name, state in json.loads((release / "states.json").read_text()).items():
        instance = spiff.load(old, shuffled(state), scope_with(True), accepting)
        for step in spiff.waiting(instance).people:
            spiff.finish(instance, step.key)
        assert run_to_the_end(instance, storing=False)[1] == "delivered", name
