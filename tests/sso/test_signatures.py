"""Level 3: the challenge, the signature file, the certificate. Each way it can be wrong."""

import base64
import html
import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms as asn1
from conftest import Clock
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import translation
from exchange_side import ExchangeSide
from people import (
    HOST,
    Walk,
    authorize,
    back_at_client,
    citizen,
    claims_of,
    journey_in,
    redeem,
    registered,
    sign_in,
)
from signing import Notary, Signer, open_notary

from panjereh.sso.models import AttainedLevel, Person
from panjereh.sso.signatures import authorities
from panjereh.sso.signatures.models import Certificate, Challenge, Signature
from panjereh.sso.signatures.refusals import TEXTS

LEVEL_3 = "urn:panjereh:level:3"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def notary_open(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notary]:
    notary, server = open_notary(
        tmp_path_factory.mktemp("here"), tmp_path_factory.mktemp("elsewhere")
    )
    yield notary
    server.shutdown()
    server.server_close()


@pytest.fixture
def notary(notary_open: Notary, settings: Any) -> Notary:
    notary_open.reset()
    settings.CERTIFICATE_STATUS_URL = notary_open.url
    settings.SIGNATURE_AUTHORITIES = notary_open.folder
    authorities.forget()
    return notary_open


@pytest.fixture
def at_level_3(inside: Client, exchange: ExchangeSide, notary: Notary) -> Walk:
    """Signed in by SMS, and sent for a signature."""
    return to_sign(inside, exchange)


def to_sign(client: Client, exchange: ExchangeSide, **asked: str) -> Walk:
    sent = authorize(client, **({"acr_values": LEVEL_3} | asked))
    return Walk(client, exchange, journey_in(sent["Location"]))


def challenge_on(walk: Walk) -> bytes:
    response = walk.get("signature/challenge")
    assert response.status_code == 200, response.content.decode()
    return bytes(response.content)


def bring(walk: Walk, signature: bytes, *, to: Walk | None = None) -> Any:
    file = SimpleUploadedFile("challenge.p7s", signature)
    return (to or walk).client.post(walk.at("signature", "en"), {"signature": file}, **HOST)


def refused(response: Any) -> str:
    """The code of the text that the page shows at the field."""
    assert response.status_code == 200, response.status_code
    page = html.unescape(response.content.decode())
    with translation.override("en"):
        found = [code for code, text in TEXTS.items() if str(text) in page]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.req("SSO-10")
def test_a_signed_challenge_leads_to_level_3_and_the_certificate_to_the_account(
    at_level_3: Walk, notary: Notary, person: Person
) -> None:
    signer = notary.certify(person)
    response = bring(at_level_3, signer.cms(challenge_on(at_level_3)))
    assert response["Location"].endswith(f"/continue/{at_level_3.journey}/")
    code = back_at_client(at_level_3.get("continue")).told["code"]
    claims = claims_of(at_level_3.client, redeem(at_level_3.client, code).json()["id_token"])
    assert claims["acr"] == LEVEL_3
    assert claims["amr"] == ["sms", "pop"]
    assert AttainedLevel.objects.get(person=person, level=3).proof == "certificate"
    account = at_level_3.client.get("/en/account/", **HOST).content.decode()
    assert "Sandbox authority for persons" in account


@pytest.mark.req("SSO-13")
def test_level_3_is_signed_anew_for_each_request(
    at_level_3: Walk, notary: Notary, person: Person, exchange: ExchangeSide
) -> None:
    signer = notary.certify(person)
    bring(at_level_3, signer.cms(challenge_on(at_level_3)))
    back_at_client(at_level_3.get("continue"))
    again = authorize(at_level_3.client, acr_values=LEVEL_3)
    assert "/step-up/" in again["Location"]
    silent = back_at_client(authorize(at_level_3.client, acr_values=LEVEL_3, prompt="none"))
    assert silent.told["error"] == "login_required"


def test_the_page_stays_the_same_when_it_is_loaded_again(at_level_3: Walk) -> None:
    assert challenge_on(at_level_3) == challenge_on(at_level_3)
    said = json.loads(challenge_on(at_level_3))
    assert said["site"]["client_id"] == "window"
    assert said["purpose"] == "sign-in"
    assert at_level_3.get("signature").status_code == 200


