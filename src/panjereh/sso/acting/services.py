"""What a service is called, asked of the national catalogue and remembered for a while."""

import time

from django.utils.translation import get_language

from panjereh.sdk import catalogue
from panjereh.sdk.exchange import ExchangeError, Rejected

REMEMBERED_SECONDS = 600
MOST_REMEMBERED = 500

_remembered: dict[str, tuple[float, dict[str, str]]] = {}


def title_of(service: str) -> str:
    """In the language of the page; the bare code while the catalogue does not answer."""
    try:
        return in_language(titles_of(service)) or service
    except ExchangeError:
        return service


def titles_of(service: str) -> dict[str, str]:
    """By language; empty for what is no service. Raises `ExchangeError`."""
    until, found = _remembered.get(service, (0.0, {}))
    if until < time.monotonic():
        found = _asked(service)
        if found and len(_remembered) < MOST_REMEMBERED:
            _remembered[service] = (time.monotonic() + REMEMBERED_SECONDS, found)
    return found


def _asked(service: str) -> dict[str, str]:
    try:
        title: dict[str, str] = catalogue.card(service)["title"]
    except Rejected:
        return {}
    return title


def in_language(titles: dict[str, str]) -> str:
    language = (get_language() or "fa")[:2]
    return titles.get(language) or titles.get("fa", "")
