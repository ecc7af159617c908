from django.apps import AppConfig


class ForeignersConfig(AppConfig):
    name = "panjereh.registries.foreigners"
    label = "foreigners"
    default_auto_field = "django.db.models.BigAutoField"
