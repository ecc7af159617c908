"""Imported first by conftest.py: models can be imported once the apps are loaded."""

import django

django.setup()
