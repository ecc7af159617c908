"""How each service is at this moment: told by its calls, by what was switched, and where calls are
missing by its provider's own word (NIX-24, 38, 40)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from panjereh.exchange.models import Service
from panjereh.exchange.monitoring.figures import Figures, errors, figures, minutes
from panjereh.exchange.monitoring.models import Probe

WINDOW_MINUTES = 10
ENOUGH = 5  # calls that say something; fewer are chance
FAILING_SHARE = 0.2
LATE_SHARE, LATE_LEAST = 0.05, 2  # promises speak of 95 of 100 calls
CIRCUIT = "circuit_open"
UNREACHED = ("network_error", "timeout", CIRCUIT)


class State(StrEnum):
    """The worst first."""

    AWAY = "away"
    CIRCUIT_OPEN = "circuit-open"
    FAILING = "failing"
    SLOW = "slow"
    OFF = "off"
    UP = "up"
    QUIET = "quiet"


@dataclass(frozen=True)
class Live:
    service: Service
    state: State
    figures: Figures = field(default_factory=Figures)
    errors: Mapping[tuple[str, str], int] = field(default_factory=dict)
    probe: Probe | None = None

    @property
    def promise(self) -> float:
        return promised_milliseconds(self.service)

    @property
    def kept_promise(self) -> float | None:
        return self.figures.kept_promise(self.promise)


def promised_milliseconds(service: Service) -> float:
    """What the provider promised; the exchange's own patience where it promised nothing."""
    sheet = getattr(service, "sheet", None)
    promised = sheet.promise_ms if sheet else None
    return float(promised or service.deadline_seconds * 1000)


def live(services: Iterable[Service], now: datetime) -> list[Live]:
    """The worst first. `services` come with system and member."""
    seen = minutes(WINDOW_MINUTES, now)
    counted = figures(seen, "provider", "service")
    failures = errors(seen, "provider", "service")
    probes = {probe.system_id: probe for probe in Probe.objects.all()}
    found = []
    for service in services:
        key = (service.system.x_road_id, service.code)
        calls, failed = counted.get(key, Figures()), failures.get(key, {})
        probe = probes.get(service.system_id)
        state = state_of(service, calls, failed, probe)
        found.append(Live(service, state, calls, failed, probe))
    order = list(State)
    return sorted(found, key=lambda one: (order.index(one.state), one.service.x_road_id))


def state_of(
    service: Service,
    calls: Figures,
    failed: Mapping[tuple[str, str], int],
    probe: Probe | None,
) -> State:
    if not (service.enabled and service.system.enabled):
        return State.OFF
    if not calls.reached:
        return State.AWAY if probe and probe.healthy is False else State.QUIET
    if calls.failed_provider == calls.reached and _unreached(failed) == calls.reached:
        return State.AWAY
    if any(CIRCUIT in code for _, code in failed):
        return State.CIRCUIT_OPEN
    return _state_of_answers(calls, promised_milliseconds(service))


def _state_of_answers(calls: Figures, promise: float) -> State:
    if calls.reached >= ENOUGH and (calls.provider_failure_share or 0) >= FAILING_SHARE:
        return State.FAILING
    late = 1 - (calls.kept_promise(promise) or 0)
    if calls.reached >= ENOUGH and late > LATE_SHARE and late * calls.reached >= LATE_LEAST:
        return State.SLOW
    return State.UP


def _unreached(failed: Mapping[tuple[str, str], int]) -> int:
    kinds = {code: number for (_, code), number in failed.items()}
    return sum(n for code, n in kinds.items() if any(kind in code for kind in UNREACHED))
