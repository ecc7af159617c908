"""A subscriber's process on its own: it follows once and ends, or is killed in between."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "one_floor"

import django

django.setup()

from panjereh.sdk.feeds.following.jobs import follow_all  # noqa: E402

follow_all()
