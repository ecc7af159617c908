import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.phone")
