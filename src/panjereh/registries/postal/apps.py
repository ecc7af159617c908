from django.apps import AppConfig


class PostalConfig(AppConfig):
    name = "panjereh.registries.postal"
    label = "postal"
    default_auto_field = "django.db.models.BigAutoField"
