import logging

from django.apps import AppConfig


class FactorsConfig(AppConfig):
    name = "panjereh.sso.factors"
    label = "sso_factors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Below this level the library tells whose credential was used.
        logging.getLogger("fido2").setLevel(logging.WARNING)
