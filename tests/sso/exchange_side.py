"""The exchange as the sign-on meets it: a real server on a real port, told what to answer.

It verifies the caller's signature like the gateway does, and speaks its errors.
"""

import base64
import io
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from nacl.signing import VerifyKey
from PIL import Image

from panjereh.common.http_signatures import content_digest, ed25519_verifier, parse
from panjereh.registries.civil.matching import MATCHES, UNDECIDED, Subject
from panjereh.sandbox.faces.matcher import SandboxMatcher

SEX = "female"  # of everybody here, for the portraits


CARDS = {
    "10001": {"fa": "گواهی تولد", "en": "Birth certificate"},
    "10002": {"fa": "کارت ملی", "en": "National card"},
}


@dataclass
class Citizen:
    national_id: str
    birth_date: str
    mobile: str
    given_name: str = "مریم"
    family_name: str = "کریمی"
    father_name: str = "حسن"
    vital_status: str = "alive"


@dataclass
class Foreigner:
    fida_code: str
    birth_date: str
    mobile: str
    given_name: str = "نجیب‌الله"
    family_name: str = "نورزی"
    father_name: str = "میرویس"
    latin_given_name: str = "Najibullah"
    latin_family_name: str = "Noorzai"
    nationality: str = "AFG"
    permit_until: str = "2999-01-01"
    vital_status: str = "alive"


@dataclass
class Company:
    legal_id: str
    chief_executive_national_id: str
    name: str = "بازرگانی نمونه"
    kind: str = "سهامی خاص"
    status: str = "active"
    signatories: list[str] = field(default_factory=list)
    signing_rule: str = "all"


@dataclass
class Sms:
    mobile: str
    text: str
    lane: str
    expires_in: int

    @property
    def code(self) -> str:
        return self.text.rpartition("#")[2]


@dataclass
class ExchangeSide:
    """`away` holds systems that do not answer; `slow` seconds are added to every SMS."""

    key: VerifyKey
    citizens: dict[str, Citizen] = field(default_factory=dict)
    foreigners: dict[str, Foreigner] = field(default_factory=dict)
    companies: dict[str, Company] = field(default_factory=dict)
    wards: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    messages: list[Sms] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    second_numbers: set[tuple[str, str]] = field(default_factory=set)
    photos: list[Image.Image] = field(default_factory=list)
    tried_out: set[str] = field(default_factory=set)
    slow: float = 0.0
    port: int = 0
    others: dict[tuple[str, str], Any] = field(default_factory=dict)

    def reset(self) -> None:
        for kept in (self.citizens, self.foreigners, self.companies, self.wards):
            kept.clear()
        self.messages.clear()
        self.letters.clear()
        self.calls.clear()
        self.away.clear()
        self.second_numbers.clear()
        self.photos.clear()
        self.tried_out.clear()
        self.others.clear()
        self.slow = 0.0

    def add(self, citizen: Citizen) -> Citizen:
        self.citizens[citizen.national_id] = citizen
        return citizen

    def add_foreigner(self, foreigner: Foreigner) -> Foreigner:
        self.foreigners[foreigner.fida_code] = foreigner
        return foreigner

    def add_company(self, company: Company) -> Company:
        self.companies[company.legal_id] = company
        return company

    def let_act(self, guardian: str, child: str, ground: str = "father") -> None:
        """The civil registry says that this person acts for that child."""
        self.wards.setdefault(guardian, []).append((child, ground))

    def count_to(self, mobile: str) -> int:
        return sum(sms.mobile == mobile for sms in self.messages)

    def wait_for_sms(self, mobile: str, *, after: int = 0) -> Sms:
        """The newest message to this number; `after` messages are known already."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            found = [sms for sms in self.messages if sms.mobile == mobile]
            if len(found) > after:
                return found[-1]
            time.sleep(0.01)
        raise AssertionError("no message arrived")

    def answer(self, system: str, service: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.calls.append((system, service))
        if system in self.away:
            return 503, {"error": "server.serverproxy.service_failed"}
        return (self._services() | self.others)[system, service](body)

    def _services(self) -> dict[tuple[str, str], Callable[[Any], tuple[int, dict[str, Any]]]]:
        return {
            ("civil-registry", "person"): self._person,
            ("civil-registry", "wards"): self._wards,
            ("civil-registry", "face-match"): self._face_match,
            ("foreigners-registry", "person"): self._foreigner,
            ("legal-persons-registry", "company"): self._company,
            ("shahkar", "ownership"): self._ownership,
            ("messaging", "send-sms"): self._send_sms,
            ("messaging", "deposit-letter"): self._deposit_letter,
            ("catalogue", "card"): self._card,
        }

    def _person(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        found = self.citizens.get(body["national_id"])
        if found is None:
            return 404, {"code": "person-unknown"}
        if body.get("birth_date") not in (None, found.birth_date):
            return 409, {"code": "birth-date-differs"}
        return 200, _without_mobile(found)

    def _face_match(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """By the sandbox's own matcher, on the picture as it travels."""
        if body["national_id"] in self.tried_out:
            return 429, {"code": "too-many-tries"}
        photo = Image.open(io.BytesIO(base64.b64decode(body["photo"], validate=True)))
        self.photos.append(photo)
        finding = SandboxMatcher().compare(Subject(body["national_id"], SEX), photo).finding
        problem = finding if finding in UNDECIDED else ""
        return 200, {"matched": finding in MATCHES, "problem": problem, "reference": "r"}

    def _wards(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        told = [
            {"ground": ground, "child": _without_mobile(self.citizens[child])}
            for child, ground in self.wards.get(body["national_id"], [])
        ]
        return 200, {"wards": told}

    def _foreigner(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        found = self.foreigners.get(body["fida_code"])
        if found is None:
            return 404, {"code": "person-unknown"}
        if body.get("birth_date") not in (None, found.birth_date):
            return 409, {"code": "birth-date-differs"}
        return 200, _without_mobile(found)

    def _company(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        found = self.companies.get(body["legal_id"])
        return (200, vars(found)) if found else (404, {"code": "company-unknown"})

    def _ownership(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        found: Citizen | Foreigner | None = None
        if "fida_code" in body:
            found = self.foreigners.get(body["fida_code"])
        else:
            found = self.citizens.get(body["national_id"])
        more = (body.get("national_id", ""), body["mobile"]) in self.second_numbers
        return 200, {"match": more or (found is not None and found.mobile == body["mobile"])}

    def _send_sms(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        time.sleep(self.slow)
        self.messages.append(Sms(body["mobile"], body["text"], body["lane"], body["expires_in"]))
        return 200, {"message_id": f"m{len(self.messages)}"}

    def _deposit_letter(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.letters.append(body)
        return 201, {"letter_id": f"l{len(self.letters)}"}

    def _card(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        title = CARDS.get(body["service_id"])
        return (200, {"card": {"title": title}}) if title else (404, {"code": "card-unknown"})


def _without_mobile(person: Citizen | Foreigner) -> dict[str, Any]:
    return {name: value for name, value in vars(person).items() if name != "mobile"}


def serve(side: ExchangeSide) -> ThreadingHTTPServer:
    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            parse("POST", self.path, headers).check(ed25519_verifier(side.key))
            assert headers["content-digest"] == content_digest(body)
            *_, system, service = self.path.split("/")
            status, answer = side.answer(system, service, json.loads(body))
            self._reply(status, answer)

        def _reply(self, status: int, answer: dict[str, Any]) -> None:
            raw = json.dumps(answer).encode()
            self.send_response(status)
            if "error" in answer:
                self.send_header("X-Road-Error", answer["error"])
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    side.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
