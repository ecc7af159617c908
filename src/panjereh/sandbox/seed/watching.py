"""Every provider of the sandbox names the health page of the site that answers for it."""

from panjereh.exchange.models import Operator, System
from panjereh.exchange.monitoring.actions import offer_health

HEALTH = "/health"


def watch_providers(operator: Operator) -> None:
    for system in System.objects.exclude(base_url="").filter(probe=None):
        offer_health(actor=operator, system=system, path=HEALTH)
