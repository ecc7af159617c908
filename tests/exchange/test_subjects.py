"""Whom a call is about: read by the gateway itself out of the request, kept as pseudonyms."""

import json

import pytest
from collecting import Collected
from hypothesis import given
from hypothesis import strategies as some
from provider import Provider
from world import GatewayProcess, World

from panjereh.exchange.gateway.faults import Fault
from panjereh.exchange.gateway.subjects import compile_places, persons_in
from panjereh.exchange.pseudonyms import month_key, month_of, pseudonym
from panjereh.runtime.environment import environment

ONE, OTHER = "0012345679", "0023456782"


def persons(places: list[str], body: object, query: str = "") -> list[str]:
    compiled = compile_places(places)
    assert compiled is not None
    octets = body if isinstance(body, bytes) else json.dumps(body).encode()
    return persons_in(compiled, query, octets)


@pytest.mark.parametrize(
    ("places", "body", "query"),
    [
        (["/national_id"], {"national_id": ONE}, ""),
        (["/national_id"], {"national_id": "۰۰۱۲۳۴۵۶۷۹"}, ""),
        (["/national_id"], {"national_id": " 0012345679\u2003"}, ""),
        (["/national_id"], {"national_id": "12345679"}, ""),
        (["/national_id"], {"national_id": 12345679}, ""),
        (["/a/b"], {"a": {"b": ONE}}, ""),
        (["/a"], {"a": [ONE, ONE]}, ""),
        (["/people/id"], {"people": [{"id": ONE}, {"name": "x"}]}, ""),
        (["/id"], [{"id": ONE}], ""),
        (["/id"], b'{"i\\u0064": "0012345679"}', ""),
        (["?id"], {}, "x=1&id=0012345679"),
        (["?id"], {}, "id=%D9%A0%D9%A0%D9%A1%D9%A2%D9%A3%D9%A4%D9%A5%D9%A6%D9%A7%D9%A9"),
        (["/id", "?id"], {"id": ONE}, "id=12345679"),
    ],
)
def test_one_person_is_found_in_any_spelling(places: list[str], body: object, query: str) -> None:
    assert persons(places, body, query) == [f"IR{ONE}"]


def test_everybody_asked_about_is_found() -> None:
    body = {"mother": ONE, "father": OTHER, "children": [{"id": "0034567893"}, {"id": None}]}

    found = persons(["/mother", "/father", "/children/id"], body)

    assert found == [f"IR{ONE}", f"IR{OTHER}", "IR0034567893"]


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": ""}, {"id": []}, {"other": ONE}])
def test_where_nobody_is_named_nobody_is_noted(body: object) -> None:
    assert persons(["/id"], body) == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"id": "0012345679", "id": "0023456782"}',
        b'{"id": "0012345679", "i\\u0064": "0023456782"}',
        b'{"id": {"value": "0012345679"}}',
        b'{"id": true}',
        b'{"id": 1.5}',
        b'{"id": "0012345679 or 1=1"}',
        b'{"id": "0012345679", ',
        b"\xff",
    ],
)
def test_a_request_that_could_hide_a_person_is_refused(body: bytes) -> None:
    with pytest.raises(Fault) as refused:
        persons(["/id"], body)

    assert (refused.value.type, refused.value.cause) == ("client.bad_request", "consumer")


@pytest.mark.parametrize("place", ["national_id", "", "/a~2b"])
def test_what_is_no_place_is_refused_when_it_is_entered(place: str) -> None:
    with pytest.raises(ValueError, match=r"place|data item|tilde"):
        compile_places([place])


@given(some.binary(max_size=200), some.text(max_size=50))
def test_whatever_comes_is_read_or_refused(body: bytes, query: str) -> None:
    try:
        found = persons(["/id", "/a/id", "?id"], body, query)
    except Fault as fault:
        assert fault.type == "client.bad_request"
    else:
        assert all(person.startswith("IR") for person in found)


@pytest.mark.req("NIX-39", "PRV-01")
def test_the_record_knows_whom_a_call_was_about_by_pseudonym_only(
    world: World, gateway: GatewayProcess, collected: Collected, provider: Provider
) -> None:
    provider.behave()
    caller = world.new_system()
    service = world.new_service(subjects=["/national_id", "/people/national_id"])
    world.grant(caller, service, ["/ok"])

    gateway.call(caller, service, {"national_id": ONE, "people": [{"national_id": OTHER}]})

    record = collected.one(caller)
    month = month_of(int(record.received_at.timestamp() * 1e6))
    key = month_key(environment().secret("exchange-subject").encode(), month)
    assert record.subjects == [pseudonym(key, f"IR{ONE}"), pseudonym(key, f"IR{OTHER}")]
    assert (record.bus, record.face, record.purpose) == ("gsb", "r1", "testing")


@pytest.mark.req("NIX-39")
def test_a_request_that_hides_a_person_is_refused_and_recorded(
    world: World, gateway: GatewayProcess, collected: Collected, provider: Provider
) -> None:
    provider.behave()
    caller, service = world.new_system(), world.new_service(subjects=["/national_id"])
    world.grant(caller, service, ["/ok"])

    twice = b'{"national_id": "0012345679", "national_id": "0023456782"}'
    answer = gateway.call(caller, service, twice)

    assert answer.error == "client.bad_request"
    assert provider.asked == []
    record = collected.one(caller)
    assert (record.cause, record.subjects) == ("consumer", [])


@pytest.mark.req("NIX-20")
def test_for_whom_a_call_was_made_is_recorded(
    world: World, gateway: GatewayProcess, collected: Collected, provider: Provider
) -> None:
    caller, service = world.allowed()
    world.speaks_for("MUN", "14000892142")
    world.speaks_for("GOV", "14000892142")

    for party in ("MUN/14000892142", "14000892142", "MUN/14000280017", "0012345679", "a b"):
        gateway.call(caller, service, x_road_represented_party=party)

    told = [(r.represented, r.error_code) for r in collected.of(caller)]
    assert told == [
        ("IR-TEST/MUN/14000892142", ""),
        ("IR-TEST/GOV/14000892142", ""),
        ("IR-TEST/MUN/14000280017", "server.serverproxy.access_denied"),
        ("", "client.bad_request"),
        ("", "client.bad_request"),
    ]


def test_the_same_person_has_another_name_next_month() -> None:
    keys = [month_key(b"secret", month) for month in ("2026-11", "2026-12")]

    assert len({pseudonym(key, f"IR{ONE}") for key in keys}) == 2
    assert month_of(1_798_761_599_999_999) == "2026-12"
    assert month_of(1_798_761_600_000_000) == "2027-01"
