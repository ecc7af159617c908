from django.apps import AppConfig


class UsageConfig(AppConfig):
    name = "panjereh.exchange.usage"
    label = "usage"
