from django.apps import AppConfig


class BiometricsConfig(AppConfig):
    name = "panjereh.sso.biometrics"
    label = "sso_biometrics"
