from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "panjereh.sso.ledger"
    label = "sso_ledger"
    default_auto_field = "django.db.models.BigAutoField"
