"""Where the site leads, by who is signed in: the public entries and those of one's own offices.

Rooms declare their entries in `AppConfig.links`; they appear in the order of INSTALLED_APPS.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.http import HttpRequest

from panjereh.exchange.doors import appointments_of
from panjereh.exchange.links import MEMBER, PUBLIC, Link


def site_links(request: HttpRequest) -> dict[str, Any]:
    """For every page's header."""
    shown = [link for link in links_for(request) if not link.minor]
    return {"site_links": [(link.text, link.url) for link in shown]}


def links_for(request: HttpRequest) -> list[Link]:
    return links_of(PUBLIC) + own_links(request)


def own_links(request: HttpRequest) -> list[Link]:
    """What only the person who is signed in may open, by office; empty for visitors."""
    known = appointments_of(request)
    offices = [MEMBER] if known.representative else []
    offices += known.operator.roles if known.operator else []
    return [link for office in offices for link in links_of(office)]


def links_of(audience: str) -> list[Link]:
    return [link for link in _declared() if link.audience == audience]


def _declared() -> Iterator[Link]:
    for room in apps.get_app_configs():
        yield from getattr(room, "links", ())
