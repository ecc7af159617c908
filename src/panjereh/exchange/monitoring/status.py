"""What everybody may know of each service: whether it works now and how well it did in the past.

Shares only, and none of few calls: they would tell of single calls.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from panjereh.exchange.monitoring.boards import services_of
from panjereh.exchange.monitoring.figures import Figures, Selection, figures
from panjereh.exchange.monitoring.live import Live, State, live
from panjereh.exchange.monitoring.names import Name
from panjereh.exchange.monitoring.periods import midnight

LEAST = 30  # calls behind a share
DAYS = 30


@dataclass(frozen=True)
class ServiceStatus:
    now: Live
    answered_share: float | None  # of what reached the provider
    p90: float | None


@dataclass
class ProviderStatus:
    name: Name
    services: list[ServiceStatus] = field(default_factory=list)

    @property
    def state(self) -> State:
        """The worst of its services."""
        order = list(State)
        return min((one.now.state for one in self.services), key=order.index)


def status_of_all(now: datetime) -> list[ProviderStatus]:
    """The providers with trouble first."""
    today = midnight(now)
    past = Selection(today - timedelta(days=DAYS), today + timedelta(days=1), "day")
    counted = figures(past, "provider", "service")
    found: dict[int, ProviderStatus] = {}
    by_system: defaultdict[int, list[Live]] = defaultdict(list)
    for one in live(services_of(), now):
        by_system[one.service.system_id].append(one)
    for pk, lives in by_system.items():
        system = lives[0].service.system
        found[pk] = ProviderStatus(system.name)
        for one in sorted(lives, key=lambda one: one.service.code):
            key = (system.x_road_id, one.service.code)
            found[pk].services.append(_status(one, counted.get(key, Figures())))
    order = list(State)
    return sorted(found.values(), key=lambda p: (order.index(p.state), p.name["fa"]))


def _status(one: Live, past: Figures) -> ServiceStatus:
    if past.reached < LEAST:
        return ServiceStatus(one, None, None)
    share = past.provider_failure_share
    return ServiceStatus(one, None if share is None else 1 - share, past.p90)
