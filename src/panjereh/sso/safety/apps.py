from django.apps import AppConfig


class SafetyConfig(AppConfig):
    name = "panjereh.sso.safety"
    label = "sso_safety"
    default_auto_field = "django.db.models.BigAutoField"
