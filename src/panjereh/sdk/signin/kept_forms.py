"""A form that was sent without the sign-in it needs: kept on the server until it is sent again.

It lies in the session of the browser that sent it, for an hour, and belongs to whoever was signed
in there, or else to the one who signs in next to send it. Nothing is done with it but show it.
"""

import secrets
from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpRequest

from panjereh.common import clock
from panjereh.sdk.signin.person import Person

KEPT_SECONDS = 3600
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
MOST_KEPT, LONGEST = 3, 64 * 1024
_SESSION_KEY = "signin-forms"


@dataclass(frozen=True, kw_only=True)
class KeptForm:
    """`page` shows the form, `path` takes it; `sub` is empty while nobody is known."""

    page: str
    path: str
    fields: list[list[str]]
    sub: str
    until: float


def keep_form(request: HttpRequest, person: Person | None, *, page: str) -> str:
    """Returns the key to find it by; empty when it cannot be kept, as with files."""
    fields = _fields(request)
    if request.content_type not in FORMS or request.FILES or sum(map(_length, fields)) > LONGEST:
        return ""
    form = KeptForm(
        page=page,
        path=request.get_full_path(),
        fields=fields,
        sub=person.sub if person else "",
        until=clock.now().timestamp() + KEPT_SECONDS,
    )
    key = secrets.token_urlsafe(16)
    _write(request, {**_newest(request), key: asdict(form)})
    return key


def find_form(request: HttpRequest, key: str, person: Person) -> KeptForm | None:
    """The form, from now on this person's; None when it is gone or somebody else's."""
    kept = _running(request)
    if key not in kept or kept[key]["sub"] not in ("", person.sub):
        return None
    if not kept[key]["sub"]:
        kept[key]["sub"] = person.sub
        _write(request, kept)
    return KeptForm(**kept[key])


def _fields(request: HttpRequest) -> list[list[str]]:
    return [
        [name, value]
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]


def _length(field: list[str]) -> int:
    return sum(map(len, field))


def _running(request: HttpRequest) -> dict[str, dict[str, Any]]:
    now = clock.now().timestamp()
    kept: dict[str, dict[str, Any]] = request.session.get(_SESSION_KEY, {})
    return {key: form for key, form in kept.items() if form["until"] > now}


def _newest(request: HttpRequest) -> dict[str, dict[str, Any]]:
    running = _running(request)
    return {key: running[key] for key in list(running)[-MOST_KEPT + 1 :]}


def _write(request: HttpRequest, kept: dict[str, dict[str, Any]]) -> None:
    request.session[_SESSION_KEY] = kept
