from django.apps import AppConfig


class ActingConfig(AppConfig):
    name = "panjereh.sso.acting"
    label = "sso_acting"
    default_auto_field = "django.db.models.BigAutoField"
