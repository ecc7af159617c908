"""Signing with a token: a real PKCS#11 module (SoftHSM), and what can be wrong with it."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from people import Walk, citizen, registered
from pkcs11 import Attribute, CertificateType, ObjectClass, Token, exceptions, lib
from signing import Notary, Signer
from test_signatures import at_level_3, bring, challenge_on, notary, notary_open
from typer.testing import CliRunner

from panjereh import cli
from panjereh.sdk.token_signing import TokenTrouble, sign_file
from panjereh.sso.models import Person

__all__ = ["at_level_3", "notary", "notary_open"]

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN, SO_PIN = "271828", "31415926"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not shutil.which("softhsm2-util"), reason="softhsm2 is not installed"),
]


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A place for tokens. The module reads its settings once in a process."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    conf = folder / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    patch = pytest.MonkeyPatch()
    patch.setenv("SOFTHSM2_CONF", str(conf))
    yield folder
    patch.undo()


def new_token(label: str) -> None:
    command = ["softhsm2-util", "--init-token", "--free", "--label", label]
    subprocess.run(
        [*command, "--pin", PIN, "--so-pin", SO_PIN], check=True, stdout=subprocess.DEVNULL
    )
    lib(str(MODULE)).reinitialize()


def write(label: str, signer: Signer, folder: Path, *, certificate: bool = True) -> None:
    key = folder / f"{label}.key"
    key.write_bytes(signer.pem())
    subprocess.run(
        ["softhsm2-util", "--import", str(key), "--token", label, "--label", "me", "--id", "01",
         "--pin", PIN],
        check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    lib(str(MODULE)).reinitialize()
    if certificate:
        _write_certificate(token(label), signer)


def token(label: str) -> Token:
    return next(iter(lib(str(MODULE)).get_tokens(token_label=label)))


def _write_certificate(token: Token, signer: Signer) -> None:
    facts = {
        Attribute.CLASS: ObjectClass.CERTIFICATE,
        Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
        Attribute.TOKEN: True,
        Attribute.ID: b"\x01",
        Attribute.LABEL: "me",
        Attribute.SUBJECT: signer.certificate.subject.public_bytes(),
        Attribute.VALUE: signer.certificate.public_bytes(Encoding.DER),
    }
    with token.open(rw=True, user_pin=PIN) as session:
        session.create_object(facts)


@pytest.mark.req("SSO-10")
@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_a_token_signs_the_challenge(
    at_level_3: Walk, notary: Notary, person: Person, reader: Path, tmp_path: Path, kind: str
) -> None:
    key = (
        ec.generate_private_key(ec.SECP256R1())
        if kind == "ec"
        else rsa.generate_private_key(65537, 2048)
    )
    new_token(kind)
    write(kind, notary.certify(person, key), tmp_path)
    signed = sign_file(challenge_on(at_level_3), module=MODULE, pin=PIN, label=kind)
    assert bring(at_level_3, signed).status_code == 302


def test_the_command_writes_the_signature_beside_the_file_and_asks_for_the_pin(
    notary: Notary, person: Person, reader: Path, tmp_path: Path
) -> None:
    new_token("card")
    signer = notary.certify(person)
    write("card", signer, tmp_path)
    file = tmp_path / "challenge.json"
    file.write_bytes(b"{}")
    words = ["sign", str(file), "--module", str(MODULE), "--token", "card"]
    done = CliRunner().invoke(cli.app, words, input=f"{PIN}\n")
    assert done.exit_code == 0, done.output
    assert PIN not in done.output
    (tmp_path / "me.crt").write_bytes(signer.certificate.public_bytes(Encoding.PEM))
    checked = subprocess.run(
        ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", f"{file}.p7s",
         "-content", str(file), "-noverify", "-out", "/dev/null"],
        check=False,
        capture_output=True,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr


def test_the_command_says_in_one_line_what_is_wrong(reader: Path, tmp_path: Path) -> None:
    file = tmp_path / "challenge.json"
    file.write_bytes(b"{}")
    words = ["sign", str(file), "--module", str(MODULE), "--token", "never made"]
    done = CliRunner().invoke(cli.app, words, input="1\n")
    assert done.exit_code == 1
    assert not file.with_suffix(".json.p7s").exists()


def test_a_wrong_pin_is_called_so(
    notary: Notary, person: Person, reader: Path, tmp_path: Path
) -> None:
    new_token("pin")
    write("pin", notary.certify(person), tmp_path)
    with pytest.raises(TokenTrouble, match="PIN is wrong"):
        sign_file(b"{}", module=MODULE, pin="000000", label="pin")
    assert sign_file(b"{}", module=MODULE, pin=PIN, label="pin")


def test_a_locked_token_is_called_so(reader: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SoftHSM never locks, so what a card answers then is put in its mouth."""
    monkeypatch.setattr("panjereh.sdk.token_signing._token", lambda *_: LockedToken())
    with pytest.raises(TokenTrouble, match="locked"):
        sign_file(b"{}", module=MODULE, pin=PIN, label="locked")


class LockedToken:
    def open(self, **_: object) -> None:
        raise exceptions.PinLocked


def test_a_token_without_a_fitting_certificate_is_called_so(
    notary: Notary, person: Person, reader: Path, tmp_path: Path
) -> None:
    new_token("bare")
    write("bare", notary.certify(person), tmp_path, certificate=False)
    with pytest.raises(TokenTrouble, match="no valid certificate"):
        sign_file(b"{}", module=MODULE, pin=PIN, label="bare")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    old = notary.certify(registered(citizen(3)), begins=yesterday, ends=yesterday)
    new_token("old")
    write("old", old, tmp_path)
    with pytest.raises(TokenTrouble, match="no valid certificate"):
        sign_file(b"{}", module=MODULE, pin=PIN, label="old")


def test_no_token_several_tokens_and_no_module_are_called_so(reader: Path, tmp_path: Path) -> None:
    with pytest.raises(TokenTrouble, match="no token"):
        sign_file(b"{}", module=MODULE, pin=PIN, label="never made")
    new_token("one")
    new_token("two")
    with pytest.raises(TokenTrouble, match="several tokens"):
        sign_file(b"{}", module=MODULE, pin=PIN)
    with pytest.raises(TokenTrouble, match="not a PKCS#11 module"):
        sign_file(b"{}", module=tmp_path / "none.so", pin=PIN)
