"""A gateway that is watched: metrics for Prometheus, traces for OpenTelemetry, each where the
operator asked for it. One that is not has none of this in its way."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import msgspec

from panjereh.common.tracing import HEADER, SHARE, Tracing, header_of
from panjereh.exchange.gateway.calls import Allowed, Calls
from panjereh.exchange.gateway.messages import Answer, Request
from panjereh.exchange.records import Record

log = logging.getLogger("panjereh.exchange.gateway")


class Environment(Protocol):
    def get(self, name: str, default: str = "") -> str: ...


@dataclass
class MeteredCalls(Calls):
    meter: Any = None

    async def _release(self, request: Request, record: Record) -> Answer:
        answer = await super()._release(request, record)
        self.meter.note(record)
        return answer


@dataclass
class TracedCalls(Calls):
    tracing: Any = None
    _spans: dict[str, Any] = field(default_factory=dict)

    async def _release(self, request: Request, record: Record) -> Answer:
        span = self.tracing.begin("exchange call", request.headers.get(HEADER, ""), "SERVER")
        self._spans[record.request_id] = span
        try:
            answer = await super()._release(request, record)
            _tell(span, record)
            return answer
        finally:
            del self._spans[record.request_id]
            span.end()

    async def _forward(self, allowed: Allowed, request: Request, record: Record) -> Answer:
        """The provider's work belongs below ours. The signature was verified before."""
        ours = {**request.headers, HEADER: header_of(self._spans[record.request_id])}
        within = msgspec.structs.replace(request, headers=ours)
        return await super()._forward(allowed, within, record)


@dataclass
class WatchedCalls(MeteredCalls, TracedCalls):
    """Both."""


def watched(env: Environment) -> Callable[..., Calls]:
    """What makes the calls of this gateway."""
    traces, metrics = env.get("TRACES"), env.get("METRICS")
    if not traces:
        return MeteredCalls if metrics else Calls
    tracing = Tracing("gateway", traces, float(env.get("TRACES_SHARE", str(SHARE))))
    return partial(WatchedCalls if metrics else TracedCalls, tracing=tracing)


def serve_metrics(env: Environment, calls: Calls, port: int) -> None:
    """On an address of its own, never on one of the buses."""
    if not isinstance(calls, MeteredCalls):
        return
    # Only who wants metrics pays for the library.
    from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415

    from panjereh.exchange.gateway.metering import Meter  # noqa: PLC0415

    calls.meter = Meter(
        {
            "in_flight": lambda: calls.in_flight,
            "policy_version": lambda: calls.keeper.policy.version,
            "policy_fresh": lambda: calls.keeper.fresh,
            "records_open": lambda: calls.recorder.open,
        }
    )
    registry = CollectorRegistry()
    registry.register(calls.meter)
    address = env.get("METRICS_BIND", "127.0.0.1")
    start_http_server(port, addr=address, registry=registry)
    log.info("exchange.gateway.metrics address=%s port=%s", address, port)


def _tell(span: Any, record: Record) -> None:
    span.update_name(f"{record.provider}/{record.service}")
    span.set_attribute("panjereh.request_id", record.request_id)
    span.set_attribute("panjereh.consumer", record.consumer)
    span.set_attribute("http.response.status_code", record.status)
    if record.cause:
        span.set_attribute("panjereh.cause", record.cause)
        span.set_attribute("error.type", record.error_code)
