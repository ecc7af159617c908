from django.apps import AppConfig


class AgencyConfig(AppConfig):
    name = "panjereh.agency"
    label = "agency"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from panjereh.agency import jobs  # noqa: F401, PLC0415  # registers its tasks
