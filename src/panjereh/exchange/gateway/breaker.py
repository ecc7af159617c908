"""Give a failing provider a rest, and keep one slow provider from taking every place.

closed → open after FAILURES in a row → after a while one call is let through as a probe → closed
when it succeeds, open for twice as long when it does not. A provider that cannot be reached rests
with all its services; one that is too slow or breaks off rests for the service that was called,
so a hanging service does not take its neighbours down. Each gateway judges for itself.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.policy import Offer

TIME_LEFT = "x-exchange-time-left-ms"  # tells a provider after when nobody waits any more
FAILURES = 5
REST_SECONDS = 2.0
LONGEST_REST_SECONDS = 60.0
MAX_WAITING = 128  # calls under way to one provider: a quarter of what a gateway carries

State = Literal["closed", "open", "half-open"]
_UNREACHABLE = ".network_error"
_SLOW = (".timeout", ".invalid_http")


@dataclass
class Circuit:
    """Failures in a row and, when there were too many, until when nothing is sent."""

    failures: int = 0
    rest: float = 0.0
    opens_at: float = 0.0
    probing: bool = False

    def state(self, now: float) -> State:
        if not self.rest:
            return "closed"
        return "half-open" if self.probing or now >= self.opens_at else "open"

    def admit(self, now: float) -> None:
        """Raises `circuit_open`; otherwise the call may go, as the probe if one is due."""
        if not self.rest:
            return
        if self.probing or now < self.opens_at:
            raise faults.circuit_open(max(math.ceil(self.opens_at - now), 1))
        self.probing = True

    def succeeded(self) -> None:
        self.failures, self.rest, self.probing = 0, 0.0, False

    def failed(self, now: float) -> None:
        self.failures += 1
        self.probing = False
        if self.failures >= FAILURES:
            self.rest = min(self.rest * 2 or REST_SECONDS, LONGEST_REST_SECONDS)
            self.opens_at = now + self.rest


class Breakers:
    """One circuit for each provider and one for each of its services, made when first needed."""

    def __init__(
        self, max_waiting: int = MAX_WAITING, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_waiting, self._clock = max_waiting, clock
        self._circuits: dict[str, Circuit] = {}
        self._waiting: dict[str, int] = {}

    @contextmanager
    def watching(self, offer: Offer) -> Iterator[None]:
        """Around a call of the provider. Raises `circuit_open` or `provider_busy` before it."""
        waiting = self._waiting.get(offer.provider, 0)
        if waiting >= self._max_waiting:
            raise faults.provider_busy()
        probes = self._admit(offer)
        self._waiting[offer.provider] = waiting + 1
        try:
            yield
        except faults.Fault as fault:
            self._note(fault, offer)
            raise
        else:
            self._forget(offer)
        finally:
            self._waiting[offer.provider] -= 1
            for circuit in probes:  # a call that was given up says nothing of the provider
                circuit.probing = False

    def snapshot(self) -> dict[str, State]:
        """Providers and services that are not well, for health and metrics."""
        now = self._clock()
        states = {name: circuit.state(now) for name, circuit in self._circuits.items()}
        return {name: state for name, state in states.items() if state != "closed"}

    def waiting(self) -> dict[str, int]:
        return {provider: count for provider, count in self._waiting.items() if count}

    def _admit(self, offer: Offer) -> list[Circuit]:
        """The circuits whose probe this call is."""
        if not self._circuits:
            return []
        now = self._clock()
        probes: list[Circuit] = []
        for name in (offer.provider, offer.x_road_id):
            circuit = self._circuits.get(name)
            if circuit is None:
                continue
            try:
                circuit.admit(now)
            except faults.Fault:
                for other in probes:
                    other.probing = False
                raise
            if circuit.probing:
                probes.append(circuit)
        return probes

    def _note(self, fault: faults.Fault, offer: Offer) -> None:
        """What the provider answered wrongly it answered: only silence and breaks count."""
        if fault.type.endswith(_UNREACHABLE):
            self._circuits.setdefault(offer.provider, Circuit()).failed(self._clock())
        elif fault.type.endswith(_SLOW):
            self._circuits.setdefault(offer.x_road_id, Circuit()).failed(self._clock())
        else:
            self._forget(offer)

    def _forget(self, offer: Offer) -> None:
        if self._circuits:
            for name in (offer.provider, offer.x_road_id):
                self._circuits.pop(name, None)
