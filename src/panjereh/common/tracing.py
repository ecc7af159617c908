"""Traces across floors (W3C Trace Context), for operators who name a collector of theirs.

Without PANJEREH_TRACES nothing of OpenTelemetry is imported. A trace holds names of systems and
services and how long they took; never a path, a query, a body or a person.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

HEADER = "traceparent"
SHARE = 0.01  # of the traces that begin here
_current: ContextVar[str] = ContextVar(HEADER, default="")


def traceparent() -> str:
    """What a call made now passes on; empty outside of a trace."""
    return _current.get()


@contextmanager
def within(header: str) -> Iterator[None]:
    token = _current.set(header)
    try:
        yield
    finally:
        _current.reset(token)


class Tracing:
    """The tracer of one process. `endpoint` is an OTLP collector, such as http://…:4318."""

    def __init__(self, service: str, endpoint: str, share: float = SHARE) -> None:
        # Optional: only who traces has installed them.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        from opentelemetry.sdk.trace.sampling import (  # noqa: PLC0415
            ParentBased,
            TraceIdRatioBased,
        )

        self._provider = TracerProvider(
            resource=Resource.create({"service.name": service}),
            sampler=ParentBased(TraceIdRatioBased(share)),
        )
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("panjereh")

    def begin(self, name: str, parent: str, kind: str) -> Any:
        """A span within the trace that `parent` tells of, or the first of a new one."""
        from opentelemetry.trace import SpanKind  # noqa: PLC0415
        from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
            TraceContextTextMapPropagator,
        )

        context = TraceContextTextMapPropagator().extract({HEADER: parent} if parent else {})
        return self._tracer.start_span(name, context, SpanKind[kind])

    def close(self) -> None:
        """Send what waits."""
        self._provider.shutdown()


def header_of(span: Any) -> str:
    """How a span names itself to those it calls."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
