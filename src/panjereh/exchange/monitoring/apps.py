from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "panjereh.exchange.monitoring"
    label = "monitoring"
