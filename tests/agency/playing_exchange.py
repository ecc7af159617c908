"""A small nation behind a real server that speaks r1, and can be told to fail.

It checks what the gateway checks of the form of a call, keeps what deeds have done under their
idempotency keys, and remembers every call.
"""

import json
import threading
import time
import uuid
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey

from panjereh.common.http_signatures import content_digest, ed25519_verifier, parse

CLIENT = "IR-TEST/GOV/14003778990/civil-registration-window"
SYSTEMS = (
    "civil-registry", "health-registry", "postal-registry", "residence-registry", "tracking",
    "messaging", "documents", "catalogue",
)  # fmt: skip
NETWORK_ERROR = "server.serverproxy.service_failed.network_error"


class Rejected(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PlayingExchange:
    def __init__(self, home: Path) -> None:
        self.home, self.key = home, SigningKey.generate()
        self._write_identity(home)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._endpoint())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.forget()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def forget(self) -> None:
        self.lock = threading.Lock()
        self.down: set[str] = set()
        self.slow: dict[str, float] = {}
        self.rejecting: dict[str, str] = {}
        self.refusing: set[str] = set()
        self.calls: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.kept: dict[str, dict[str, Any]] = {}  # idempotency key -> answer
        self.people: dict[str, dict[str, Any]] = {}
        self.identity_cards: dict[str, str] = {}  # national id -> serial of the present card
        self.notices: list[dict[str, Any]] = []
        self.addresses: dict[str, str] = {}
        self.residences: dict[str, str] = {}
        self.reports: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.sms: list[dict[str, Any]] = []
        self.letters: list[dict[str, Any]] = []
        self.births: list[dict[str, Any]] = []
        self.documents: list[dict[str, Any]] = []
        self.cards: list[dict[str, Any]] = []
        self.templates: list[dict[str, Any]] = []

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def calls_of(self, service: str) -> list[tuple[dict[str, Any], dict[str, str]]]:
        return [(body, headers) for name, body, headers in self.calls if name == service]

    def _write_identity(self, home: Path) -> None:
        folder = home / "keys" / "systems"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "civil-registration-window.ed25519").write_text(bytes(self.key).hex())
        directory = {system: f"IR-TEST/GOV/14000000000/{system}" for system in SYSTEMS}
        directory["civil-registration-window"] = CLIENT
        (home / "directory.json").write_text(json.dumps(directory))

    def _endpoint(self) -> type[BaseHTTPRequestHandler]:
        exchange = self

        class Endpoint(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

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
        request_id = {"x-road-request-id": str(uuid.uuid4())}
        with self.lock:
            self.calls.append((name, body, headers))
        time.sleep(self.slow.get(name, 0))
        if name.partition("/")[0] in self.down or name in self.down:
            return 502, {"x-road-error": NETWORK_ERROR, **request_id}, {"type": NETWORK_ERROR}
        if name in self.refusing:
            denied = "server.serverproxy.access_denied"
            return 403, {"x-road-error": denied, **request_id}, {"type": denied}
        try:
            with self.lock:
                return 200, request_id, self._answer(name, body, headers)
        except Rejected as error:
            return 422, request_id, {"code": error.code, "status": 422, "cause": "consumer"}

    def _answer(self, name: str, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        if name in self.rejecting:
            raise Rejected(self.rejecting[name])
        key = headers.get("idempotency-key", "")
        if key and key in self.kept:
            return self.kept[key]
        answer: dict[str, Any] = getattr(self, "_" + name.replace("/", "_").replace("-", "_"))(body)
        if key:
            self.kept[key] = answer
        return answer

    def _civil_registry_person(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["national_id"] not in self.people:
            raise Rejected("person-unknown")
        return self.people[body["national_id"]]

    def _civil_registry_authenticate(self, body: dict[str, Any]) -> dict[str, Any]:
        right = self.identity_cards.get(body["national_id"]) == body["card_serial"]
        return {
            "authenticated": right,
            "reference": str(uuid.uuid4()),
            "method": "card-serial",
        }

    def _messaging_deposit_letter(self, body: dict[str, Any]) -> dict[str, Any]:
        self.letters.append(body)
        return {"letter_id": str(uuid.uuid4())}

    def _civil_registry_register_birth(self, body: dict[str, Any]) -> dict[str, Any]:
        if any(birth["notice_id"] == body["notice_id"] for birth in self.births):
            raise Rejected("notice-entered")
        self.births.append(body)
        child = {
            "national_id": "0000000018",
            "given_name": body["given_name"],
            "family_name": self.people[body["father_national_id"]]["family_name"],
        }
        return {"entry_number": "1405-117-20451", "child": child}

    def _health_registry_birth_notices(self, body: dict[str, Any]) -> dict[str, Any]:
        mother = body["mother_national_id"]
        return {"notices": [n for n in self.notices if n["mother_national_id"] == mother]}

    def _postal_registry_address(self, body: dict[str, Any]) -> dict[str, Any]:
        code = body["postal_code"]
        if code not in self.addresses:
            raise Rejected("postal-code-unknown")
        return {"postal_code": code, "city": "تهران", "description": self.addresses[code]}

    def _residence_registry_residence(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["national_id"] not in self.residences:
            raise Rejected("residence-unknown")
        return {"postal_code": self.residences[body["national_id"]]}

    def _tracking_issue(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"tracking_id": f"1405-{uuid.uuid4().hex[:8].upper()}"}

    def _tracking_report(self, body: dict[str, Any]) -> dict[str, Any]:
        self.reports[body["tracking_id"]].append(body)
        return {}

    def _messaging_send_sms(self, body: dict[str, Any]) -> dict[str, Any]:
        self.sms.append(body)
        return {"message_id": str(uuid.uuid4())}

    def _documents_register_template(self, body: dict[str, Any]) -> dict[str, Any]:
        self.templates.append(body)
        return {}

    def _documents_issue(self, body: dict[str, Any]) -> dict[str, Any]:
        self.documents.append(body)
        return {
            "document_id": str(uuid.uuid4()),
            "human_id": "PN-TEST-0001",
            "verify_url": "http://national.localhost:8106/d/test",
            "sha256": "00",
        }

    def _catalogue_submit_card(self, body: dict[str, Any]) -> dict[str, Any]:
        self.cards.append(body["card"])
        return {"state": "approved"}
