"""Pass a call to its provider and bring the answer back, within limits and signed by us."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import msgspec
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import (
    NetworkError,
    PyreqwestError,
    RequestTimeoutError,
)
from pyreqwest.response import Response

from panjereh.common.http_signatures import content_digest, hmac_signer, sign
from panjereh.exchange.directory.provider_keys import provider_key
from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.policy import Offer

MAX_ANSWER = 16 * 1024 * 1024
CONNECT_SECONDS = 1.0
IDLE_SECONDS = 15  # less than providers keep a quiet connection, so none closes under a call

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
)


class Reply(msgspec.Struct, frozen=True):
    status: int
    content_type: str
    retry_after: str
    body: bytes


class Providers:
    """One client for all providers: it keeps their connections."""

    def __init__(self, keys: Path) -> None:
        self._keys = keys
        self._secrets: dict[str, bytes] = {}
        self._client = build_client()

    async def call(
        self, offer: Offer, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> Reply:
        """`target` is path and query below the provider's address. Raises `service_failed`."""
        sent = self._signed(offer, method, target, headers)
        request = (
            self._client.request(method, offer.base_url + target)
            .headers(sent)
            .timeout(timedelta(seconds=offer.deadline_seconds))
        )
        if body:
            request = request.body_bytes(body)
        try:
            async with request.build_streamed() as response:
                return await _read(response)
        except PyreqwestError as error:
            raise _failure(error) from error

    async def close(self) -> None:
        await self._client.close()

    def _signed(
        self, offer: Offer, method: str, target: str, headers: dict[str, str]
    ) -> dict[str, str]:
        signature = sign(
            method,
            offer.base_path + target,
            headers,
            keyid=offer.key_name,
            algorithm="hmac-sha256",
            signer=hmac_signer(self._secret(offer.key_name)),
        )
        return headers | signature

    def _secret(self, system: str) -> bytes:
        if system not in self._secrets:
            try:
                self._secrets[system] = provider_key(self._keys, system)
            except OSError as error:
                message = "the exchange and the provider share no key"
                raise faults.service_failed("no_key", message) from error
        return self._secrets[system]


def build_client() -> Client:
    """Redirects are never followed, proxies never asked, bodies never unpacked."""
    return (
        ClientBuilder()
        .follow_redirects(False)
        .no_proxy()
        .gzip(False)
        .brotli(False)
        .deflate(False)
        .zstd(False)
        .referer(False)
        .http1_lower_case_headers()
        .connect_timeout(timedelta(seconds=CONNECT_SECONDS))
        .pool_idle_timeout(timedelta(seconds=IDLE_SECONDS))
        .build()
    )


def forwarded_headers(headers: Mapping[str, str], request_id: str, body: bytes) -> dict[str, str]:
    kept = {name: headers[name] for name in FORWARDED if name in headers}
    kept.setdefault("accept", "application/json")
    kept["x-road-request-id"] = request_id
    kept["content-digest"] = content_digest(body)
    return kept


async def _read(response: Response) -> Reply:
    headers = response.headers
    if 300 <= response.status < 400:
        raise faults.service_failed("redirect", "the provider answered with a redirect")
    if headers.get("content-encoding", "identity") != "identity":
        raise faults.service_failed("encoding", "the provider compressed its answer unasked")
    body = await _read_body(response, int(headers.get("content-length", "0")))
    declared = headers.get("content-digest")
    if declared and declared.startswith("sha-256=") and declared != content_digest(body):
        raise faults.service_failed("digest", "the provider's answer differs from its digest")
    return Reply(
        response.status, headers.get("content-type", ""), headers.get("retry-after", ""), body
    )


async def _read_body(response: Response, declared: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while declared <= MAX_ANSWER and size <= MAX_ANSWER:
        chunk = await response.body_reader.read_chunk()
        if chunk is None:
            return b"".join(parts)
        parts.append(bytes(chunk))
        size += len(chunk)
    raise faults.service_failed("answer_too_large", "the provider's answer is too large")


def _failure(error: PyreqwestError) -> faults.Fault:
    if isinstance(error, RequestTimeoutError):
        return faults.service_failed("timeout", "the provider did not answer in time")
    if isinstance(error, NetworkError):
        return faults.service_failed("network_error", "the provider cannot be reached")
    return faults.service_failed("invalid_http", "the provider's answer breaks HTTP")
