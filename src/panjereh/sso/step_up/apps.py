from django.apps import AppConfig


class StepUpConfig(AppConfig):
    name = "panjereh.sso.step_up"
    label = "sso_step_up"
