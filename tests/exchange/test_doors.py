"""Who gets in: forged, late, replayed and malformed messages, each with its own refusal."""

import time
from xml.etree import ElementTree

import pytest
from collecting import Collected
from nacl.signing import SigningKey
from provider import Provider
from world import Answer, Caller, GatewayProcess, World

from panjereh.common.http_signatures import content_digest
from panjereh.exchange import actions
from panjereh.exchange.gateway.messages import MAX_BODY
from panjereh.exchange.models import CallRecord, Service

NOT_AUTHENTICATED = "client.authentication_failed"
BAD_REQUEST = "client.bad_request"


@pytest.fixture
def pair(world: World, gateway: GatewayProcess, provider: Provider) -> tuple[Caller, Service]:
    caller, service = world.allowed()
    gateway.catch_up()
    provider.behave()
    return caller, service


def post(
    gateway: GatewayProcess, service: Service, headers: dict[str, str], body: bytes = b"{}"
) -> Answer:
    return gateway.send("POST", f"/r1/{service.x_road_id}", body, headers)


@pytest.mark.req("NIX-31")
def test_a_message_signed_with_another_key_is_refused_and_leaves_no_record(
    pair: tuple[Caller, Service], gateway: GatewayProcess, provider: Provider, collected: Collected
) -> None:
    caller, service = pair

    answer = gateway.call(caller, service, key=SigningKey.generate())

    assert (answer.status, answer.error) == (400, NOT_AUTHENTICATED)
    assert provider.asked == []
    assert collected.of(caller) == []


@pytest.mark.req("NIX-31")
def test_a_system_cannot_speak_in_the_name_of_another(
    world: World, pair: tuple[Caller, Service], gateway: GatewayProcess
) -> None:
    caller, service = pair
    other = world.new_system()
    forged = Caller(caller.system, other.key)
    keyed = Caller(other.system, other.key)

    assert gateway.call(forged, service).error == NOT_AUTHENTICATED
    answer = gateway.call(keyed, service, x_road_client=caller.x_road_id)
    assert answer.error == NOT_AUTHENTICATED


