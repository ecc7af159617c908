"""Walks that the tests of the ways to sign in share."""

import html
import json
import re
from typing import Any
from urllib.parse import urlsplit

from device import Device
from django.test import Client
from exchange_side import ExchangeSide
from people import HOST, Walk, begin

from panjereh.common import clock
from panjereh.common.text import ascii_digits
from panjereh.sso.factors import totp
from panjereh.sso.models import Person, Session
from panjereh.sso.sessions.actions import LiveSession, use_session

WAYS = "/fa/account/ways/"


def at(client: Client, page: str = "", *, language: str = "fa", **typed: str) -> Any:
    """A page of the own ways: read, or posted when something is typed."""
    address = f"/{language}/account/ways/{page}"
    return client.post(address, typed, **HOST) if typed else client.get(address, **HOST)


def session_of(client: Client) -> LiveSession:
    found = use_session(client.cookies["sso"].value)
    assert found
    return found


def options_on(page: Any) -> dict[str, Any]:
    """What the page hands to its script."""
    found = re.search(r'data-options="([^"]*)"', page.content.decode())
    assert found, page.content.decode()[:2000]
    return dict(json.loads(html.unescape(found[1])))


def enrolled(client: Client, device: Device | None = None, name: str = "گوشی من") -> Device:
    """A device added through the pages."""
    device = device or Device()
    answer = device.create(options_on(at(client, "passkeys/add/")))
    response = at(client, "passkeys/add/", name=name, answer=answer)
    assert response.status_code == 302, response.content.decode()
    return device


def with_app(client: Client) -> str:
    """The secret of an app that was added half a minute ago, so that its code now is unused."""
    secret = secret_on(at(client, "app/add/"))
    moment = clock.now().timestamp() - 30
    response = at(client, "app/add/", code=totp.code_at(secret, moment), name="رمزساز")
    assert response.status_code == 302, response.content.decode()
    return secret


def secret_on(page: Any) -> str:
    found = re.search(r"secret=([A-Z2-7]{32})", html.unescape(page.content.decode()))
    assert found
    return found[1]


def code_now(secret: str) -> str:
    return totp.code_at(secret, clock.now().timestamp())


def sheet_of(client: Client) -> list[str]:
    page = at(client, "recovery/", go="1").content.decode()
    shown = re.findall(r"(?:[0-9۰-۹]{4} ){4}[0-9۰-۹]{4}", page)
    return [ascii_digits(code).replace(" ", "") for code in shown]


def sms_refused(client: Client) -> None:
    assert at(client, "sms/", sms="refuse").status_code == 302


def elsewhere(exchange: ExchangeSide) -> Walk:
    """The login page on a browser that nobody has used."""
    return begin(Client(), exchange)


def here(client: Client, exchange: ExchangeSide) -> Walk:
    """The login page on the same browser, signed out."""
    del client.cookies["sso"]
    return begin(client, exchange)


def by_passkey(walk: Walk, device: Device, **forged: Any) -> Any:
    answer = device.get(options_on(walk.get("login/passkey")), **forged)
    return walk.post("login/passkey", answer=answer)


def signed_in(response: Any) -> bool:
    path = urlsplit(response.get("Location", "")).path
    return response.status_code == 302 and "/continue/" in path


def newest_session(person: Person) -> Session:
    found = Session.objects.filter(person=person).latest("authenticated_at")
    assert found.ended_at is None
    return found