@pytest.mark.parametrize(
    "options",
    [
        [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary],
        [pkcs7.PKCS7Options.Binary],
    ],
)
def test_the_container_may_hold_the_challenge_or_leave_it_out(
    at_level_3: Walk, notary: Notary, person: Person, options: list[pkcs7.PKCS7Options]
) -> None:
    signed = notary.certify(person).cms(challenge_on(at_level_3), options=options)
    assert bring(at_level_3, signed).status_code == 302


@pytest.mark.parametrize("detached", [False, True])
def test_a_jws_with_its_certificate_is_taken_too(
    at_level_3: Walk, notary: Notary, person: Person, detached: bool
) -> None:
    signed = notary.certify(person).jws(challenge_on(at_level_3), detached=detached)
    assert bring(at_level_3, signed).status_code == 302
    assert Signature.objects.get().form == "JWS"


@pytest.mark.parametrize("kind", ["ec", "rsa"])
@pytest.mark.parametrize("form", ["DER", "PEM"])
def test_plain_openssl_is_enough(
    at_level_3: Walk, notary: Notary, person: Person, kind: str, form: str, tmp_path: Path
) -> None:
    """The command of docs/sign-with-a-certificate.md, by a program that is not ours."""
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa_key(2048)
    signer = notary.certify(person, key)
    (tmp_path / "me.key").write_bytes(signer.pem())
    (tmp_path / "me.crt").write_bytes(signer.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "challenge.json").write_bytes(challenge_on(at_level_3))
    command = "openssl cms -sign -binary -in challenge.json -signer me.crt -inkey me.key"
    subprocess.run(
        [*command.split(), "-outform", form, "-out", "challenge.p7s"], cwd=tmp_path, check=True
    )
    response = bring(at_level_3, (tmp_path / "challenge.p7s").read_bytes())
    assert response.status_code == 302, refused(response)


# The certificate


def test_a_certificate_outside_its_time_is_refused(
    at_level_3: Walk, notary: Notary, person: Person
) -> None:
    now = datetime.now(UTC)
    challenge = challenge_on(at_level_3)
    day = timedelta(days=1)
    old = notary.certify(person, begins=now - 10 * day, ends=now - day)
    assert refused(bring(at_level_3, old.cms(challenge))) == "expired"
    young = notary.certify(person, begins=now + day, ends=now + 10 * day)
    assert refused(bring(at_level_3, young.cms(challenge))) == "not-yet-valid"
    nothing_of_it_stays(person)


def test_a_certificate_of_a_chain_that_we_do_not_know_is_refused(
    at_level_3: Walk, notary: Notary, person: Person
) -> None:
    stranger = notary.certify_elsewhere(person)
    assert refused(bring(at_level_3, stranger.cms(challenge_on(at_level_3)))) == "foreign-chain"
    assert notary.asked == []
    nothing_of_it_stays(person)


def test_somebody_elses_certificate_is_refused(
    at_level_3: Walk, notary: Notary, person: Person
) -> None:
    other = notary.certify(registered(citizen(2)))
    assert refused(bring(at_level_3, other.cms(challenge_on(at_level_3)))) == "somebody-else"
    nothing_of_it_stays(person)


def test_an_authority_cannot_sign_in_as_somebody(
    at_level_3: Walk, notary: Notary, person: Person
) -> None:
    from panjereh.sandbox.authority.hierarchy import PERSONS, load

    pair = load(notary.folder, PERSONS)
    signed = Signer(pair.key, pair.certificate).cms(challenge_on(at_level_3))
    assert refused(bring(at_level_3, signed)) == "not-for-signing"


def test_a_revoked_certificate_is_refused_by_either_way(
    at_level_3: Walk, notary: Notary, person: Person
) -> None:
    signer = notary.certify(person)
    notary.revoke(signer)
    signed = signer.cms(challenge_on(at_level_3))
    assert refused(bring(at_level_3, signed)) == "revoked"
    notary.shut.add("ocsp")
    assert refused(bring(at_level_3, signed)) == "revoked"
    nothing_of_it_stays(person)


