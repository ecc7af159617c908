"""A service of level 3: the request is signed before it counts, and nobody can deny it (SSO-13)."""

import base64
import hashlib
import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import SERVICES
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from django.test import Client
from people import CLERK, FATHER, MOTHER, STRANGER
from playing_exchange import PlayingExchange
from working import work_off

from panjereh.agency.cases.signatures import Shown, signature_shown
from panjereh.agency.engine import spiff
from panjereh.agency.models import Agency, Case, CaseSignature, Draft, ServiceVersion, StaffMember
from panjereh.agency.packages import load
from panjereh.sandbox.authority.hierarchy import folder_of, make_authority
from panjereh.sandbox.authority.persons import Holder, issue
from panjereh.sdk.signin import Person
from panjereh.sdk.signin.failures import SignInFailed
from panjereh.sdk.signin.person import acr_of
from panjereh.sdk.signin.redeeming import Redeemed
from panjereh.sdk.signin.signing import ToSign, keep_signature

SERVICE = "civil-registration.letter-abroad"
APPLY = f"/fa/services/{SERVICE}/apply/"

pytestmark = pytest.mark.django_db


class SignOn:
    """The sign-on as far as a site pushes to it: a real server that keeps what was pushed."""

    def __init__(self) -> None:
        self.pushed: list[dict[str, str]] = []
        self.public = ""

    def answer(self, path: str, body: str) -> tuple[int, dict[str, Any]]:
        if path.endswith("openid-configuration"):
            paths = {
                "authorization_endpoint": "authorize",
                "pushed_authorization_request_endpoint": "par",
            }
            return 200, {"issuer": self.public} | {
                name: f"{self.public}/oauth2/{end}" for name, end in paths.items()
            }
        self.pushed.append({name: v[0] for name, v in parse_qs(body).items()})
        return 201, {"request_uri": "urn:ietf:params:oauth:request_uri:x", "expires_in": 90}


