from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "panjereh.exchange.messages"
    label = "exchange_messages"
    default_auto_field = "django.db.models.BigAutoField"
