from django.apps import AppConfig

from panjereh.ui import health


class CustodyConfig(AppConfig):
    name = "panjereh.registries.custody"
    label = "custody"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models may be imported only now.
        from panjereh.registries.custody.queries import (  # noqa: PLC0415
            sandbox_people_in_production,
        )

        health.register(sandbox_people_in_production)
