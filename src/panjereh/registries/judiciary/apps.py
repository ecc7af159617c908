from django.apps import AppConfig


class JudiciaryConfig(AppConfig):
    name = "panjereh.registries.judiciary"
    label = "judiciary"
    default_auto_field = "django.db.models.BigAutoField"
