from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "panjereh.sso.organisations"
    label = "sso_organisations"
    default_auto_field = "django.db.models.BigAutoField"
