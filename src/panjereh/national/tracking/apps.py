from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register

from panjereh.national.tracking.numbers import GENERATORS, rule


class TrackingConfig(AppConfig):
    name = "panjereh.national.tracking"
    label = "tracking"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(check_rule)


def check_rule(app_configs: Any = None, **options: Any) -> list[CheckMessage]:
    if rule() in GENERATORS:
        return []
    offered = ", ".join(GENERATORS)
    return [Error(f"TRACKING_RULE {rule()} is not built; choose from: {offered}", id="tracking.E1")]
