"""An agency that may send, an operator that receives, and calls signed as the gateway signs."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from air import AGENCY, MASK, MOBILE, PASSWORD, Air
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from panjereh.common.http_signatures import content_digest, hmac_signer, sign
from panjereh.national.messaging import actions
from panjereh.national.messaging.models import Sender


@pytest.fixture
def sender(db: None) -> Sender:
    return actions.register_sender(system=AGENCY, name="سازمان ثبت احوال کشور", mask=MASK)


@pytest.fixture
def air(transactional_db: None, settings: Settings) -> Iterator[Air]:
    air = Air()
    settings.SMSC = ("127.0.0.1", air.port)
    settings.SMSC_BIND = {
        "system_id": "panjereh",
        "password": PASSWORD,
        "window": 10,
        "patience": 1.0,
    }
    yield air
    air.close()


@pytest.fixture
def send(sender: Sender) -> Callable[..., Any]:
    """Have the agency send an SMS, each under a key of its own."""

    def one(text: str, **options: Any) -> Any:
        given = {"mobile": MOBILE, "key": secrets.token_hex(8), "consumer": AGENCY}
        return actions.accept_sms(text=text, **(given | options))

    return one


Call = Callable[..., Any]


@pytest.fixture
def call() -> Call:
    """Call a service of messaging as the gateway does: signed for this provider."""
    path = Path(settings.KEYS) / "providers" / "messaging.hmac"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(secrets.token_hex(32))
    secret = bytes.fromhex(path.read_text().strip())

    def signed(service: str, body: bytes, **headers: str) -> Any:
        target = f"/messaging/{service}"
        given = {
            "x-road-client": AGENCY,
            "x-road-request-id": secrets.token_hex(8),
            "content-type": "application/json",
            "content-digest": content_digest(body),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        given |= sign(
            "POST",
            target,
            given,
            keyid="messaging",
            algorithm="hmac-sha256",
            signer=hmac_signer(secret),
        )
        return Client().post(target, body, content_type="application/json", headers=given)

    return signed
