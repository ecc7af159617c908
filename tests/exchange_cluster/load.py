"""Consumers that call without pause, over whichever gateway answers, and keep account of it."""

import http.client
import itertools
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from exchange.world import Caller, GatewayProcess

from panjereh.common.http_signatures import content_digest, ed25519_signer, sign
from panjereh.exchange.models import Service

CONSUMERS = 6
BROKEN = 0  # the status of an attempt whose answer never came


@dataclass(frozen=True)
class Attempt:
    """One message as its consumer saw it end."""

    message: str  # its X-Road-Id
    status: int
    request_id: str
    error: str


@dataclass
class Load:
    caller: Caller
    service: Service
    gateways: Sequence[GatewayProcess]
    attempts: list[Attempt] = field(default_factory=list)

    def __enter__(self) -> "Load":
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._consume, args=(number,)) for number in range(CONSUMERS)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def answered(self) -> int:
        return sum(attempt.status == 200 for attempt in list(self.attempts))

    def wait_for_answers(self, count: int, seconds: float = 30) -> None:
        """So many more: the exchange is in service."""
        wanted, deadline = self.answered() + count, time.monotonic() + seconds
        while self.answered() < wanted:
            assert time.monotonic() < deadline, Counter(a.error for a in self.attempts[-50:])
            time.sleep(0.02)

    def _consume(self, number: int) -> None:
        turns = itertools.cycle(self.gateways)
        for _ in range(number % len(self.gateways) + 1):
            gateway = next(turns)
        wire = _wire(gateway)
        while not self._stop.is_set():
            attempt = self._attempt(wire, gateway)
            self.attempts.append(attempt)
            if attempt.status != 200:  # leave this gateway for the next
                wire.close()
                gateway = next(turns)
                wire = _wire(gateway)
                time.sleep(0.02)
        wire.close()

    def _attempt(self, wire: http.client.HTTPConnection, gateway: GatewayProcess) -> Attempt:
        message = str(uuid.uuid4())
        target = f"/r1/{self.service.x_road_id}"
        body = json.dumps({"message": message}).encode()
        try:
            wire.request("POST", target, body, self._signed(gateway, target, body, message))
            answer = wire.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return Attempt(message, BROKEN, "", "")
        named = {name.lower(): value for name, value in answer.getheaders()}
        error = named.get("x-road-error", "")
        return Attempt(message, answer.status, named.get("x-road-request-id", ""), error)

    def _signed(
        self, gateway: GatewayProcess, target: str, body: bytes, message: str
    ) -> dict[str, str]:
        return signed_for(gateway.port, self.caller, target, body, message)


def signed_for(
    port: int | None, caller: Caller, target: str, body: bytes, message: str
) -> dict[str, str]:
    """Signed for the gateway at that port; for None, for any."""
    headers = {
        "x-road-client": caller.x_road_id,
        "x-road-id": message,
        "content-type": "application/json",
        "content-digest": content_digest(body),
    }
    return headers | sign(
        "POST",
        target,
        headers,
        keyid=caller.x_road_id,
        algorithm="ed25519",
        signer=ed25519_signer(caller.key),
        authority=f"127.0.0.1:{port}" if port else "",
    )


def _wire(gateway: GatewayProcess) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
