import logging

from django.apps import AppConfig

from panjereh.sso.provider.keys import missing_key
from panjereh.ui.health import register


class SsoConfig(AppConfig):
    name = "panjereh.sso"
    label = "sso"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(missing_key)
        # Authlib tells tokens and secrets at this level (DESIGN 5, promise 6).
        logging.getLogger("authlib").setLevel(logging.INFO)