def test_a_certificate_that_its_authority_never_issued_is_refused(
    at_level_3: Walk, notary: Notary, person: Person
) -> None:
    """Made with a stolen key of the authority, and in none of its books."""
    signer = notary.certify(person)
    from panjereh.sandbox.authority import persons

    persons._entry(notary.folder, "issued", signer.certificate.serial_number).unlink()
    assert refused(bring(at_level_3, signer.cms(challenge_on(at_level_3)))) == "foreign-chain"


@pytest.mark.parametrize("trouble", ["shut", "stale", "forged"])
def test_without_ocsp_the_list_is_asked_and_without_both_nothing_counts(
    at_level_3: Walk, notary: Notary, person: Person, trouble: str
) -> None:
    signed = notary.certify(person).cms(challenge_on(at_level_3))
    getattr(notary, trouble).update({"ocsp", "persons.crl"})
    assert refused(bring(at_level_3, signed)) == "revocation-unknown"
    nothing_of_it_stays(person)
    getattr(notary, trouble).remove("persons.crl")
    assert bring(at_level_3, signed).status_code == 302
    assert Signature.objects.get().standing == "crl"


def test_the_answer_for_another_certificate_does_not_count(
    at_level_3: Walk, notary: Notary, person: Person
) -> None:
    """Recorded when it was good, played to us about one that was revoked."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    from panjereh.sandbox.authority import standing
    from panjereh.sandbox.authority.hierarchy import PERSONS, load

    good, bad = notary.certify(person), notary.certify(person)
    issuer = load(notary.folder, PERSONS).certificate
    asked = x509.ocsp.OCSPRequestBuilder().add_certificate(good.certificate, issuer, SHA256())
    notary.replayed = standing.answer(notary.folder, asked.build().public_bytes(Encoding.DER))
    notary.revoke(bad)
    assert refused(bring(at_level_3, bad.cms(challenge_on(at_level_3)))) == "revoked"
    assert "persons.crl" in notary.asked


def test_an_old_answer_is_no_answer_to_our_question(
    at_level_3: Walk, notary: Notary, person: Person
) -> None:
    """The nonce is of another question: the answer may be of before the revocation."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    from panjereh.sandbox.authority import standing
    from panjereh.sandbox.authority.hierarchy import PERSONS, load

    signer = notary.certify(person)
    issuer = load(notary.folder, PERSONS).certificate
    asked = x509.ocsp.OCSPRequestBuilder().add_certificate(signer.certificate, issuer, SHA256())
    asked = asked.add_extension(x509.OCSPNonce(b"n" * 16), critical=False)
    notary.replayed = standing.answer(notary.folder, asked.build().public_bytes(Encoding.DER))
    notary.revoke(signer)
    assert refused(bring(at_level_3, signer.cms(challenge_on(at_level_3)))) == "revoked"


# The challenge


def test_a_challenge_is_good_for_one_signature(
    at_level_3: Walk, notary: Notary, person: Person, exchange: ExchangeSide
) -> None:
    signed = notary.certify(person).cms(challenge_on(at_level_3))
    assert bring(at_level_3, signed).status_code == 302
    other = to_sign(at_level_3.client, exchange)
    assert refused(bring(other, signed)) == "used"


def test_the_challenge_of_another_journey_does_not_count(
    at_level_3: Walk, notary: Notary, person: Person, exchange: ExchangeSide
) -> None:
    other = to_sign(at_level_3.client, exchange)
    signed = notary.certify(person).cms(challenge_on(other))
    assert refused(bring(at_level_3, signed)) == "other-journey"


def test_the_challenge_of_another_browser_opens_nothing(
    at_level_3: Walk, notary: Notary, person: Person, exchange: ExchangeSide
) -> None:
    """A thief sends the victim a challenge to sign, or takes a signature to his own browser."""
    thief = Client()
    assert thief.get(at_level_3.at("signature"), **HOST).status_code == 410
    assert thief.get(at_level_3.at("signature/challenge"), **HOST).status_code == 410
    stranger = registered(citizen(2))
    sign_in(thief, stranger)
    walk = to_sign(thief, exchange)
    signed = notary.certify(person).cms(challenge_on(walk))
    assert refused(bring(walk, signed)) == "somebody-else"
    mine = notary.certify(stranger).cms(challenge_on(at_level_3))
    assert refused(bring(walk, mine)) == "something-else"


