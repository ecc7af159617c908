import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.registries")
django.setup()
