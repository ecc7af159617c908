from django.apps import AppConfig


class FollowingConfig(AppConfig):
    name = "panjereh.sdk.feeds.following"
    label = "feed_following"
    default_auto_field = "django.db.models.BigAutoField"
