from django.apps import AppConfig


class SigningServiceConfig(AppConfig):
    name = "panjereh.sandbox.signing_service"
    label = "signing_service"
    default_auto_field = "django.db.models.BigAutoField"
