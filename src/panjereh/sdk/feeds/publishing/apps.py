from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "panjereh.sdk.feeds.publishing"
    label = "feed_publishing"
    default_auto_field = "django.db.models.BigAutoField"
