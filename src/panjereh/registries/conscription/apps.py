from django.apps import AppConfig


class ConscriptionConfig(AppConfig):
    name = "panjereh.registries.conscription"
    label = "conscription"
    default_auto_field = "django.db.models.BigAutoField"
