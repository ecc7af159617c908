from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "panjereh.exchange.approvals"
    label = "approvals"
