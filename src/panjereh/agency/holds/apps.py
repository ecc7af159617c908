from django.apps import AppConfig


class HoldsConfig(AppConfig):
    name = "panjereh.agency.holds"
    label = "agency_holds"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from panjereh.agency.holds import jobs  # noqa: F401, PLC0415  # registers its task