@pytest.fixture
def sign_on(settings: Any, tmp_path: Path) -> Iterator[SignOn]:
    side = SignOn()

    class Door(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Quiet."""

        def _reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            status, told = side.answer(self.path, body)
            raw = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = _reply  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    side.public = f"http://127.0.0.1:{server.server_port}"
    secret = tmp_path / "client.secret"
    secret.write_text("s" * 40)
    settings.SIGNIN = {
        "issuer": side.public,
        "client_id": "civil-registration-window",
        "client_secret_file": str(secret),
    }
    yield side
    server.shutdown()
    server.server_close()


@pytest.fixture
def applicant() -> Person:
    return Person(**{**vars(MOTHER), "acr": acr_of(3)})


@pytest.fixture
def browser(
    agency: Agency,
    exchange: PlayingExchange,
    sign_on: SignOn,
    applicant: Person,
    browser_of: Callable[..., Client],
) -> Client:
    package = load.from_folder(SERVICES / "civil-registration" / "letter-abroad")
    ServiceVersion.objects.create(
        agency=agency,
        service_id=package.service_id,
        version=package.version,
        sha256=package.sha256,
        files=dict(package.files),
        engine_version=spiff.VERSION,
        published_by="test",
    )
    make_authority(exchange.home)
    return browser_of(applicant)


def fill_in(browser: Client) -> None:
    browser.get(APPLY, follow=True)
    assert browser.post(f"{APPLY}use/", {"recipient": "سفارت", "use": "embassy"}).status_code == 302
    assert browser.post(f"{APPLY}person/").status_code == 302


def asked_to_sign(browser: Client, sign_on: SignOn) -> ToSign:
    fill_in(browser)
    sent = browser.post(f"{APPLY}review/")
    assert sent.status_code == 303
    assert "request_uri" in parse_qs(urlsplit(sent["Location"]).query)
    [detail] = json.loads(sign_on.pushed[-1]["authorization_details"])
    return ToSign(detail["text"], detail["sha256"])


def signed_by(who: Person, wanted: ToSign, sign_on: SignOn, home: Path) -> dict[str, Any]:
    """What the sign-on hands over when this person has signed this."""
    key = generate_private_key(SECP256R1())
    holder = Holder(who.national_id, who.given_name, who.family_name)
    certificate = issue(folder_of(home), holder, key.public_key())
    challenge = json.dumps(
        {
            "issuer": sign_on.public,
            "site": {"client_id": "civil-registration-window"},
            "text": wanted.text,
            "sha256": wanted.sha256,
            "random": "r",
        }
    ).encode()
    builder = pkcs7.PKCS7SignatureBuilder().set_data(challenge)
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    container = builder.add_signer(certificate, key, hashes.SHA256()).sign(Encoding.DER, options)
    return {
        "challenge": _text(challenge),
        "container": _text(container),
        "certificates": [_text(certificate.public_bytes(Encoding.DER))],
        "signed_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def hand_over(who: Person, wanted: ToSign, signed: dict[str, Any]) -> None:
    detail = {"type": "signature", "text": wanted.text, "sha256": wanted.sha256, "signed": signed}
    redeemed = Redeemed({"authorization_details": [detail]}, {"sub": who.sub})
    keep_signature(who, redeemed, wanted.fingerprint)


def submitted(
    browser: Client, applicant: Person, sign_on: SignOn, exchange: PlayingExchange
) -> Case:
    wanted = asked_to_sign(browser, sign_on)
    hand_over(applicant, wanted, signed_by(applicant, wanted, sign_on, exchange.home))
    response = browser.get(f"{APPLY}signed/")
    return Case.objects.get(tracking_id=response["Location"].rstrip("/").rpartition("/")[2])


@pytest.mark.req("SSO-13", "SSO-12")
def test_a_request_of_level_3_is_signed_and_the_case_shows_both_signatures(
    browser: Client, applicant: Person, sign_on: SignOn, exchange: PlayingExchange
) -> None:
    case = submitted(browser, applicant, sign_on, exchange)
    work_off()
    shown = shown_of(case)
    assert shown.right
    assert shown.name == f"{applicant.given_name} {applicant.family_name}"
    page = browser.get(f"/fa/requests/{case.tracking_id}/").content.decode()
    assert "امضا درست است" in page
    assert "مهر الکترونیکی دستگاه" in page
    assert not Draft.objects.filter(case=None).exists()


def shown_of(case: Case) -> Shown:
    shown = signature_shown(case)
    assert shown is not None
    return shown


def test_before_the_signature_nothing_was_sent(
    browser: Client, sign_on: SignOn, exchange: PlayingExchange
) -> None:
    asked_to_sign(browser, sign_on)
    assert not Case.objects.exists()
    assert browser.get(f"{APPLY}signed/")["Location"] == f"{APPLY}review/"
    assert not exchange.calls_of("tracking/issue")
    assert "امضا و فرستادن" in browser.get(f"{APPLY}review/").content.decode()


def test_the_signature_of_an_earlier_wording_does_not_send_a_changed_request(
    browser: Client, applicant: Person, sign_on: SignOn, exchange: PlayingExchange
) -> None:
    wanted = asked_to_sign(browser, sign_on)
    hand_over(applicant, wanted, signed_by(applicant, wanted, sign_on, exchange.home))
    browser.post(f"{APPLY}use/", {"recipient": "دیگری", "use": "embassy"})
    browser.post(f"{APPLY}person/")
    assert browser.get(f"{APPLY}signed/")["Location"] == f"{APPLY}review/"
    assert not Case.objects.exists()


def test_a_signature_of_somebody_else_or_of_something_else_is_not_kept(
    browser: Client, applicant: Person, sign_on: SignOn, exchange: PlayingExchange
) -> None:
    wanted = asked_to_sign(browser, sign_on)
    home = exchange.home
    good = signed_by(applicant, wanted, sign_on, home)
    other = ToSign({"fa": "دیگر"}, wanted.sha256)
    mine = json.loads(base64.b64decode(good["challenge"]))
    forged = [
        signed_by(FATHER, wanted, sign_on, home),
        signed_by(applicant, other, sign_on, home),
        good | {"challenge": _text(json.dumps(mine | {"random": "q"}).encode())},
        good | {"container": _text(b"\x30\x00")},
        signed_by(applicant, wanted, sign_on, home) | {"signed_at": "1999-01-01T00:00:00+00:00"},
        {},
    ]
    for signed in forged:
        with pytest.raises(SignInFailed):
            hand_over(applicant, wanted, signed)
    with pytest.raises(SignInFailed):
        hand_over(Person(**{**vars(applicant), "sub": "x"}), wanted, good | {"container": "!"})
    redeemed = Redeemed({"authorization_details": []}, {"sub": applicant.sub})
    with pytest.raises(SignInFailed):
        keep_signature(applicant, Redeemed({}, redeemed.claims), wanted.fingerprint)
    assert browser.get(f"{APPLY}signed/")["Location"] == f"{APPLY}review/"


def test_a_certificate_of_an_unknown_authority_is_not_believed(
    browser: Client,
    applicant: Person,
    sign_on: SignOn,
    exchange: PlayingExchange,
    tmp_path: Path,
) -> None:
    wanted = asked_to_sign(browser, sign_on)
    make_authority(tmp_path)
    with pytest.raises(SignInFailed):
        hand_over(applicant, wanted, signed_by(applicant, wanted, sign_on, tmp_path))


@pytest.mark.req("SSO-13")
def test_what_is_changed_in_the_case_later_shows(
    browser: Client, applicant: Person, sign_on: SignOn, exchange: PlayingExchange
) -> None:
    """By whoever can write into the agency's database."""
    case = submitted(browser, applicant, sign_on, exchange)
    kept = CaseSignature.objects.get()
    answers = kept.document | {"answers": {"recipient": "بانک", "use": "bank"}}
    for changed in (
        {"document": answers},
        {"text": {"fa": "چیز دیگری"}},
        {"sha256": hashlib.sha256(b"x").hexdigest()},
        {"signed": kept.signed | {"container": _text(b"\x30\x00")}},
    ):
        CaseSignature.objects.filter(pk=kept.pk).update(**changed)
        assert not shown_of(case).right
        page = browser.get(f"/fa/requests/{case.tracking_id}/").content.decode()
        assert "جور در نمی‌آید" in page
        kept.save()
        assert shown_of(case).right


@pytest.mark.req("SSO-13")
def test_an_outsider_checks_it_with_openssl(
    browser: Client,
    applicant: Person,
    sign_on: SignOn,
    exchange: PlayingExchange,
    tmp_path: Path,
) -> None:
    case = submitted(browser, applicant, sign_on, exchange)
    for name in ("signed.json", "signature.p7s", "request.json"):
        file = browser.get(f"/fa/requests/{case.tracking_id}/signature/{name}/")
        (tmp_path / name).write_bytes(file.content)
    signed = json.loads((tmp_path / "signed.json").read_bytes())
    digest = hashlib.sha256((tmp_path / "request.json").read_bytes()).hexdigest()
    assert signed["sha256"] == digest
    folder = folder_of(exchange.home)
    (tmp_path / "known.pem").write_bytes(
        (folder / "roots/sandbox.crt").read_bytes() + (folder / "chain/sandbox.crt").read_bytes()
    )
    command = (
        "openssl cms -verify -binary -inform DER -in signature.p7s -content signed.json"
        " -CAfile known.pem -purpose any -out verified.json"
    )
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "signed.json").write_text("{}")
    done = subprocess.run(command.split(), cwd=tmp_path, check=False, capture_output=True)
    assert done.returncode != 0


def test_the_files_are_the_persons_own(
    browser: Client,
    applicant: Person,
    sign_on: SignOn,
    exchange: PlayingExchange,
    browser_of: Callable[..., Client],
) -> None:
    case = submitted(browser, applicant, sign_on, exchange)
    address = f"/fa/requests/{case.tracking_id}/signature/signed.json/"
    assert browser_of(STRANGER).get(address).status_code == 404
    assert Client(headers=browser.headers).get(address).status_code in (302, 400)
    assert browser.get(address.replace("signed.json", "key.pem")).status_code == 404


def test_staff_see_whether_the_signature_is_right(
    browser: Client,
    applicant: Person,
    sign_on: SignOn,
    exchange: PlayingExchange,
    clerk: StaffMember,
    browser_of: Callable[..., Client],
) -> None:
    case = submitted(browser, applicant, sign_on, exchange)
    page = browser_of(CLERK).get(f"/fa/staff/{case.tracking_id}/").content.decode()
    assert "امضا درست است" in page
