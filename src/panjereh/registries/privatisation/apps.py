from django.apps import AppConfig


class PrivatisationConfig(AppConfig):
    name = "panjereh.registries.privatisation"
    label = "privatisation"
    default_auto_field = "django.db.models.BigAutoField"
