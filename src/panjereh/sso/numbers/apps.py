from django.apps import AppConfig


class NumbersConfig(AppConfig):
    name = "panjereh.sso.numbers"
    label = "sso_numbers"
    default_auto_field = "django.db.models.BigAutoField"
