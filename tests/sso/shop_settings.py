# ruff: noqa: F403, F405 - settings are named once, in the base
"""A site of a third party that signs people in with us: its own process, database and host."""

import os

from panjereh.runtime.settings.base import *

FLOOR = "window"
INSTALLED_APPS = ["django.contrib.sessions", *COMMON_APPS, "panjereh.sdk.signin"]
MIDDLEWARE = [*MIDDLEWARE, "panjereh.sdk.signin.middleware.CurrentPerson"]
DATABASES = database("window")
ROOT_URLCONF = "shop_site"
LOCALE_PATHS = locale_paths()
SIGNIN = {
    "issuer": os.environ["SHOP_ISSUER"],
    "inner_issuer": os.environ["SHOP_INNER_ISSUER"],
    "client_id": os.environ["SHOP_CLIENT"],
    "client_secret_file": os.environ["SHOP_SECRET_FILE"],
}
