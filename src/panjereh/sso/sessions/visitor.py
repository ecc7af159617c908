"""Which browser, from where, with which session: what the cookies and headers of a request say."""

import ipaddress
import re
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from panjereh.sso.digests import new_secret, sha256
from panjereh.sso.policy import policy
from panjereh.sso.sessions.actions import LiveSession, use_session

_BROWSERS = ("Edg", "OPR", "Firefox", "SamsungBrowser", "Chrome", "Safari")
_NAMES = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet"}
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")
# Set, or taken away, by the outermost proxy of ours; without one nobody is believed.
EDGE_DOUBTS = "X-Edge-Doubts"
_SECRET = re.compile(r"^[\w-]{43}$")


@dataclass(frozen=True)
class Visitor:
    """A browser is known by a cookie of its own, so that a login cannot move to another one."""

    browser_key: str
    fresh: bool
    browser: str
    address: str
    suspicious: bool = False

    @property
    def browser_sha256(self) -> str:
        return sha256(self.browser_key)


def _cookie(name: str) -> str:
    return f"__Host-{name}" if settings.SESSION_COOKIE_SECURE else name


def visitor(request: HttpRequest) -> Visitor:
    given = request.COOKIES.get(_cookie("browser"), "")
    known = bool(_SECRET.match(given))
    return Visitor(
        browser_key=given if known else new_secret(),
        fresh=not known,
        browser=_described(request.headers.get("User-Agent", "")),
        address=_network(_peer(request)),
        suspicious=bool(settings.PROXY_HOPS and request.headers.get(EDGE_DOUBTS)),
    )


def remember_browser(response: HttpResponse, who: Visitor) -> None:
    if who.fresh:
        life = int(policy().browser.total_seconds())
        _set(response, "browser", who.browser_key, max_age=life)


def live_session(request: HttpRequest) -> LiveSession | None:
    """The session of this request, looked up once."""
    if not hasattr(request, "sso_session"):
        key = request.COOKIES.get(_cookie("sso"), "")
        request.sso_session = use_session(key) if _SECRET.match(key) else None  # type: ignore[attr-defined]
    found: LiveSession | None = request.sso_session  # type: ignore[attr-defined]
    return found


def keep_session(response: HttpResponse, key: str) -> None:
    """Without an age: it goes when the browser is closed."""
    _set(response, "sso", key, max_age=None)


def drop_session(response: HttpResponse) -> None:
    response.delete_cookie(_cookie("sso"), samesite="Lax")


def _set(response: HttpResponse, name: str, value: str, max_age: int | None) -> None:
    response.set_cookie(
        _cookie(name),
        value,
        max_age=max_age,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _described(agent: str) -> str:
    """Firefox, Linux: enough for the person to know which device it was."""
    found = next((name for name in _BROWSERS if f"{name}/" in agent), "")
    system = next((name for name in _SYSTEMS if name in agent), "")
    return ", ".join(filter(None, [_NAMES.get(found, found), system.replace(" OS X", "OS")]))


def _peer(request: HttpRequest) -> str:
    """Who called the outermost proxy of ours; what stands further left anybody could write."""
    hops: int = settings.PROXY_HOPS
    passed = request.headers.get("X-Forwarded-For", "").split(",") if hops else []
    known = passed[-hops].strip() if len(passed) >= hops > 0 else ""
    return known or str(request.META.get("REMOTE_ADDR", ""))


def _network(address: str) -> str:
    """Limits count networks, for one household or attacker has many addresses."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    bits = 24 if found.version == 4 else 56
    return str(ipaddress.ip_network(f"{found}/{bits}", strict=False))
