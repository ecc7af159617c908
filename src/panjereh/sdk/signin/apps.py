from django.apps import AppConfig


class SigninConfig(AppConfig):
    name = "panjereh.sdk.signin"
    label = "signin"
    default_auto_field = "django.db.models.BigAutoField"
