"""Calls the records of the exchange as the gateway does, for a consumer and a user."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from nation import WINDOW

from panjereh.common.http_signatures import content_digest, hmac_signer, sign

SYSTEM = "exchange-records"


@dataclass
class Gateway:
    client: Client = field(default_factory=Client)

    def post(self, service: str, body: dict[str, Any], *, user: str, as_: str = WINDOW) -> Any:
        payload = json.dumps(body).encode()
        headers = {"content-digest": content_digest(payload), "content-type": "application/json"}
        return self._send("POST", f"/{SYSTEM}/{service}", payload, headers, user, as_)

    def get(self, path: str, *, user: str = "", as_: str = WINDOW, **query: object) -> Any:
        target = f"/{SYSTEM}/{path}" + (f"?{urlencode(query)}" if query else "")
        return self._send("GET", target, b"", {"content-digest": content_digest(b"")}, user, as_)

    def _send(
        self, method: str, target: str, payload: bytes, more: dict[str, str], user: str, as_: str
    ) -> HttpResponse:
        headers = {"x-road-client": as_, "x-road-id": "0f0e", "x-road-request-id": "r-7", **more}
        if user:
            headers["x-road-userid"] = f"IR{user}"
        key = bytes.fromhex((Path(settings.KEYS) / "providers" / f"{SYSTEM}.hmac").read_text())
        signed = headers | sign(
            method, target, headers, keyid=SYSTEM, algorithm="hmac-sha256", signer=hmac_signer(key)
        )
        return self.client.generic(
            method,
            target,
            payload,
            content_type=more.get("content-type", ""),
            headers={name: value for name, value in signed.items() if name != "content-type"},
        )
