from django.apps import AppConfig


class WindowConfig(AppConfig):
    name = "panjereh.window"
    label = "window"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from panjereh.ui import health  # noqa: PLC0415  # apps must be loaded
        from panjereh.window.queries import search_is_blind  # noqa: PLC0415

        health.register(search_is_blind)
