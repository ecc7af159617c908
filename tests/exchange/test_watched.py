"""A watched gateway: metrics and traces that outside programs read, and that name no person."""

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families
from provider import Provider
from world import GatewayProcess, World, suite_database_url

from panjereh.common.tracing import Tracing, header_of, traceparent, within
from panjereh.runtime.embedded import Nats
from panjereh.runtime.ports import free_port

PERSON = "IR0012345679"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
NOT_SAMPLED = TRACE[:-2] + "00"


class Collector:
    """Takes OTLP over HTTP, as an OpenTelemetry collector does."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        outer = self

        class Takes(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.spans += _spans(body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Takes)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> "Collector":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _spans(body: bytes) -> list[Any]:
    told = ExportTraceServiceRequest.FromString(body)
    return [span for r in told.resource_spans for s in r.scope_spans for span in s.spans]


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as running:
        yield running


def gateway_with(world: World, nats: Nats, **settings: str) -> GatewayProcess:
    named = {f"PANJEREH_{name}": value for name, value in settings.items()}
    return GatewayProcess(world.home, suite_database_url(), nats.url, named)


def scraped(port: int) -> tuple[str, dict[tuple[str, tuple[tuple[str, str], ...]], float]]:
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    wire.request("GET", "/metrics")
    text = wire.getresponse().read().decode()
    wire.close()
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    return text, samples


@pytest.mark.req("OPS-02", "NIX-24")
def test_prometheus_reads_calls_durations_and_the_state_of_the_gateway(
    world: World, nats: Nats, provider: Provider
) -> None:
    caller, service = world.allowed()
    stranger = world.new_system()
    port = free_port()
    with gateway_with(world, nats, METRICS=str(port)) as gateway:
        for _ in range(3):
            assert gateway.call(caller, service, x_road_userid=PERSON).status == 200
        gateway.call(stranger, service)
        text, samples = scraped(port)

    who = (("provider", world.provider.x_road_id), ("service", service.code))
    calls = "panjereh_exchange_calls_total"
    assert samples[calls, (("cause", "none"), *who)] == 3
    assert samples[calls, (("cause", "consumer"), *who)] == 1
    assert samples["panjereh_exchange_provider_seconds_count", who] == 3
    assert samples["panjereh_exchange_added_seconds_count", ()] == 4
    assert samples["panjereh_exchange_policy_fresh", ()] == 1
    assert PERSON not in text
    assert PERSON.removeprefix("IR") not in text
    assert caller.x_road_id not in text


def test_metrics_are_not_on_the_buses(world: World, nats: Nats) -> None:
    with gateway_with(world, nats, METRICS=str(free_port())) as gateway:
        assert gateway.get("/metrics").status == 400


@pytest.mark.req("OPS-02")
def test_a_trace_goes_on_through_the_exchange_to_the_provider(
    world: World, nats: Nats, provider: Provider, collector: Collector
) -> None:
    caller, service = world.allowed()
    with gateway_with(world, nats, TRACES=collector.url) as gateway:
        provider.behave()
        gateway.call(caller, service, traceparent=TRACE, x_road_userid=PERSON)
        (asked,) = provider.asked
    (span,) = collector.spans  # what waited was sent when the gateway ended

    assert span.trace_id.hex() == TRACE.split("-")[1]
    assert span.parent_span_id.hex() == TRACE.split("-")[2]
    assert asked.headers["traceparent"] == (f"00-{span.trace_id.hex()}-{span.span_id.hex()}-01")
    assert span.name == service.x_road_id
    assert PERSON.removeprefix("IR") not in str(span)


def test_who_did_not_choose_to_be_traced_is_not(
    world: World, nats: Nats, provider: Provider, collector: Collector
) -> None:
    caller, service = world.allowed()
    with gateway_with(world, nats, TRACES=collector.url, TRACES_SHARE="1") as gateway:
        gateway.call(caller, service, traceparent=NOT_SAMPLED)

    assert collector.spans == []


def test_without_tracing_the_header_passes_as_it_came(
    world: World, gateway: GatewayProcess, provider: Provider
) -> None:
    caller, service = world.allowed()
    provider.behave()
    gateway.call(caller, service, traceparent=TRACE)

    assert provider.asked[0].headers["traceparent"] == TRACE


def test_a_call_made_within_a_trace_names_it(collector: Collector) -> None:
    tracing = Tracing("window", collector.url, share=1)
    span = tracing.begin("page", TRACE, "SERVER")
    assert traceparent() == ""
    with within(header_of(span)):
        assert traceparent().split("-")[1] == TRACE.split("-")[1]
    span.end()
    tracing.close()

    assert traceparent() == ""
    assert collector.spans[0].name == "page"
