"""National services under test: a home with sandbox keys, and calls as the exchange signs them."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.national")
os.environ["PANJEREH_PORT"] = "8100"  # the tests spell addresses out; nothing listens there

import itertools
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
import pytest
from callers import CIVIL
from django.test import Client
from hypothesis import settings

from panjereh.common.http_signatures import content_digest, hmac_signer, sign
from panjereh.sandbox.document_keys import make_keys as make_document_keys
from panjereh.sandbox.keys import make_keys

# How long an example takes says more of the other suites on this machine than of the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
django.setup()  # the suites of the rooms import models when they are run on their own
HOME = Path(os.environ["PANJEREH_HOME"])
make_keys(HOME)
make_document_keys(HOME)

Post = Callable[..., Any]


@pytest.fixture
def exchange_post(client: Client) -> Post:
    """`exchange_post(system, service, body, consumer=, user=, case=, key=)` -> Django's response.

    The call carries what the gateway adds: who calls, for whom, and the signature that proves to
    the provider that the exchange calls.
    """
    keys = (f"key-{number}" for number in itertools.count(1))

    def post(
        system: str,
        service: str,
        body: dict[str, Any],
        *,
        consumer: str = CIVIL,
        user: str = "",
        case: str = "",
        key: str | None = None,
        **changed: str,
    ) -> Any:
        payload = json.dumps(body).encode()
        headers = signed_headers(
            system,
            f"/{system}/{service}",
            payload,
            consumer=consumer,
            user=user,
            case=case,
            key=next(keys) if key is None else key,
        )
        return client.post(
            f"/{system}/{service}",
            payload,
            content_type="application/json",
            headers=headers | changed,
        )

    return post


def signed_headers(
    system: str,
    path: str,
    payload: bytes,
    *,
    consumer: str = CIVIL,
    user: str = "",
    case: str = "",
    key: str = "",
) -> dict[str, str]:
    """What the gateway sends along with a call; the body's type is in it, for it is signed too."""
    secret = bytes.fromhex((HOME / "keys" / "providers" / f"{system}.hmac").read_text().strip())
    optional = {
        "x-road-userid": user and f"IR{user}",
        "x-road-issue": case,
        "idempotency-key": key,
    }
    headers = {
        "x-road-client": consumer,
        "x-road-id": str(uuid.uuid4()),
        "x-road-request-id": str(uuid.uuid4()),
        "content-type": "application/json",
        "content-digest": content_digest(payload),
        **{name: value for name, value in optional.items() if value},
    }
    return headers | sign(
        "POST",
        path,
        headers,
        keyid=system,
        algorithm="hmac-sha256",
        signer=hmac_signer(secret),
    )
