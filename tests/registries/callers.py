"""Those who call a registry in tests, and the family they call about."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils.timezone import localdate

from panjereh.common import clock
from panjereh.common.http_signatures import content_digest, hmac_signer, sign

CONSUMER = "IR-TEST/GOV/100/civil-registration-window"


def provider_secret(system: str) -> bytes:
    return bytes.fromhex((Path(settings.KEYS) / "providers" / f"{system}.hmac").read_text())


@dataclass
class Gateway:
    """Calls a provider as the gateway of the exchange does."""

    client: Client = field(default_factory=Client)

    def call(
        self,
        system: str,
        service: str,
        body: dict[str, Any],
        *,
        key: str = "",
        case: str = "",
        user: str = "",
        signed_as: str = "",
        created: int | None = None,
        sent: bytes | None = None,
        signed_body: bytes | None = None,
    ) -> HttpResponse:
        path = f"/{system}/{service}"
        payload = json.dumps(body, ensure_ascii=False).encode()
        if signed_body is not None:
            payload = signed_body
        optional = {"x-road-issue": case, "idempotency-key": key, "x-road-userid": user}
        headers = {
            "x-road-client": CONSUMER,
            "x-road-id": "0f0e5d3c",
            "x-road-request-id": "request-7",
            "content-type": "application/json",
            "content-digest": content_digest(payload),
            **{name: value for name, value in optional.items() if value},
        }
        signature = sign(
            "POST",
            path,
            headers,
            keyid=signed_as or system,
            algorithm="hmac-sha256",
            signer=hmac_signer(provider_secret(signed_as or system)),
            created=created,
        )
        return self.post(path, sent or payload, headers | signature)

    def post(self, path: str, payload: bytes, headers: dict[str, str]) -> HttpResponse:
        others = {name: value for name, value in headers.items() if name != "content-type"}
        return self.client.generic(
            "POST", path, payload, content_type="application/json", headers=others
        )


@dataclass
class Household:
    mother: Any
    father: Any
    marriage: Any

    def birth(self, **changes: Any) -> dict[str, Any]:
        """The body of register-birth for a newborn of these two, born yesterday."""
        return {
            "notice_id": "N00000001-9001",
            "given_name": "نیلوفر",
            "mother_national_id": self.mother.pk,
            "father_national_id": self.father.pk,
            "born_on": (localdate(clock.now()) - timedelta(days=1)).isoformat(),
            "sex": "female",
            "birth_place": "تهران",
        } | changes
