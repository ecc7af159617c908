"""Yes or no in place of data, and as a certificate that an outsider's JOSE library verifies."""

import json
from typing import Any

import pytest
from collecting import Collected
from joserfc import jws
from joserfc.jwk import KeySet
from nacl.signing import SigningKey
from plain_calls import call_plainly
from provider import Provider, says_json
from world import Answer, Caller, GatewayProcess, World

from panjereh.common.http_signatures import content_digest
from panjereh.common.jws import JwsRefused, open_signed, sign, thumbprint
from panjereh.exchange.gateway.attest import KEYS_PATH, compile_attestation
from panjereh.exchange.gateway.faults import Fault
from panjereh.exchange.models import Service

ALIVE = {"name": "alive", "pointer": "/vital_status", "equals": "alive"}
LIVES_AT = {"name": "lives-at", "pointer": "/home/postal_code", "equals_input": "/postal_code"}
PERSON = {"vital_status": "alive", "home": {"postal_code": "1193653471"}, "father": "secret"}
QUESTION = {"national_id": "0012345679", "postal_code": "1193653471"}


@pytest.fixture
def attested(world: World, provider: Provider) -> tuple[Caller, Service]:
    caller, service = world.new_system(), world.new_service()
    world.grant(caller, service, [], attestation=[ALIVE, LIVES_AT])
    provider.behave(says_json(PERSON))
    return caller, service


@pytest.mark.req("NIX-16")
def test_an_attestation_says_whether_it_holds_and_never_the_data(
    gateway: GatewayProcess, attested: tuple[Caller, Service], collected: Collected
) -> None:
    caller, service = attested

    answer = call_plainly(gateway, caller, service, QUESTION)
    on_r1 = gateway.call(caller, service, QUESTION | {"postal_code": "1111111111"})

    assert answer.json["statements"] == {"alive": True, "lives-at": True}
    assert on_r1.json["statements"] == {"alive": True, "lives-at": False}
    assert answer.json["request_id"] == answer.headers["x-road-request-id"]
    assert answer.json["service"] == service.x_road_id
    for body in (answer.body, on_r1.body):
        assert b"secret" not in body
        assert b"1193653471" not in body
    record = collected.of(caller)[0]
    assert (record.status, record.cut_fields) == (200, 3)
    assert record.response_digest == content_digest(answer.body)


@pytest.mark.req("NIX-16")
def test_a_certificate_is_verified_by_an_outsider_with_the_public_keys(
    gateway: GatewayProcess, attested: tuple[Caller, Service], provider: Provider
) -> None:
    caller, service = attested

    answer = call_plainly(gateway, caller, service, QUESTION, accept="application/jwt")
    keys = KeySet.import_key_set(gateway.get(KEYS_PATH).json)
    checked = jws.deserialize_compact(answer.body, keys, algorithms=["Ed25519"])

    assert answer.headers["content-type"] == "application/jwt"
    assert provider.asked[-1].headers["accept"] == "application/json"
    assert checked.headers()["typ"] == "attestation+jwt"
    told = json.loads(checked.payload)
    assert told["statements"] == {"alive": True, "lives-at": True}
    assert told["iss"] == "urn:panjereh:exchange:IR-TEST"
    assert (told["aud"], told["service"]) == (caller.x_road_id, service.x_road_id)
    assert told["jti"] == told["request_id"] == answer.headers["x-road-request-id"]
    assert told["request_digest"] == content_digest(json.dumps(QUESTION).encode())
    assert isinstance(told["iat"], int)


def test_a_certificate_that_was_changed_is_no_certificate(
    gateway: GatewayProcess, attested: tuple[Caller, Service]
) -> None:
    from joserfc.errors import BadSignatureError

    caller, service = attested
    answer = call_plainly(gateway, caller, service, QUESTION, accept="application/jwt")
    keys = KeySet.import_key_set(gateway.get(KEYS_PATH).json)
    head, _, signature = answer.body.decode().split(".")
    other = call_plainly(gateway, caller, service, QUESTION, accept="application/jwt")
    foreign = other.body.decode().split(".")[1]

    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(f"{head}.{foreign}.{signature}", keys, algorithms=["Ed25519"])


