"""The app of a relying party."""

# The HTTP client must be imported by the main thread, as apps are, and not by the thread of some
# request: pyreqwest 0.15.1 crashes when the thread that imported it first has ended.
import pyreqwest.client  # noqa: F401
from django.apps import AppConfig


class SigninConfig(AppConfig):
    name = "panjereh.sdk.signin"
    label = "signin"
    default_auto_field = "django.db.models.BigAutoField"
