from django.apps import AppConfig


class CivilConfig(AppConfig):
    name = "panjereh.registries.civil"
    label = "civil"
    default_auto_field = "django.db.models.BigAutoField"