def test_an_old_challenge_does_not_count(
    at_level_3: Walk, notary: Notary, person: Person, clock: Clock
) -> None:
    signed = notary.certify(person).cms(challenge_on(at_level_3))
    Challenge.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert refused(bring(at_level_3, signed)) == "challenge-expired"


@pytest.mark.django_db(transaction=True)
def test_of_many_signatures_at_once_one_counts(
    at_level_3: Walk, notary: Notary, person: Person
) -> None:
    from panjereh.sso.signatures.actions import accept_signature
    from panjereh.sso.signatures.refusals import SignatureRefused

    signed = notary.certify(person).cms(challenge_on(at_level_3))
    challenge = Challenge.objects.get()

    def once(_: int) -> str:
        try:
            accept_signature(challenge, person, signed)
        except SignatureRefused as refused:
            return refused.code
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(once, range(8)))
    assert sorted(outcomes) == [""] + ["used"] * 7
    assert Signature.objects.count() == 1


# The file


def test_an_altered_container_is_refused(at_level_3: Walk, notary: Notary, person: Person) -> None:
    challenge = challenge_on(at_level_3)
    signed = bytearray(notary.certify(person).cms(challenge))
    signed[-10] ^= 1
    assert refused(bring(at_level_3, bytes(signed))) == "altered"
    assert refused(bring(at_level_3, other_signer(notary, person, challenge))) == "altered"
    nothing_of_it_stays(person)


def other_signer(notary: Notary, person: Person, challenge: bytes) -> bytes:
    """The certificate of the person, and a signature by another key."""
    stolen = Signer(ec.generate_private_key(ec.SECP256R1()), notary.certify(person).certificate)
    return stolen.jws(challenge)


def test_what_is_in_the_container_must_be_what_was_signed(
    at_level_3: Walk, notary: Notary, person: Person
) -> None:
    challenge = challenge_on(at_level_3)
    whole = notary.certify(person).cms(challenge, options=[pkcs7.PKCS7Options.Binary])
    told = asn1.ContentInfo.load(whole)
    told["content"]["encap_content_info"]["content"] = b"I owe you everything"
    assert refused(bring(at_level_3, told.dump(force=True))) == "altered"


def test_the_digest_of_another_text_is_refused(
    at_level_3: Walk, notary: Notary, person: Person
) -> None:
    signed = notary.certify(person).cms(challenge_on(at_level_3) + b" ")
    assert refused(bring(at_level_3, signed)) == "something-else"


def test_weak_algorithms_are_refused(
    at_level_3: Walk, notary: Notary, person: Person, tmp_path: Path
) -> None:
    challenge = challenge_on(at_level_3)
    short = notary.certify(person, rsa_key(1024))
    assert refused(bring(at_level_3, short.cms(challenge))) == "weak-algorithm"
    curve = notary.certify(person, ec.generate_private_key(ec.SECP384R1()))
    assert refused(bring(at_level_3, curve.cms(challenge))) == "weak-algorithm"
    signer = notary.certify(person)
    assert refused(bring(at_level_3, by_openssl(signer, challenge, tmp_path, "-md", "sha1"))) == (
        "weak-algorithm"
    )
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=")
    assert refused(bring(at_level_3, head + b"..")) == "weak-algorithm"
    assert refused(bring(at_level_3, confused(signer, challenge))) == "altered"


def confused(signer: Signer, challenge: bytes) -> bytes:
    """RS256 is said of an elliptic key."""
    der = base64.b64encode(signer.certificate.public_bytes(Encoding.DER)).decode()
    head = base64.urlsafe_b64encode(json.dumps({"alg": "RS256", "x5c": [der]}).encode())
    return head.rstrip(b"=") + b"." + base64.urlsafe_b64encode(challenge).rstrip(b"=") + b".AAAA"


