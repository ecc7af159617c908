from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "panjereh.sso.people"
    label = "sso_people"
    default_auto_field = "django.db.models.BigAutoField"
