"""Pass a call to its provider and bring the answer back, within limits and signed by us."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from panjereh.common.http_signatures import Sign, content_digest, hmac_signer, sign
from panjereh.exchange.directory.provider_keys import provider_key
from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.lines import Answered, LineFailed, Lines, origin_of
from panjereh.exchange.gateway.policy import Offer

# Everything that is signed by the caller and of use to the provider; the rest stays here.
FORWARDED = (
    "x-road-client",
    "x-road-id",
    "x-road-userid",
    "x-road-issue",
    "x-road-represented-party",
    "idempotency-key",
    "content-type",
    "accept",
    "traceparent",  # W3C: whose work the provider's work belongs to, in numbers without meaning
)

_FAILURES: Final = {
    "timeout": "the provider did not answer in time",
    "network_error": "the provider cannot be reached",
    "invalid_http": "the provider's answer breaks HTTP",
    "answer_too_large": "the provider's answer is too large",
}


class Reply(msgspec.Struct, frozen=True):
    status: int
    content_type: str
    retry_after: str
    body: bytes


class Providers:
    """Signs calls to providers and judges what they answer."""

    def __init__(self, keys: Path) -> None:
        self._keys = keys
        self._signers: dict[str, Sign] = {}
        self._lines = Lines(_context(keys / "tls"))

    async def call(
        self, offer: Offer, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> Reply:
        """`target` is path and query below the provider's address. Raises `service_failed`."""
        origin, path = origin_of(offer.base_url), offer.base_path + target
        signature = sign(
            method,
            path,
            headers,
            keyid=offer.key_name,
            algorithm="hmac-sha256",
            signer=self._signer(offer.key_name),
        )
        request = _request(method, path, origin.authority, headers | signature, body)
        try:
            answered = await self._lines.ask(
                origin, request, headless=method == "HEAD", seconds=offer.deadline_seconds
            )
        except LineFailed as failed:
            raise faults.service_failed(failed.kind, _FAILURES[failed.kind]) from failed
        return _reply(answered)

    async def close(self) -> None:
        self._lines.close()

    def _signer(self, system: str) -> Sign:
        if system not in self._signers:
            try:
                self._signers[system] = hmac_signer(provider_key(self._keys, system))
            except OSError as error:
                message = "the exchange and the provider share no key"
                raise faults.service_failed("no_key", message) from error
        return self._signers[system]


def _context(tls: Path) -> ssl.SSLContext | None:
    """For providers behind https: the roots of this installation besides the usual ones, and the
    exchange's own certificate for those that want to see it (NIX-31)."""
    if not (tls / "roots.crt").exists():
        return None
    context = ssl.create_default_context()
    context.load_verify_locations(tls / "roots.crt")
    if (tls / "caller.crt").exists():
        context.load_cert_chain(tls / "caller.crt", tls / "caller.key")
    return context


def forwarded_headers(headers: Mapping[str, str], request_id: str, digest: str) -> dict[str, str]:
    kept = {name: headers[name] for name in FORWARDED if name in headers}
    kept.setdefault("accept", "application/json")
    kept["x-road-request-id"] = request_id
    kept["content-digest"] = digest
    return kept


def _request(
    method: str, path: str, authority: str, headers: Mapping[str, str], body: bytes
) -> bytes:
    """No header can end its line: llhttp let none in that could."""
    lines = [f"{method} {path} HTTP/1.1\r\nhost: {authority}\r\n"]
    lines += [f"{name}: {value}\r\n" for name, value in headers.items()]
    if body or method in {"POST", "PUT", "PATCH"}:
        lines.append(f"content-length: {len(body)}\r\n")
    lines.append("\r\n")
    return "".join(lines).encode("latin-1") + body


def _reply(answered: Answered) -> Reply:
    headers, body = answered.headers, answered.body
    if 300 <= answered.status < 400:
        raise faults.service_failed("redirect", "the provider answered with a redirect")
    if headers.get("content-encoding", "identity") != "identity":
        raise faults.service_failed("encoding", "the provider compressed its answer unasked")
    declared = headers.get("content-digest")
    if declared and declared.startswith("sha-256=") and declared != content_digest(body):
        raise faults.service_failed("digest", "the provider's answer differs from its digest")
    return Reply(
        answered.status, headers.get("content-type", ""), headers.get("retry-after", ""), body
    )
