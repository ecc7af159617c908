"""What the worker's round found, for Prometheus: an operator's own alerting can start from it."""

from django.conf import settings

from panjereh.exchange.monitoring.alerts.signals import Moment
from panjereh.exchange.monitoring.models import Alert


def tell(moment: Moment) -> None:
    """Nothing is loaded where metrics are not wanted."""
    if not settings.METRICS:
        return
    from panjereh.exchange.monitoring import gauges  # noqa: PLC0415

    gauges.FIRING.clear()
    for alert in Alert.objects.firing():
        gauges.FIRING.labels(alert.rule, alert.subject).set(1)
    if moment.collector_pending is not None:
        gauges.PENDING.set(moment.collector_pending)
    gauges.LOOKED.set(moment.now.timestamp())
