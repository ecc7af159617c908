"""The plain face: problems with honest status codes, lasting numbers, and two languages."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from collecting import Collected
from plain_calls import allowance, call_plainly, elsewhere, plain_target
from provider import Provider, hangs, http, says, says_json
from world import Answer, GatewayProcess, World

from panjereh.exchange import actions
from panjereh.exchange.gateway import codes, faults
from panjereh.exchange.gateway.texts import language, translated

ROOT = Path(__file__).parents[2]
GATEWAY = ROOT / "src/panjereh/exchange/gateway"
NO_ID = "00000000-0000-0000-0000-000000000000"

# What each number means to a program is settled for ever; a new one goes below.
SETTLED = {
    1100: "bad-request",
    1101: "body-too-large",
    1110: "not-authenticated",
    1111: "replayed",
    1120: "no-grant",
    1121: "grant-not-valid",
    1122: "not-on-list",
    1130: "unknown-service",
    1131: "unknown-endpoint",
    1140: "quota-of-the-minute",
    1141: "quota-of-the-day",
    1150: "message-differs",
    1151: "unknown-message",
    2100: "not-recorded",
    2101: "policy-unavailable",
    2102: "starting",
    2103: "overloaded",
    1152: "key-unknown",
    2104: "failed",
    2105: "messages-unavailable",
    3100: "switched-off",
    3101: "unreachable",
    3102: "too-slow",
    3103: "broken-answer",
    3104: "circuit-open",
    3105: "provider-busy",
}


def problem(answer: Answer) -> tuple[int, int, str]:
    """Status, number and cause, of what is a problem in all its members."""
    told = answer.json
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["status"] == answer.status
    assert told["type"].startswith("urn:panjereh:problem:")
    assert told["title"] and told["detail"]
    assert answer.error  # the exchange failed, not the service
    return answer.status, told["code"], told["cause"]


@pytest.mark.req("NIX-06")
def test_a_granted_call_is_answered_as_on_r1(
    world: World, gateway: GatewayProcess, provider: Provider, collected: Collected
) -> None:
    caller, service = world.allowed(["/ok"])
    provider.behave(says_json({"ok": True, "secret": 1}))

    answer = call_plainly(gateway, caller, service, {"q": 1})

    assert (answer.status, answer.json) == (200, {"ok": True})
    assert answer.headers["x-road-service"] == service.x_road_id
    record = collected.one(caller)
    assert (record.face, record.status, record.cut_fields) == ("v1", 200, 1)
    assert provider.asked[-1].target == f"/provider/{service.code}"


def test_without_a_grant_it_says_403_and_the_record_says_the_same(
    world: World, gateway: GatewayProcess, collected: Collected
) -> None:
    caller, service = world.new_system(), world.new_service()

    answer = call_plainly(gateway, caller, service)

    assert problem(answer) == (403, 1120, "consumer")
    assert answer.json["request_id"] == answer.headers["x-road-request-id"]
    record = collected.one(caller)
    assert (record.face, record.status, record.cause) == ("v1", 403, "consumer")
    assert record.error_code == "server.serverproxy.access_denied"


def test_who_does_not_sign_well_is_told_401(world: World, gateway: GatewayProcess) -> None:
    caller, service = world.allowed()

    unsigned = gateway.send("POST", plain_target(service), b"{}")
    forged = call_plainly(gateway, caller, service, key=world.new_system().key)
    foreign = call_plainly(gateway, caller, service, x_road_client="IR-TEST/GOV/1/nobody")

    assert problem(forged) == problem(foreign) == (401, 1110, "consumer")
    assert forged.headers["www-authenticate"] == "Signature"
    assert problem(unsigned)[1] == 1100  # it does not even say who it is
    for answer in (unsigned, forged, foreign):
        assert allowance(answer) == (0, 0)


def test_a_message_that_came_before_is_told_so(world: World, gateway: GatewayProcess) -> None:
    caller, service = world.allowed()
    call_plainly(gateway, caller, service, x_road_id="once")

    again = call_plainly(gateway, caller, service, x_road_id="once")

    assert problem(again) == (401, 1111, "consumer")


def test_what_is_not_there_is_404(world: World, gateway: GatewayProcess) -> None:
    caller, service = world.allowed()
    gateway.catch_up()

    def asked(method: str, target: str) -> Answer:
        return gateway.send(method, target, b"", caller.signed(method, target))

    assert problem(asked("POST", plain_target(service) + "x")) == (404, 1130, "consumer")
    assert problem(asked("POST", plain_target(service) + "/deeper")) == (404, 1131, "consumer")
    assert problem(asked("GET", plain_target(service))) == (404, 1131, "consumer")
    assert problem(asked("GET", "/v1/GOV"))[:2] == (400, 1100)
    assert problem(asked("GET", "/v1/GOV/../x"))[:2] == (400, 1100)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (says(http(b"no json", content_type="text/html")), (502, 3103)),
        (says(http(b"{", content_type="application/json")), (502, 3103)),
        (says(http(b"{}", status=302, location="http://elsewhere")), (502, 3103)),
        (hangs(1.0), (504, 3102)),
        (says(b"nonsense\r\n\r\n"), (502, 3103)),
    ],
)
def test_a_provider_that_breaks_is_502_and_one_too_slow_504(
    world: World, gateway: GatewayProcess, provider: Provider, reply: Any, expected: tuple[int, int]
) -> None:
    caller, service = world.new_system(), world.new_service(deadline_seconds=0.3)
    world.grant(caller, service, ["/ok"])
    provider.behave(reply)

    answer = call_plainly(gateway, caller, service)

    assert problem(answer) == (*expected, "provider")


def test_a_provider_out_of_reach_is_502(world: World, gateway: GatewayProcess) -> None:
    caller, service = world.new_system(), elsewhere(world)
    code = service.system.code
    (world.home / "keys" / "providers" / f"{code}.hmac").write_text("00" * 32)
    world.grant(caller, service, ["/ok"])

    answer = call_plainly(gateway, caller, service)

    assert problem(answer) == (502, 3101, "provider")


def test_a_service_switched_off_is_503_with_the_notice(
    world: World, gateway: GatewayProcess
) -> None:
    caller, service = world.allowed()
    actions.disable_service(actor=world.operator, service=service, notice="back at 100% noon")

    answer = call_plainly(gateway, caller, service)

    assert problem(answer) == (503, 3100, "provider")
    assert answer.json["detail"] == "back at 100% noon"


def test_a_body_too_large_is_413(world: World, gateway: GatewayProcess) -> None:
    caller, service = world.allowed()

    answer = call_plainly(gateway, caller, service, b" " * (1024 * 1024 + 1))

    assert problem(answer) == (413, 1101, "consumer")


def test_an_error_of_the_service_passes_and_is_told_apart_by_its_header(
    world: World, gateway: GatewayProcess, provider: Provider
) -> None:
    caller, service = world.allowed()
    provider.behave(says_json({"code": "person-unknown", "detail": "nobody"}, status=404))

    answer = call_plainly(gateway, caller, service)

    assert (answer.status, answer.json["code"], answer.error) == (404, "person-unknown", "")
    assert allowance(answer) == (100_000, 99_999)


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("fa", "fa"),
        ("fa-IR,fa;q=0.9,en;q=0.8", "fa"),
        ("en-GB, fa;q=0.5", "en"),
        ("de, fa;q=0.5", "fa"),
        ("de", "en"),
        ("", "en"),
        ("fa;q=0", "en"),
        ("fa;q=x, en;q=0.1", "en"),
    ],
)
def test_the_language_is_the_one_that_is_asked_for(accepted: str, expected: str) -> None:
    assert language(accepted) == expected


def test_a_reader_of_persian_reads_persian(world: World, gateway: GatewayProcess) -> None:
    caller, service = world.new_system(), world.new_service()

    answer = call_plainly(gateway, caller, service, accept_language="fa-IR, en;q=0.5")

    assert answer.json["title"] == "هیچ مجوزی این فراخوانی را روا نمی‌داند"
    assert answer.json["detail"] == "هیچ مجوزی این سامانه را به این خدمت راه نمی‌دهد"
    assert (answer.headers["content-language"], answer.json["code"]) == ("fa", 1120)


def test_where_the_detail_is_english_only_persian_says_what_to_do(
    world: World, gateway: GatewayProcess
) -> None:
    caller, service = world.allowed()

    answer = call_plainly(gateway, caller, service, x_road_id="a b", accept_language="fa")

    assert answer.json["code"] == 1100
    assert answer.json["detail"].startswith("آنچه را در")


def test_metadata_is_there_on_the_plain_face_with_an_allowance(
    world: World, gateway: GatewayProcess
) -> None:
    _, service = world.allowed()
    gateway.catch_up()
    system = plain_target(service).rpartition("/")[0]

    listed = gateway.get(f"{system}/listMethods")
    wrong = gateway.send("POST", f"{system}/listMethods")
    clients = gateway.get("/listClients", accept="application/json")

    assert service.code in {one["service_code"] for one in listed.json["service"]}
    assert problem(wrong)[:2] == (400, 1100)
    assert allowance(listed)[1] > allowance(clients)[1] > 0


def test_every_fault_of_the_gateway_has_its_number() -> None:
    used = {codes.code_of(fault).name for fault in every_fault()}

    assert used == {code.name for code in codes.CODES}
    for fault in every_fault():
        assert codes.code_of(fault).cause == fault.cause
        assert fault.recorded.startswith(codes.code_of(fault).fault)


def every_fault() -> Iterator[faults.Fault]:
    samples: dict[str, Any] = {"text": "x", "code": "l", "notice": "", "kind": "timeout"}
    for name, made in inspect.getmembers(faults, inspect.isfunction):
        if name not in {"gettext_noop", "dataclass", "field", "escape", "service_failed"}:
            parameters = inspect.signature(made).parameters.values()
            wanted = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
            yield made(*[samples.get(one, 1) for one in wanted])
    for kind in ("timeout", "network_error", "redirect"):
        yield faults.service_failed(kind, "x")


def test_a_number_never_changes_its_meaning() -> None:
    numbered = {code.number: code.name for code in codes.CODES}

    assert len(numbered) == len(codes.CODES)
    assert SETTLED.items() <= numbered.items()


def test_the_page_is_the_table() -> None:
    page = (ROOT / "docs/errors-of-the-exchange.md").read_text()
    assert page == codes.page(), "run: python -m panjereh.exchange.gateway.codes > docs/…"


def test_every_text_of_a_refusal_is_there_in_persian() -> None:
    missing = sorted({text for text in texts_of_refusals() if translated(text, "fa") == text})
    assert missing == [], "add them to exchange/gateway/locale/fa"


def texts_of_refusals() -> Iterator[str]:
    """Plain texts handed to what makes faults; those with values inside fall back to advice."""
    makers = {"bad_request", "access_denied", "not_authenticated", "service_failed"}
    makers |= {"SignatureRefused", "grant_not_valid", "gettext_noop"}
    sources = [*GATEWAY.glob("*.py"), ROOT / "src/panjereh/common/http_signatures.py"]
    for source in sources:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                texts = node.args[-1:] if name in makers else []
                yield from (t.value for t in texts if isinstance(t, ast.Constant))
