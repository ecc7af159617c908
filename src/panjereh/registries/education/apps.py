from django.apps import AppConfig


class EducationConfig(AppConfig):
    name = "panjereh.registries.education"
    label = "education"
    default_auto_field = "django.db.models.BigAutoField"
