from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "panjereh.sso.staff"
    label = "sso_staff"
    default_auto_field = "django.db.models.BigAutoField"