@pytest.mark.req("NIX-31")
@pytest.mark.parametrize(
    "changed",
    [
        {"x-road-issue": "another-case"},
        {"x-road-userid": "IR0012345679"},
        {"x-road-id": "another-message"},
        {"idempotency-key": "another-key"},
        {"content-digest": content_digest(b"[]")},
        {"signature": "sig1=:AAAA:"},
        {"signature": "sig1=:not base64:"},
        {"signature-input": 'sig1=("@method");created=1;keyid="x";alg="ed25519"'},
        {"signature-input": "sig1=();created=999999999999999999999;keyid=x"},
        {"x-road-client": "IR-TEST/GOV/1/nobody"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_any_signed_part_that_was_changed_on_the_way_is_refused(
    pair: tuple[Caller, Service], gateway: GatewayProcess, changed: dict[str, str]
) -> None:
    caller, service = pair
    good = caller.signed(
        "POST",
        f"/r1/{service.x_road_id}",
        b"{}",
        x_road_issue="case",
        x_road_userid="IR0023456782",
        idempotency_key="key",
    )

    assert post(gateway, service, good | changed).error == NOT_AUTHENTICATED


def test_a_message_for_one_service_cannot_be_sent_to_another(
    world: World, pair: tuple[Caller, Service], gateway: GatewayProcess
) -> None:
    caller, service = pair
    other = world.new_service()
    world.grant(caller, other, ["/ok"])
    gateway.catch_up()
    headers = caller.signed("POST", f"/r1/{service.x_road_id}", b"{}")

    assert post(gateway, other, headers).error == NOT_AUTHENTICATED


def test_a_changed_body_is_refused_and_recorded(
    pair: tuple[Caller, Service], gateway: GatewayProcess, provider: Provider, collected: Collected
) -> None:
    caller, service = pair
    headers = caller.signed("POST", f"/r1/{service.x_road_id}", b'{"a": 1}')

    answer = post(gateway, service, headers, b'{"a": 2}')

    assert answer.error == BAD_REQUEST
    assert provider.asked == []
    record = collected.one(caller)
    assert (record.status, record.cause, record.error_code) == (400, "consumer", BAD_REQUEST)


def test_a_replayed_message_is_refused_and_recorded(
    pair: tuple[Caller, Service], gateway: GatewayProcess, provider: Provider, collected: Collected
) -> None:
    caller, service = pair
    headers = caller.signed("POST", f"/r1/{service.x_road_id}", b"{}")

    first, second = (post(gateway, service, headers) for _ in range(2))

    assert first.status == 200
    assert (second.status, second.error) == (400, f"{NOT_AUTHENTICATED}.replayed")
    assert len(provider.asked) == 1
    assert [r.status for r in collected.of(caller)] == [200, 400]


def test_without_a_message_id_the_signature_tells_a_replay(
    pair: tuple[Caller, Service], gateway: GatewayProcess
) -> None:
    caller, service = pair
    headers = caller.signed("POST", f"/r1/{service.x_road_id}", b"{}", x_road_id=None)

    first, second = (post(gateway, service, headers) for _ in range(2))

    assert first.status == 200
    assert first.headers["x-road-id"] == first.headers["x-road-request-id"]
    assert second.error == f"{NOT_AUTHENTICATED}.replayed"


@pytest.mark.parametrize("seconds", [-61, -3600, 5, 3600])
def test_a_message_of_another_time_is_refused(
    pair: tuple[Caller, Service], gateway: GatewayProcess, seconds: int
) -> None:
    caller, service = pair

    answer = gateway.call(caller, service, created=int(time.time()) + seconds)

    assert answer.error == NOT_AUTHENTICATED


@pytest.mark.req("PRV-13")
def test_keys_change_without_a_pause(
    world: World, pair: tuple[Caller, Service], gateway: GatewayProcess
) -> None:
    caller, service = pair
    new = SigningKey.generate()
    actions.add_key(
        actor=world.operator, system=caller.system, public_key=new.verify_key.encode().hex()
    )
    assert gateway.call(caller, service).status == 200
    assert gateway.call(caller, service, key=new).status == 200

    actions.withdraw_key(actor=world.operator, key=caller.system.keys.earliest("added_at"))

    assert gateway.call(caller, service).error == NOT_AUTHENTICATED
    assert gateway.call(caller, service, key=new).status == 200


@pytest.mark.parametrize(
    "name", ["X-Road-Client", "X-Road-Id", "X-Road-Issue", "Signature", "Content-Type"]
)
def test_a_repeated_header_is_refused(
    pair: tuple[Caller, Service], gateway: GatewayProcess, provider: Provider, name: str
) -> None:
    caller, service = pair
    headers = caller.signed("POST", f"/r1/{service.x_road_id}", b"{}", x_road_issue="case")
    lines = [f"{n}: {v}" for n, v in headers.items()] + [f"{name}: twice"]

    answer = gateway.send_raw(raw_post(service, lines, b"{}"))

    assert answer.error == BAD_REQUEST
    assert name.lower() in answer.json["message"]
    assert provider.asked == []


def test_no_client_no_service(pair: tuple[Caller, Service], gateway: GatewayProcess) -> None:
    caller, service = pair
    headers = caller.signed("POST", f"/r1/{service.x_road_id}", b"{}")
    del headers["x-road-client"]

    answer = post(gateway, service, headers)

    assert (answer.status, answer.error) == (400, BAD_REQUEST)
    assert "X-Road-Client" in answer.json["message"]


@pytest.mark.parametrize(
    "body", [b'{"x": "%s"}' % (b"a" * MAX_BODY)], ids=["one byte and more too large"]
)
def test_an_oversized_body_is_refused_and_recorded(
    pair: tuple[Caller, Service],
    gateway: GatewayProcess,
    provider: Provider,
    collected: Collected,
    body: bytes,
) -> None:
    caller, service = pair

    declared = gateway.call(caller, service, body)
    chunked = gateway.send_raw(raw_chunked(caller, service, body))

    assert [declared.error, chunked.error] == [BAD_REQUEST] * 2
    assert "bytes" in declared.json["message"]
    assert provider.asked == []
    assert [r.error_code for r in collected.of(caller)] == [f"{BAD_REQUEST}.too_large"] * 2


def test_a_body_in_chunks_is_as_good_as_one_of_declared_length(
    pair: tuple[Caller, Service], gateway: GatewayProcess
) -> None:
    caller, service = pair

    assert gateway.send_raw(raw_chunked(caller, service, b'{"a": 1}')).status == 200


def test_a_body_that_ends_early_never_reaches_the_provider(
    pair: tuple[Caller, Service], gateway: GatewayProcess, provider: Provider, collected: Collected
) -> None:
    caller, service = pair
    headers = caller.signed("POST", f"/r1/{service.x_road_id}", b'{"a": 1}')
    lines = [f"{n}: {v}" for n, v in headers.items()]
    whole = raw_post(service, lines, b'{"a": 1}')

    gateway.send_raw_and_leave(whole[:-3])

    deadline = time.monotonic() + 5
    while not (records := collected.of(caller)):
        assert time.monotonic() < deadline
    assert provider.asked == []
    assert records[0].error_code == BAD_REQUEST


@pytest.mark.parametrize(
    ("content_type", "digest"), [("text/plain", True), ("text/xml", True), ("", False)]
)
def test_a_body_of_another_type_or_without_digest_is_refused(
    pair: tuple[Caller, Service], gateway: GatewayProcess, content_type: str, digest: bool
) -> None:
    caller, service = pair
    changed = {"content_type": content_type} if digest else {"content_digest": None}

    answer = gateway.call(caller, service, {"a": 1}, **changed)

    assert answer.error == BAD_REQUEST


@pytest.mark.parametrize(
    "path",
    [
        "/../{0}",
        "//{0}",
        "/./{0}",
        "/%2e%2e/{0}",
        "/{0}%2Fdeeper",
        "/{0}%2fdeeper",
        "/{0}/%2e%2e/other",
        "/{0}/a%5Cb",
        "/{0}%00",
        "/{0}%zz",
        "/{0}/%ff",
        "/{0}/",
        "",
        "/{0}" + "/a" * 1000,
    ],
)
def test_a_path_that_could_be_read_in_two_ways_is_refused_and_recorded(
    pair: tuple[Caller, Service],
    gateway: GatewayProcess,
    provider: Provider,
    collected: Collected,
    path: str,
) -> None:
    caller, service = pair
    target = f"/r1/{service.system.x_road_id}" + path.format(service.code)

    answer = gateway.send("POST", target, b"{}", caller.signed("POST", target, b"{}"))

    assert answer.error == BAD_REQUEST
    assert provider.asked == []
    assert collected.one(caller).error_code == BAD_REQUEST


@pytest.mark.parametrize("path", ["/", "/r2/a/b/c/d/e", "/r1", "/index.html"])
def test_other_paths_are_told_what_is_spoken_here(gateway: GatewayProcess, path: str) -> None:
    answer = gateway.get(path)

    assert (answer.status, answer.error) == (400, BAD_REQUEST)


@pytest.mark.parametrize(
    "octets",
    [
        b"POST /r1/a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST /r1/a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /r1/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, x\r\n\r\n",
        b"POST /r1/a b HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /r1/a HTTP/1.1\r\nHost: x\r\nX-Road-Client : y\r\n\r\n",
        b"GET /r1/a HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 100_000 + b"\r\n\r\n",
    ],
)
def test_smuggled_and_broken_http_is_refused(
    gateway: GatewayProcess, provider: Provider, octets: bytes
) -> None:
    provider.behave()

    answer = gateway.send_raw(octets)

    assert 400 <= answer.status < 500
    assert provider.asked == []


@pytest.mark.req("PRV-01")
@pytest.mark.parametrize("name", ["x_road_issue", "x_road_id"])
@pytest.mark.parametrize("value", ["0012345679", "09121234567", "+989121234567", "a b", "a" * 65])
def test_an_id_that_names_a_person_never_becomes_traffic_data(
    pair: tuple[Caller, Service],
    gateway: GatewayProcess,
    collected: Collected,
    name: str,
    value: str,
) -> None:
    caller, service = pair

    answer = gateway.call(caller, service, **{name: value})

    assert answer.error == BAD_REQUEST
    assert value not in answer.body.decode()
    record = collected.one(caller)
    assert (record.issue, record.x_road_id) == ("", "")


def test_errors_come_as_xml_to_those_who_ask_for_it(
    pair: tuple[Caller, Service], gateway: GatewayProcess
) -> None:
    caller, service = pair

    answer = gateway.call(caller, service, created=1, accept="text/xml")

    assert answer.headers["content-type"].startswith("text/xml")
    assert ElementTree.fromstring(answer.body).findtext("type") == NOT_AUTHENTICATED


def test_records_stay_in_the_order_of_the_calls(
    pair: tuple[Caller, Service], gateway: GatewayProcess, collected: Collected
) -> None:
    caller, service = pair
    for number in range(5):
        gateway.call(caller, service, x_road_id=f"n{number}")

    assert [r.x_road_id for r in collected.of(caller)] == ["n0", "n1", "n2", "n3", "n4"]
    assert CallRecord.objects.filter(consumer=caller.x_road_id).count() == 5


def raw_post(service: Service, lines: list[str], body: bytes) -> bytes:
    head = [f"POST /r1/{service.x_road_id} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, *lines, "", ""]).encode() + body


def raw_chunked(caller: Caller, service: Service, body: bytes) -> bytes:
    target = f"/r1/{service.x_road_id}"
    headers = caller.signed("POST", target, body)
    lines = [f"{n}: {v}" for n, v in headers.items()]
    head = [f"POST {target} HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", *lines, "", ""]
    chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    return "\r\n".join(head).encode() + chunk