def by_openssl(signer: Signer, challenge: bytes, folder: Path, *more: str) -> bytes:
    (folder / "me.key").write_bytes(signer.pem())
    (folder / "me.crt").write_bytes(signer.certificate.public_bytes(Encoding.PEM))
    (folder / "challenge").write_bytes(challenge)
    command = "openssl cms -sign -binary -in challenge -signer me.crt -inkey me.key -outform DER"
    done = subprocess.run([*command.split(), *more], cwd=folder, check=True, capture_output=True)
    return done.stdout


@pytest.mark.parametrize(
    ("more", "code"),
    [(["-noattr"], "unreadable"), (["-nocerts"], "no-certificate")],
)
def test_a_container_that_leaves_out_what_it_needs_is_refused(
    at_level_3: Walk, notary: Notary, person: Person, tmp_path: Path, more: list[str], code: str
) -> None:
    signed = by_openssl(notary.certify(person), challenge_on(at_level_3), tmp_path, *more)
    assert refused(bring(at_level_3, signed)) == code


@pytest.mark.parametrize(
    "rubbish",
    [b"hello", b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"eyJ.x", b"eyJhbGciOiJFUzI1NiJ9.a.b",
     b"-----BEGIN CMS-----\nAAAA\n-----END CMS-----", b"\x00" * 2000],
)  # fmt: skip
def test_what_is_no_signature_is_called_so(at_level_3: Walk, rubbish: bytes) -> None:
    assert refused(bring(at_level_3, rubbish)) in {"unreadable", "no-certificate"}


def test_a_huge_file_is_refused_and_not_kept(at_level_3: Walk, person: Person) -> None:
    assert refused(bring(at_level_3, b"0" * 5_000_000)) == "too-large"
    nothing_of_it_stays(person)


def test_nobody_tries_signatures_all_day_long(at_level_3: Walk, settings: Any) -> None:
    settings.SSO_POLICY = {"signatures_per_hour": 2}
    for _ in range(2):
        bring(at_level_3, b"hello")
    assert bring(at_level_3, b"hello").status_code == 429


# Doors


def test_a_form_of_another_site_signs_nothing(
    at_level_3: Walk, notary: Notary, person: Person
) -> None:
    signed = notary.certify(person).cms(challenge_on(at_level_3))
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = at_level_3.client.cookies
    file = SimpleUploadedFile("challenge.p7s", signed)
    response = strict.post(at_level_3.at("signature"), {"signature": file}, **HOST)
    assert response.status_code == 403
    nothing_of_it_stays(person)


def test_who_is_not_signed_in_is_led_to_the_sign_in(
    at_level_3: Walk, notary: Notary, person: Person
) -> None:
    del at_level_3.client.cookies["sso"]
    assert "/login/" in at_level_3.get("signature")["Location"]
    assert "/login/" in at_level_3.get("signature/challenge")["Location"]


def test_a_removed_certificate_no_longer_counts_and_only_its_holder_removes_it(
    at_level_3: Walk, notary: Notary, person: Person, exchange: ExchangeSide
) -> None:
    signer = notary.certify(person)
    bring(at_level_3, signer.cms(challenge_on(at_level_3)))
    row = Certificate.objects.get()
    address = f"/fa/account/certificates/{row.id}/remove/"
    assert "/login/" in Client().post(address, **HOST)["Location"]
    thief = Client()
    sign_in(thief, registered(citizen(2)))
    thief.post(address, **HOST)
    assert Certificate.objects.get().removed_at is None
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = at_level_3.client.cookies
    assert strict.post(address, **HOST).status_code == 403
    at_level_3.client.post(address, **HOST)
    assert Certificate.objects.get().removed_at is not None
    other = to_sign(at_level_3.client, exchange)
    assert refused(bring(other, signer.cms(challenge_on(other)))) == "removed"


def test_production_trusts_nothing_of_the_sandbox(notary: Notary, settings: Any) -> None:
    settings.PROFILE = "production"
    with pytest.raises(authorities.AuthoritiesUnfit, match="sandbox"):
        authorities.authorities()


def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def nothing_of_it_stays(person: Person) -> None:
    assert not Signature.objects.exists()
    assert not Certificate.objects.exists()
    assert not AttainedLevel.objects.filter(person=person, level=3).exists()
    assert not Challenge.objects.exclude(spent_at=None).exists()
