"""Call a service over the exchange: the one technical connection a floor or an agency needs.

    call(CIVIL, "person", {"national_id": ...}, case=tracking_id) -> dict

A system is named by its subsystem code; the directory file of the installation tells its full
X-Road id. Personal data go into the body, never into the path or the query.
"""

import json
import random
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from nacl.signing import SigningKey
from pyreqwest.client import SyncClient, SyncClientBuilder
from pyreqwest.exceptions import RequestError

from panjereh.common.http_signatures import content_digest, ed25519_signer, sign
from panjereh.common.tracing import traceparent

TIMEOUT_SECONDS = 3.0
CONNECT_SECONDS = 1.0  # a gateway that does not take the connection by then is left for another
RETRIES = 2

# Errors of the exchange that the same call may not meet again a moment later.
_PASSING = (
    ".service_failed",
    ".logging_failed",
    ".policy_unavailable",
    ".quota_exceeded",
    ".overloaded",
    ".not_ready",
    ".messages_unavailable",
)
# Of these, the ones that another gateway may not have.
_GATEWAYS_OWN = (".logging_failed", ".policy_unavailable", ".overloaded", ".not_ready")


class ExchangeError(Exception):
    """A call did not succeed. `cause` says whose fault it was, `code` what happened."""

    def __init__(
        self, code: str, *, status: int, cause: str, detail: str = "", request_id: str = ""
    ) -> None:
        super().__init__(f"{code} status={status} cause={cause} request={request_id}")
        self.code, self.status, self.cause = code, status, cause
        self.detail, self.request_id = detail, request_id


@dataclass(frozen=True)
class CallMade:
    """What a caller may note of a call for its own records; nothing of its content."""

    system: str
    service: str
    status: int
    request_id: str


_noted: ContextVar[list[CallMade] | None] = ContextVar("noted", default=None)


@contextmanager
def calls_noted() -> Iterator[list[CallMade]]:
    """Inside it, every answered call of this context (and of its `gather`) is noted."""
    calls: list[CallMade] = []
    token = _noted.set(calls)
    try:
        yield calls
    finally:
        _noted.reset(token)


class Refused(ExchangeError):
    """The exchange or the provider will not answer this consumer; asking again is no use."""


class Unavailable(ExchangeError):
    """Nobody answered in time; the same call may succeed later."""


class Rejected(ExchangeError):
    """The service says the request itself is wrong, by a code of its own (person-unknown)."""


def call(
    system: str,
    service: str,
    body: dict[str, Any],
    *,
    case: str = "",
    user: str = "",
    idempotency_key: str = "",
    timeout: float = TIMEOUT_SECONDS,
) -> dict[str, Any]:
    """POST `body` to a service and return its JSON answer.

    `case` is the tracking id the call serves, `user` the national id of who acts (sent as
    X-Road-UserId). With an `idempotency_key`, or for inquiries, a lost answer is asked again.
    Raises `Refused`, `Unavailable` or `Rejected`.
    """
    deadline = time.monotonic() + timeout
    for attempt in range(RETRIES + 1):
        try:
            return _call_once(system, service, body, case, user, idempotency_key, deadline)
        except Unavailable:
            pause = 0.05 * 2**attempt * (1 + random.random())  # noqa: S311 - jitter, not a secret
            if attempt == RETRIES or time.monotonic() + pause >= deadline:
                raise
            time.sleep(pause)
    raise AssertionError("unreachable")


def gather(*calls: Any, timeout: float = TIMEOUT_SECONDS) -> list[Any]:
    """Run several calls at once; each result is an answer or the `ExchangeError` it ended in."""
    with ThreadPoolExecutor(max(len(calls), 1)) as pool:
        return [_outcome(f) for f in [pool.submit(copy_context().run, c) for c in calls]]


def _outcome(future: Any) -> Any:
    try:
        return future.result()
    except ExchangeError as error:
        return error


def _call_once(
    system: str, service: str, body: dict[str, Any], case: str, user: str, key: str, deadline: float
) -> dict[str, Any]:
    path = f"/r1/{provider_id(system)}/{service}"
    ids = {"x-road-issue": case, "idempotency-key": key, "x-road-userid": user and f"IR{user}"}
    told = send_signed(path, body, deadline, ids)
    if (noted := _noted.get()) is not None:
        request_id = told.headers.get("x-road-request-id", "")
        noted.append(CallMade(system, service, told.status, request_id))
    return told.good_answer()


@dataclass(frozen=True)
class Told:
    """What the exchange told: an answer or a refusal."""

    status: int
    headers: dict[str, str]
    answer: dict[str, Any]

    def good_answer(self) -> dict[str, Any]:
        """Raises `Refused`, `Unavailable` or `Rejected` when it is none."""
        if self.status >= 300:
            raise _error(self.status, self.headers, self.answer)
        return self.answer


