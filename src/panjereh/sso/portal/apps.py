from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "panjereh.sso.portal"
    label = "sso_portal"
    default_auto_field = "django.db.models.BigAutoField"
