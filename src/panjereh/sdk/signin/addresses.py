"""Addresses within this site: where to go after signing in, and in which language."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 1000


def safe_next(address: str) -> str:
    """A path of this site, or its first page: nobody is led elsewhere by a link to us."""
    path = address.startswith("/") and not address.startswith(("//", "/\\"))
    plain = path and len(address) <= LONGEST and address.isprintable()
    if plain and url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return address
    return "/"


def login_address(
    next_address: str, *, level: int = 1, representee: str = "", service: str = ""
) -> str:
    """`representee` is `another`, chosen at the sign-on, or the `sub` of whom one acts for."""
    query = {"next": next_address} | ({"level": str(level)} if level > 1 else {})
    query |= {"for": representee} if representee else {}
    query |= {"service": service} if service else {}
    return f"{reverse('signin:login')}?{urlencode(query)}"


def language_of(*addresses: str) -> str:
    """The language of the page somebody comes from or goes to; it stands first in the path."""
    known = [code for code, _ in settings.LANGUAGES]
    firsts = [urlsplit(address).path.strip("/").partition("/")[0] for address in addresses]
    return next((first for first in firsts if first in known), settings.LANGUAGE_CODE)


def page_language(request: HttpRequest, next_address: str = "") -> str:
    return language_of(next_address, request.headers.get("Referer", ""))
