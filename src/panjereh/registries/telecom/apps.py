from django.apps import AppConfig


class TelecomConfig(AppConfig):
    name = "panjereh.registries.telecom"
    label = "telecom"
    default_auto_field = "django.db.models.BigAutoField"
