"""What every page needs to know: language, site, person, appearance.

A site names itself in its settings: SITE_NAME, SITE_LINKS (pairs of text and path) and SITE_OWNER.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

APPEARANCE = {"text": ("normal", "large"), "contrast": ("normal", "high")}


@dataclass(frozen=True)
class OtherLanguage:
    code: str
    name: str
    url: str


def page(request: HttpRequest) -> dict[str, Any]:
    appearance = {name: _chosen(request, name) for name in APPEARANCE}
    return {
        "lang": get_language(),
        "site_name": getattr(settings, "SITE_NAME", ""),
        "site_links": getattr(settings, "SITE_LINKS", ()),
        "site_owner": getattr(settings, "SITE_OWNER", ""),
        "sandbox": settings.PROFILE == "sandbox",
        "person": getattr(request, "person", None),
        "can_sign_in": hasattr(settings, "SIGNIN"),
        "acting_offered": _acting_offered(request),
        "mandate_page": _mandate_page(),
        "other_languages": _other_languages(request),
        "appearance": appearance,
        "appearance_links": {n: _toggle(request, n, chosen) for n, chosen in appearance.items()},
    }


def _acting_offered(request: HttpRequest) -> str:
    """Where the person is asked on whose behalf they go on; empty where that is not offered."""
    if not getattr(settings, "SIGNIN", {}).get("acting"):
        return ""
    return "/signin/login?" + urlencode({"for": "another", "next": request.path})


def _mandate_page() -> str:
    """Where people let others act for them, at the sign-on."""
    signin = getattr(settings, "SIGNIN", {})
    if not signin.get("acting"):
        return ""
    return f"{signin['issuer']}/{get_language() or settings.LANGUAGE_CODE}/account/acting/give/"


def _chosen(request: HttpRequest, name: str) -> str:
    usual, special = APPEARANCE[name]
    return special if request.COOKIES.get(name) == special else usual


def _toggle(request: HttpRequest, name: str, chosen: str) -> str:
    usual, special = APPEARANCE[name]
    wanted = usual if chosen == special else special
    kept = [(k, v) for k, values in request.GET.lists() for v in values if k not in APPEARANCE]
    return "?" + urlencode([*kept, (name, wanted)])


def _other_languages(request: HttpRequest) -> list[OtherLanguage]:
    """The same page in the other languages; empty where the path names no language."""
    first, _, rest = request.path.removeprefix("/").partition("/")
    names = dict(settings.LANGUAGES)
    if first not in names:
        return []
    query = request.META.get("QUERY_STRING", "")
    tail = rest + (f"?{query}" if query else "")
    return [OtherLanguage(c, str(n), f"/{c}/{tail}") for c, n in names.items() if c != first]
