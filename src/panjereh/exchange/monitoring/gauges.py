"""The worker's gauges; importing this registers them."""

from prometheus_client import Gauge

FIRING = Gauge("panjereh_exchange_alert", "Alerts that fire", ["rule", "subject"])
PENDING = Gauge("panjereh_exchange_collector_pending", "Messages of records not kept yet")
LOOKED = Gauge("panjereh_exchange_watched_timestamp_seconds", "When the rules were last evaluated")
