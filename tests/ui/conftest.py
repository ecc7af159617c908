import os
from collections.abc import Iterator

import pytest
from django.utils import translation
from support.browser import browser, site
from support.built import ensure_translations

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.window")
ensure_translations("ui", "sdk", "window")

__all__ = ["browser", "site"]


@pytest.fixture(autouse=True)
def links_of_the_site(settings: object) -> None:
    settings.SITE_LINKS = [("خدمات", "/fa/"), ("دستگاه‌ها", "/fa/posted/")]  # type: ignore[attr-defined]


@pytest.fixture
def persian() -> Iterator[None]:
    with translation.override("fa"):
        yield


@pytest.fixture
def english() -> Iterator[None]:
    with translation.override("en"):
        yield
