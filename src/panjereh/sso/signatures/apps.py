from django.apps import AppConfig


class SignaturesConfig(AppConfig):
    name = "panjereh.sso.signatures"
    label = "sso_signatures"
    default_auto_field = "django.db.models.BigAutoField"
