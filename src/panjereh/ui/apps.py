from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "panjereh.ui"
    label = "ui"
