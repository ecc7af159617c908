from django.apps import AppConfig


class RegistryNewsConfig(AppConfig):
    name = "panjereh.sso.registry_news"
    label = "sso_registry_news"
    default_auto_field = "django.db.models.BigAutoField"
