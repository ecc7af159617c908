from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "panjereh.sso.events"
    label = "sso_events"
    default_auto_field = "django.db.models.BigAutoField"
