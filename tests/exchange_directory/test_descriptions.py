"""Reading a description: what it says, what is wrong with it and on which line, what it breaks."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from parties import DESCRIPTION, Parties

from panjereh.exchange.directory import actions
from panjereh.exchange.directory.models import Draft, Example, Item
from panjereh.exchange.directory.openapi.changes import RULES, Shape, changes
from panjereh.exchange.directory.openapi.flaws import Flawed
from panjereh.exchange.directory.openapi.items import ItemFacts
from panjereh.exchange.directory.openapi.reading import MAX_BYTES, read
from panjereh.exchange.directory.openapi.services import Described, services_of
from panjereh.exchange.models import PolicyState, Service

NOBODY = "national_id: {type: string, x-data-subject: false}"
ITSELF = "parents: {type: array, items: {$ref: '#/components/schemas/Vehicle'}}"
IN_PATH = """  /vehicle/{national_id}:
    parameters:
      - {name: national_id, in: path, required: true, schema: {type: string}}
"""


def described(text: bytes = DESCRIPTION) -> Described:
    (found,) = services_of(read(text))
    return found


def changed(*replacements: tuple[str, str]) -> bytes:
    text = DESCRIPTION.decode()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def flaws(text: bytes) -> list[tuple[int, str]]:
    with pytest.raises(Flawed) as caught:
        services_of(read(text))
    return [(flaw.line, f"{flaw.text} {flaw.mend}") for flaw in caught.value.flaws]


@pytest.mark.req("NIX-33")
def test_a_description_tells_inputs_outputs_legal_basis_and_promise() -> None:
    found = described()

    assert (found.code, found.version, found.endpoints) == ("vehicle", "1.0.0", (("POST", "/"),))
    assert (found.title_fa, found.legal_basis, found.promise_ms) == (
        "استعلام خودرو",
        "001 art 21",
        400,
    )
    places = {(item.direction, item.place): item for item in found.items}
    assert list(places) == [
        ("in", "/national_id"),
        ("in", "/plate"),
        ("out", "/owned"),
        ("out", "/vehicles/model"),
        ("out", "/vehicles/birth_date"),
        ("out", "/vehicles/amount_rial"),
    ]
    assert places["out", "/vehicles/model"].name == {"fa": "خودروها، مدل", "en": "vehicles, model"}
    assert places["out", "/vehicles/birth_date"].type == "date"
    assert (places["out", "/owned"].required, places["in", "/plate"].required) == (True, True)
    assert not places["out", "/vehicles/model"].required


@pytest.mark.req("NIX-35")
def test_names_and_types_of_the_vocabulary_need_not_be_repeated() -> None:
    by_place = {item.place: item for item in described().items}

    assert by_place["/national_id"].name_fa == "کد ملی"
    assert by_place["/national_id"].type == "national-id"
    assert by_place["/vehicles/amount_rial"].type == "money"


@pytest.mark.req("NIX-39")
def test_a_national_id_of_the_request_names_a_person_asked_about_unless_said_otherwise() -> None:
    assert described().subjects == ["/national_id"]
    plain = changed(
        ("national_id: {type: string}", "national_id: {type: string, x-data-subject: false}")
    )
    assert described(plain).subjects == []
    marked = changed(("plate: {type: string,", "plate: {type: string, x-data-subject: true,"))
    assert described(marked).subjects == ["/national_id", "/plate"]


def test_yaml_and_json_say_the_same() -> None:
    tree = yaml.safe_load(DESCRIPTION)
    for text in (json.dumps(tree), json.dumps(tree, indent="\t", ensure_ascii=False)):
        assert described(text.encode()).items == described().items


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("version: 1.0.0", "wersion: 1.0.0", 2, "“version” is missing"),
        ("openapi: 3.1.0", "openapi: 2.0.0", 1, "OpenAPI 3.0 or 3.1"),
        ("type: boolean", "type: bool", 35, ""),
        ("#/components/schemas/Vehicle", "#/components/schemas/Car", 40, "leads nowhere"),
        ("#/components/schemas/Vehicle", "http://127.0.0.1/x", 40, "leads out of the file"),
        ('"200":', '"404":', 25, "no answer for success"),
        ("x-name-fa: مدل, ", "", 46, "x-name-fa"),
        ("national_id: {type: string}", "national_id: {type: integer}", 23, "national-id"),
        ("/vehicle:", "/:", 6, "code of a service"),
        ("version: 1.0.0", "version: one", 4, "no version"),
        ("version: 1.0.0", "version: 2.0.0", 4, "/vehicle.v2"),
        ("summary: Inquiry", "summary: [Inquiry]\n      summary: x", 9, "twice"),
        ("title: Vehicle registry", "title: 'Vehicle registry", 3, "neither YAML nor JSON"),
        ("info:", "info: &anchor", 2, "anchors"),
    ],
)
def test_each_flaw_tells_its_line_and_what_to_do(old: str, new: str, line: int, words: str) -> None:
    found = flaws(changed((old, new)))

    assert any(words in text for _, text in found), found
    assert found[0][0] in range(line - 1, line + 3), found
    assert all(len(text.split()) > 3 for _, text in found)


def test_what_is_too_large_or_no_text_or_no_object_is_refused() -> None:
    assert "too large" in flaws(b" " * (MAX_BYTES + 1))[0][1]
    assert "UTF-8" in flaws(b"\xff\xfe")[0][1]
    for text in (b"", b"[]", b"1", b"null"):
        assert "no OpenAPI" in flaws(text)[0][1]
    deep = b"a:\n" + b"".join(b" " * n + b"- \n" for n in range(1, 3000))
    assert flaws(deep)


def test_a_small_file_cannot_grow_without_end() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{n}: &x{n} [*a, *a]\n" for n in range(9))
    assert "anchors" in flaws(bomb.encode())[0][1]


def test_a_schema_that_contains_itself_ends() -> None:
    text = changed(("amount_rial: {type: integer}", ITSELF))
    places = [item.place for item in described(text).items]
    assert "/vehicles/parents" in places


def test_a_persons_id_in_the_path_is_refused() -> None:
    text = changed(("  /vehicle:\n", IN_PATH))
    assert any("in the path" in words for _, words in flaws(text))


def test_words_of_yaml_stay_words() -> None:
    tree = read(b"openapi: no\ninfo: 2026-11-22\nx: [on, 0x10, 010, 1_0]\n").tree
    assert tree == {"openapi": "no", "info": "2026-11-22", "x": ["on", "0x10", "010", "1_0"]}


def test_what_is_taken_an_outsiders_validator_takes_too() -> None:
    assert list(OpenAPIV31SpecValidator(read(DESCRIPTION).tree).iter_errors()) == []


WORDS = st.sampled_from(
    ["type", "$ref", "properties", "items", "required", "paths", "schema", "", "object", "/a", "#/"]
)
LEAVES = st.none() | st.booleans() | st.integers() | WORDS


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(LEAVES, lambda c: st.lists(c, max_size=4) | st.dictionaries(WORDS, c, max_size=4)),
    st.integers(0, 8),
)
def test_no_description_ends_in_anything_but_services_or_flaws(part: Any, place: int) -> None:
    tree = yaml.safe_load(DESCRIPTION)
    post = tree["paths"]["/vehicle"]["post"]
    answer = post["responses"]["200"]["content"]["application/json"]
    spots = [
        tree,
        tree["paths"],
        post,
        post["requestBody"],
        post["responses"],
        answer,
        answer["schema"],
        answer["schema"]["properties"],
        tree["components"]["schemas"],
    ]
    spot = spots[place]
    spot[sorted(spot)[0]] = part
    try:
        services_of(read(json.dumps(tree).encode()))
    except Flawed as flawed:
        assert flawed.flaws


def shape(*items: ItemFacts, endpoints: tuple[tuple[str, str], ...] = (("POST", "/"),)) -> Shape:
    return Shape(endpoints, items)


def item(direction: str, place: str, kind: str = "string", *, required: bool = False) -> ItemFacts:
    return ItemFacts(direction, place, "نام", "name", kind, required)


OLD = shape(
    item("in", "/a", required=True),
    item("in", "/b"),
    item("out", "/x", required=True),
    item("out", "/y"),
)
CASES = {
    "endpoint-removed": Shape((), OLD.items),
    "output-removed": shape(*OLD.items[:3]),
    "output-retyped": shape(*OLD.items[:3], item("out", "/y", "integer")),
    "output-optional": shape(*OLD.items[:2], item("out", "/x"), OLD.items[3]),
    "input-removed": shape(OLD.items[0], *OLD.items[2:]),
    "input-retyped": shape(OLD.items[0], item("in", "/b", "integer"), *OLD.items[2:]),
    "input-new-required": shape(*OLD.items, item("in", "/c", required=True)),
    "input-required": shape(OLD.items[0], item("in", "/b", required=True), *OLD.items[2:]),
    "endpoint-added": Shape((("POST", "/"), ("GET", "/{id}")), OLD.items),
    "output-added": shape(*OLD.items, item("out", "/z")),
    "input-added": shape(*OLD.items, item("in", "/c")),
    "input-optional": shape(item("in", "/a"), *OLD.items[1:]),
    "output-always": shape(*OLD.items[:3], item("out", "/y", required=True)),
}


@pytest.mark.req("NIX-35", "NIX-36")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_each_published_rule_of_versions_is_what_is_checked(rule: Any) -> None:
    found = changes(OLD, CASES[rule.code])

    assert [change.rule.code for change in found] == [rule.code]
    assert changes(OLD, OLD) == []


@pytest.mark.req("NIX-36")
def test_a_compatible_change_raises_the_second_number_and_keeps_the_service(
    parties: Parties,
) -> None:
    service = parties.described()
    more = changed(
        (
            "amount_rial: {type: integer}",
            "city: {type: string}\n        amount_rial: {type: integer}",
        )
    )

    draft = actions.describe(actor=parties.representative, system=service.system, octets=more)
    (taken,) = actions.take_draft(actor=parties.representative, draft=draft)

    assert (taken.pk, taken.version) == (service.pk, "1.1.0")
    assert Item.objects.filter(service=service, place="/vehicles/city").exists()
    assert not Draft.objects.exists()


@pytest.mark.req("NIX-36")
def test_a_change_that_breaks_consumers_is_not_taken_but_comes_as_a_version_beside(
    parties: Parties,
) -> None:
    service = parties.described()
    less = changed(("        amount_rial: {type: integer}\n", ""))
    draft = actions.describe(actor=parties.representative, system=service.system, octets=less)
    before = PolicyState.objects.get().version

    with pytest.raises(Flawed, match=r"vehicle\.v2"):
        actions.take_draft(actor=parties.representative, draft=draft)
    assert PolicyState.objects.get().version == before
    assert Item.objects.filter(service=service, place="/vehicles/amount_rial").exists()

    beside = less.replace(b"/vehicle:", b"/vehicle.v2:")
    draft = actions.describe(actor=parties.representative, system=service.system, octets=beside)
    (second,) = actions.take_draft(actor=parties.representative, draft=draft)

    service.refresh_from_db()
    assert (second.code, second.version, second.sheet.family) == ("vehicle.v2", "2.0.0", "vehicle")
    assert (service.version, service.enabled) == ("1.0.0", True)


@pytest.mark.req("NIX-39")
def test_a_marked_place_of_a_person_is_not_lost_silently(parties: Parties) -> None:
    service = parties.described()
    Service.objects.filter(pk=service.pk).update(subjects=["?person", "/national_id"])

    draft = actions.describe(actor=parties.operator, system=service.system, octets=DESCRIPTION)
    actions.take_draft(actor=parties.operator, draft=draft)

    service.refresh_from_db()
    assert set(service.subjects) == {"/national_id", "?person"}


def test_the_example_of_the_description_becomes_test_data(parties: Parties) -> None:
    example = Example.objects.get(service=parties.described())

    assert example.question == {"national_id": "0012345679", "plate": "12B345-67"}
    assert example.answer["owned"] is True


def test_the_place_where_a_system_is_mounted_is_not_a_service(parties: Parties) -> None:
    mounted = DESCRIPTION.replace(b"/vehicle:", b"/api/cars/vehicle:")
    system = parties.system(base_url="http://127.0.0.1:9/api/cars/")

    draft = actions.describe(actor=parties.operator, system=system, octets=mounted)
    (service,) = actions.take_draft(actor=parties.operator, draft=draft)

    assert (service.code, service.endpoints) == ("vehicle", [{"method": "POST", "path": "/"}])
    assert list(service.sheet.openapi["paths"]) == ["/vehicle"]
    with pytest.raises(Flawed, match="line 46"):
        wrong = mounted.replace("x-name-fa: مدل, ".encode(), b"")
        actions.describe(actor=parties.operator, system=system, octets=wrong)


def test_two_endpoints_may_answer_with_the_same_items() -> None:
    tree = yaml.safe_load(DESCRIPTION)
    tree["paths"]["/vehicle/again"] = tree["paths"]["/vehicle"]
    found = described(json.dumps(tree).encode())
    assert found.endpoints == (("POST", "/"), ("POST", "/again"))
    assert found.items == described().items


def test_an_answer_without_named_members_cannot_be_granted() -> None:
    tree = yaml.safe_load(DESCRIPTION)
    answer = tree["paths"]["/vehicle"]["post"]["responses"]["200"]["content"]["application/json"]
    answer["schema"] = {"type": "string"}
    assert "named members" in flaws(json.dumps(tree).encode())[0][1]


def test_a_new_service_needs_a_persian_title(parties: Parties) -> None:
    system = parties.system()
    untitled = changed(("      x-title-fa: استعلام خودرو\n", ""))

    with pytest.raises(Flawed, match="no Persian title"):
        actions.describe(actor=parties.operator, system=system, octets=untitled)
