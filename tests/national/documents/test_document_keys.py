"""Keys of documents: made once, checked before serving, refused in production."""

import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import forgeries
import papers
import pytest
from callers import CIVIL

from panjereh.common import clock
from panjereh.common.problems import Problem
from panjereh.national.documents import actions, keys
from panjereh.national.documents.keys import KeysUnfit
from panjereh.national.documents.models import Document, Template
from panjereh.national.documents.verification import judge_file
from panjereh.sandbox import document_keys


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """Keys of a home of their own, which a test may spoil."""
    made = document_keys.make_keys(tmp_path)
    settings.KEYS = tmp_path / "keys"
    return made


def test_keys_are_made_once(tmp_path: Path) -> None:
    first = document_keys.make_keys(tmp_path)
    before = {p: p.read_bytes() for p in first.rglob("*") if p.is_file()}

    second = document_keys.make_keys(tmp_path)

    assert first == second
    assert before == {p: p.read_bytes() for p in second.rglob("*") if p.is_file()}


def test_a_folder_left_half_made_is_made_again(tmp_path: Path) -> None:
    half = tmp_path / "keys" / "documents" / "roots"
    half.mkdir(parents=True)

    assert (document_keys.make_keys(tmp_path) / "signers.json").exists()


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    made = document_keys.make_keys(tmp_path)

    for key in made.rglob("*.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_sandbox_keys_are_fit_for_the_sandbox(folder: Path) -> None:
    keys.check_keys()


def test_production_refuses_sandbox_certificates(folder: Path, settings: Any) -> None:
    settings.PROFILE = "production"

    with pytest.raises(KeysUnfit, match="sandbox"):
        keys.check_keys()


def test_production_refuses_a_sandbox_root_among_others(folder: Path, settings: Any) -> None:
    """Also when only the trust list has something of the sandbox: it would call fakes valid."""
    settings.PROFILE = "production"
    (folder / "signers.json").write_text('{"signers": []}')

    with pytest.raises(KeysUnfit, match="sandbox"):
        keys.check_keys()


def test_production_neither_seals_nor_believes_with_sandbox_certificates(
    document: Document, settings: Any
) -> None:
    """Even if nobody asked before the start."""
    settings.PROFILE = "production"

    with pytest.raises(KeysUnfit, match="sandbox"):
        judge_file(bytes(document.pdf))
    with pytest.raises(Problem, match="seal-unfit"):
        actions.issue(consumer=CIVIL, key="another", **papers.order())


def _no_keys(folder: Path) -> None:
    shutil.rmtree(folder)


def _no_root(folder: Path) -> None:
    (folder / "roots" / "sandbox.crt").unlink()


def _foreign_root(folder: Path) -> None:
    root = document_keys._authority("another root", None, 1)
    document_keys._write_certificate(folder / "roots" / "sandbox.crt", root)


def _key_missing(folder: Path) -> None:
    (folder / "platform.key").unlink()


def _key_of_another(folder: Path) -> None:
    shutil.copy(folder / "platform.key", folder / "civil-registration.key")


def _revoked(folder: Path) -> None:
    certificate = keys.KeyFolder(folder).signers["national-window"].certificate
    listed = document_keys.revocation_list(_authority(folder), {certificate: datetime.now(UTC)})
    (folder / "crls" / "sandbox.crl").write_bytes(listed)


def _list_of_a_forger(folder: Path) -> None:
    """A list that names the right authority but is signed by somebody else."""
    real, forger = _authority(folder), document_keys._authority("forger", None, 1)
    mixed = document_keys.Pair(real.certificate, forger.key)
    (folder / "crls" / "sandbox.crl").write_bytes(document_keys.revocation_list(mixed, {}))


def _authority(folder: Path) -> document_keys.Pair:
    return forgeries.pair(folder / "chain" / "sandbox.crt", folder / "chain" / "sandbox.key")


@pytest.mark.req("DOC-10")
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_no_keys, "no document keys"),
        (_no_root, "no trust anchor"),
        (_foreign_root, "trusted root"),
        (_key_missing, "missing"),
        (_key_of_another, "does not belong"),
        (_revoked, "revoked"),
        (_list_of_a_forger, "not signed by its authority"),
    ],
)
def test_unfit_keys_are_told_before_serving(folder: Path, spoil: Any, words: str) -> None:
    spoil(folder)

    with pytest.raises(KeysUnfit, match=words):
        keys.check_keys()


@pytest.mark.req("DOC-10")
def test_nothing_is_sealed_after_the_certificate_has_ended(
    template: Template, exchange_post: Any, monkeypatch: Any
) -> None:
    later = datetime.now(UTC) + timedelta(days=365 * 4)
    signer = keys.signer_of("civil-registration-window")
    assert signer
    monkeypatch.setattr(keys.clock, "now", lambda: later)
    with pytest.raises(KeysUnfit, match="time of validity"):
        keys.usable_now(signer)

    with pytest.raises(Problem) as refused:
        actions.issue(consumer=CIVIL, key="k", **papers.order())

    assert (refused.value.status, refused.value.code) == (503, "seal-unfit")
    assert not Document.objects.exists()
    assert clock.now() == later


def test_the_time_stamper_s_key_seals_no_documents(folder: Path) -> None:
    assert keys.signer_of(keys.TIME_STAMPER) is None
    stamper = keys.folder().signers[keys.TIME_STAMPER]
    assert stamper.fingerprint not in keys.folder().trusted_signers
