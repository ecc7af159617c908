"""An exchange for the window's tests: a real server that speaks r1 and can be told to fail.

It checks what the gateway checks of the form of a call (signature, digest, client) and answers
what the test said.
"""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey

from panjereh.common.http_signatures import content_digest, ed25519_verifier, parse

CLIENT = "IR-TEST/GOV/14002626999/national-window"
SYSTEMS = (
    "civil-registry",
    "health-registry",
    "messaging",
    "documents",
    "tracking",
    "catalogue",
    "feedback",
    "exchange-records",
)
Answer = dict[str, Any] | Callable[[dict[str, Any]], dict[str, Any]]


class Exchange:
    def __init__(self, home: Path) -> None:
        self.key = SigningKey.generate()
        self.answers: dict[str, tuple[int, dict[str, str], Answer]] = {}
        self.calls: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._endpoint())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._write_identity(home)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _write_identity(self, home: Path) -> None:
        folder = home / "keys" / "systems"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "national-window.ed25519").write_text(bytes(self.key).hex())
        directory = {system: f"IR-TEST/GOV/14002626999/{system}" for system in SYSTEMS}
        (home / "directory.json").write_text(json.dumps(directory | {"national-window": CLIENT}))

    def answer(self, service: str, body: Answer) -> None:
        """`service` is system/service, e.g. messaging/mailbox."""
        self.answers[service] = (200, {}, body)

    def reject(self, service: str, code: str) -> None:
        self.answers[service] = (422, {}, {"code": code, "status": 422, "cause": "consumer"})

    def fail(self, service: str) -> None:
        """The provider is down: the gateway says so itself."""
        code = "server.serverproxy.service_failed.network_error"
        self.answers[service] = (502, {"X-Road-Error": code}, {"type": code})

    def forget(self) -> None:
        self.answers.clear()
        self.calls.clear()

    def calls_of(self, service: str) -> list[dict[str, Any]]:
        return [body for name, body, _ in self.calls if name == service]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _endpoint(self) -> type[BaseHTTPRequestHandler]:
        exchange = self

        class Endpoint(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                exchange.check(self.path, headers, raw)
                status, extra, answer = exchange.take(self.path, json.loads(raw), headers)
                payload = json.dumps(answer).encode()
                self.send_response(status)
                for name, value in {"content-type": "application/json", **extra}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *_: object) -> None:
                """Calls are looked at by the tests, not in the log."""

        return Endpoint

    def check(self, path: str, headers: dict[str, str], raw: bytes) -> None:
        claim = parse("POST", path, headers)
        claim.check(ed25519_verifier(self.key.verify_key))
        assert headers["x-road-client"] == CLIENT
        assert headers["content-digest"] == content_digest(raw)

    def take(
        self, path: str, body: dict[str, Any], headers: dict[str, str]
    ) -> tuple[int, dict[str, str], dict[str, Any]]:
        name = "/".join(path.split("/")[-2:])
        self.calls.append((name, body, headers))
        if name not in self.answers:
            return 500, {"X-Road-Error": "test.no_answer"}, {"type": f"no answer for {name}"}
        status, extra, answer = self.answers[name]
        return status, extra, answer(body) if callable(answer) else answer