def send_signed(path: str, body: dict[str, Any], deadline: float, ids: dict[str, str]) -> Told:
    """POST one message as this system. `ids` are headers that name what it is about; empty ones
    are left out. Raises `Unavailable` when nothing came back."""
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise Unavailable("timeout", status=504, cause="gateway")
    payload = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    gateway = _gateway()
    headers = _headers(gateway + path, payload, ids)
    try:
        response = (
            _client()
            .post(gateway + path)
            .headers(headers)
            .body_bytes(payload)
            .timeout(timedelta(seconds=remaining))
            .build()
            .send()
        )
        raw = bytes(response.bytes())
    except RequestError as error:
        _leave(gateway)
        raise Unavailable("exchange-unreachable", status=503, cause="gateway") from error
    told = Told(response.status, dict(response.headers), _json(raw))
    if any(part in told.headers.get("x-road-error", "") for part in _GATEWAYS_OWN):
        _leave(gateway)
    return told


def gateways() -> list[str]:
    return str(settings.EXCHANGE_URL).split(",")


_turn = 0  # of the gateways, whose it is to be asked; it stays with one until that one fails


def _gateway() -> str:
    urls = gateways()
    return urls[_turn % len(urls)]


def _leave(gateway: str) -> None:
    """Ask the next one from now on, unless another thread has left this one already."""
    global _turn  # noqa: PLW0603 - one for the process: all threads meet the same dead gateway
    if _gateway() == gateway:
        _turn += 1


def _headers(url: str, payload: bytes, ids: dict[str, str]) -> dict[str, str]:
    """On a channel of mutual TLS its certificate tells who calls; else the message is signed, for
    that one gateway: no other accepts it, should somebody send it again."""
    client_id, signing_key = _identity()
    headers = {
        "x-road-client": client_id,
        "x-road-id": str(uuid.uuid4()),
        "content-type": "application/json",
        "content-digest": content_digest(payload),
        **{name: value for name, value in ids.items() if value},
    }
    if trace := traceparent():
        headers["traceparent"] = trace
    if signing_key is None:
        return headers
    receiver = urlsplit(url)
    signed = sign(
        "POST",
        receiver.path,
        headers,
        keyid=client_id,
        algorithm="ed25519",
        signer=ed25519_signer(signing_key),
        authority=receiver.netloc,
    )
    return headers | signed


def _error(status: int, headers: dict[str, str], answer: dict[str, Any]) -> ExchangeError:
    """X-Road-Error tells an error of the exchange from one of the service."""
    from_exchange = headers.get("x-road-error", "")
    code = from_exchange or str(answer.get("code", "service-error"))
    kind: type[ExchangeError] = Rejected
    if from_exchange:
        kind = Unavailable if any(part in code for part in _PASSING) else Refused
    elif status >= 500 or status == 429:
        kind = Unavailable
    return kind(
        code,
        status=status,
        cause=str(answer.get("cause", "gateway" if from_exchange else "provider")),
        # X-Road's `detail` is an id for the log; what happened is in its `message`.
        detail=str(answer.get("message") or answer.get("detail", "")),
        request_id=headers.get("x-road-request-id", ""),
    )


def _json(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def provider_id(system: str) -> str:
    """`IR-TEST/GOV/14003778990/civil-registry` for the code `civil-registry`."""
    return _directory()[system]


@lru_cache
def _directory() -> dict[str, str]:
    loaded: dict[str, str] = json.loads(Path(settings.EXCHANGE_DIRECTORY).read_text())
    return loaded


def _on_channel() -> bool:
    return str(settings.EXCHANGE_URL).startswith("https:")


def _key_file(suffix: str) -> Path:
    """Of the system that this floor is on the exchange."""
    return Path(settings.KEYS) / "systems" / f"{settings.EXCHANGE_SYSTEM}.{suffix}"


@lru_cache
def _identity() -> tuple[str, SigningKey | None]:
    """Who this floor is on the exchange, and its key where messages are signed (32 raw bytes in
    hex)."""
    client_id = provider_id(settings.EXCHANGE_SYSTEM)
    if _on_channel():
        return client_id, None
    return client_id, SigningKey(bytes.fromhex(_key_file("ed25519").read_text().strip()))


@lru_cache
def _client() -> SyncClient:
    # The gateway closes a quiet connection after 75 seconds; give it up before it does.
    builder = SyncClientBuilder().pool_idle_timeout(timedelta(seconds=60))
    builder = builder.connect_timeout(timedelta(seconds=CONNECT_SECONDS))
    if not _on_channel():
        return builder.build()
    identity = _key_file("key").read_bytes() + _key_file("crt").read_bytes()
    believed = (Path(settings.KEYS) / "tls" / "roots.crt").read_bytes()
    return builder.identity_pem(identity).add_root_certificate_pem(believed).build()