def test_who_does_not_say_what_to_attest_is_refused_before_the_provider_is_asked(
    gateway: GatewayProcess, attested: tuple[Caller, Service], provider: Provider
) -> None:
    caller, service = attested

    silent = call_plainly(gateway, caller, service, {"national_id": "0012345679"})
    both = b'{"postal_code": "1193653471", "postal_code": "2222222222"}'
    twice = call_plainly(gateway, caller, service, both)

    assert [(a.status, a.json["code"]) for a in (silent, twice)] == [(400, 1100)] * 2
    assert provider.asked == []


def test_an_error_of_the_service_is_no_attestation(
    gateway: GatewayProcess, attested: tuple[Caller, Service], provider: Provider
) -> None:
    caller, service = attested
    provider.behave(says_json({"code": "person-unknown", "vital_status": "dead"}, status=404))

    answer = call_plainly(gateway, caller, service, QUESTION)

    assert (answer.status, answer.json) == (404, {"code": "person-unknown"})


def test_an_answer_that_cannot_be_read_stays_here(
    gateway: GatewayProcess, attested: tuple[Caller, Service], provider: Provider
) -> None:
    caller, service = attested
    provider.behave(says_json("1193653471"))

    answer: Answer = call_plainly(gateway, caller, service, QUESTION)

    assert (answer.status, answer.json["code"]) == (502, 3103)
    assert b"1193653471" not in answer.body


@pytest.mark.parametrize(
    ("written", "answer", "holds"),
    [
        (ALIVE, {"vital_status": "alive"}, True),
        (ALIVE, {"vital_status": "dead"}, False),
        (ALIVE, {"vital_status": None}, None),
        (ALIVE, {}, None),
        (ALIVE, [], None),
        (ALIVE, [{"vital_status": "dead"}, {"vital_status": "alive"}], True),
        ({"name": "x", "pointer": "/ok", "equals": True}, {"ok": 1}, False),
        ({"name": "x", "pointer": "/ok", "equals": 1}, {"ok": True}, False),
        ({"name": "x", "pointer": "/ok", "equals": 1}, {"ok": 1}, True),
    ],
)
def test_a_statement_holds_is_refuted_or_is_not_established(
    written: dict[str, Any], answer: Any, holds: bool | None
) -> None:
    attestation = compile_attestation([written])
    assert attestation

    told = attestation.statements(json.dumps(answer).encode(), attestation.claims("", b""))

    assert told == {written["name"]: holds}


def test_an_answer_that_says_two_things_says_nothing() -> None:
    attestation = compile_attestation([ALIVE])
    assert attestation

    with pytest.raises(Fault):
        attestation.statements(b'{"vital_status": "dead", "vital_status": "alive"}', ["alive"])


def test_a_signature_of_another_kind_or_key_is_refused() -> None:
    key, other = SigningKey.generate(), SigningKey.generate()
    kid = thumbprint(key.verify_key)
    token = sign({"a": 1}, key, kind="attestation+jwt", kid=kid)

    def opened(text: str, by: SigningKey = key, kind: str = "attestation+jwt") -> dict[str, Any]:
        return open_signed(text, {kid: by.verify_key}.get, kind=kind)

    assert opened(token) == {"a": 1}
    for wrong in (
        lambda: opened(token, kind="message+jwt"),
        lambda: opened(token, other),
        lambda: open_signed(token, lambda _: None, kind="attestation+jwt"),
        lambda: opened(token + "="),
        lambda: opened("a.b.c"),
        lambda: opened(""),
    ):
        with pytest.raises(JwsRefused):
            wrong()
