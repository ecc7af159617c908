"""Each of the five rules has a file that breaks it, and words that name it."""

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import forgeries
import papers
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from panjereh.common import clock
from panjereh.national.documents import actions, keys, queries, verification, wording
from panjereh.national.documents.examination import examine
from panjereh.national.documents.models import Document
from panjereh.national.documents.verification import Flaw, judge_file
from panjereh.sandbox import document_keys

Forge = Callable[[Document, Path], bytes]


@pytest.fixture
def stranger_sealed(document: Document, tmp_path: Path) -> bytes:
    return forgeries.sealed_by(document, forgeries.stranger(), tmp_path)


@pytest.mark.req("DOC-02")
def test_the_issued_file_is_valid_by_all_five_rules(document: Document) -> None:
    verdict = judge_file(bytes(document.pdf))

    assert verdict.valid
    assert verdict.broken_rules == set()
    assert verdict.findings is not None
    assert verdict.findings.signer == "سازمان ثبت احوال کشور"
    assert verification.moment_of(verdict.findings)
    assert json.loads(verdict.findings.attached)["data"] == papers.DATA


FORGERIES: list[tuple[str, Forge, set[Flaw]]] = [
    (
        "a byte changed in a stream",
        lambda d, _: forgeries.one_byte_changed(d),
        {Flaw.CHANGED, Flaw.OTHER_FILE},
    ),
    (
        "a readable change",
        lambda d, _: forgeries.title_changed(d),
        {Flaw.CHANGED, Flaw.OTHER_FILE},
    ),
    (
        "a page replaced after sealing",
        lambda d, _: forgeries.page_replaced(d),
        {Flaw.CHANGED_AFTER_SEAL, Flaw.OTHER_FILE},
    ),
    (
        "bytes appended",
        lambda d, _: forgeries.something_appended(d),
        {Flaw.CHANGED_AFTER_SEAL, Flaw.OTHER_FILE},
    ),
    (
        "a forger's certificate with the agency's name",
        lambda d, f: forgeries.sealed_by(d, forgeries.stranger(), f),
        {Flaw.FOREIGN_SEAL, Flaw.OTHER_FILE},
    ),
    (
        "a certificate that is trusted for something else",
        lambda d, f: forgeries.sealed_by(d, forgeries.neighbour(), f),
        {Flaw.FOREIGN_SEAL, Flaw.OTHER_FILE},
    ),
    (
        "other data under the agency's own seal",
        lambda d, _: forgeries.other_data(d, given_name="نیکا"),
        {Flaw.OTHER_DATA, Flaw.OTHER_FILE},
    ),
    (
        "no seal at all",
        lambda d, _: forgeries.unsealed(d),
        {Flaw.UNSEALED, Flaw.OTHER_FILE},
    ),
    ("a torn file", lambda d, _: bytes(d.pdf)[:20_000], {Flaw.UNREADABLE, Flaw.UNKNOWN}),
    ("no PDF", lambda d, _: b"\x89PNG not a pdf", {Flaw.UNREADABLE}),
]


@pytest.mark.req("DOC-02")
@pytest.mark.parametrize(
    ("forge", "flaws"), [f[1:] for f in FORGERIES], ids=[f[0] for f in FORGERIES]
)
def test_every_forgery_is_named(
    document: Document, tmp_path: Path, forge: Forge, flaws: set[Flaw]
) -> None:
    verdict = judge_file(forge(document, tmp_path))

    assert set(verdict.flaws) == flaws
    assert not verdict.valid
    assert not verdict.shows_data


def test_a_sealed_file_that_the_register_does_not_know_is_not_valid(document: Document) -> None:
    """Rule 2 alone: seal, signer and data are right, but it was never entered."""
    pdf, attachment = bytes(document.pdf), bytes(document.attachment)
    draft = forgeries.draft_of(document)
    signer = keys.signer_of("civil-registration-window")
    assert signer
    again = actions.sealing.seal(forgeries.unsealed(document), signer)

    verdict = judge_file(again)

    assert again != pdf
    assert draft.attachment() == attachment
    assert verdict.flaws == [Flaw.OTHER_FILE]


def test_a_real_file_under_another_number_is_named(issue: Any) -> None:
    first, second = issue("one"), issue("two")

    verdict = judge_file(bytes(first.pdf), second.human_id)

    assert verdict.flaws == [Flaw.OTHER_DOCUMENT]


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        (actions.revoke, Flaw.REVOKED),
        (actions.suspend, Flaw.SUSPENDED),
    ],
)
def test_a_withdrawn_document_is_named(document: Document, change: Any, flaw: Flaw) -> None:
    change(actor="registrar 17", document_id=document.id, reason="wrong sex entered")

    verdict = judge_file(bytes(document.pdf))

    assert verdict.flaws == [flaw]
    assert verdict.broken_rules == {4}


def test_a_replaced_document_is_named(issue: Any) -> None:
    old, new = issue("one"), issue("two")
    actions.supersede(
        actor="registrar 17", document_id=old.id, successor_id=new.id, reason="corrected"
    )

    assert judge_file(bytes(old.pdf)).flaws == [Flaw.SUPERSEDED]
    assert judge_file(bytes(new.pdf)).valid


@pytest.mark.req("DOC-10")
@pytest.mark.parametrize(
    ("after", "named"), [(timedelta(hours=-1), True), (timedelta(hours=1), False)]
)
def test_a_seal_revoked_before_sealing_is_named_and_a_later_revocation_is_not(
    document: Document, tmp_path: Path, after: timedelta, named: bool
) -> None:
    copied = _copy_keys(tmp_path)
    certificate = keys.KeyFolder(copied).signers["civil-registration-window"].certificate
    listed = document_keys.revocation_list(
        forgeries.authority(), {certificate: document.issued_at + after}
    )
    (copied / "crls" / "sandbox.crl").write_bytes(listed)

    findings = examine(bytes(document.pdf), keys.KeyFolder(copied), document.issued_at)

    assert findings.trusted
    assert findings.seal_revoked is named


@pytest.mark.req("DOC-10")
def test_the_root_can_be_replaced(document: Document, tmp_path: Path) -> None:
    """With another root the old seals count no more; with both they do."""
    copied = _copy_keys(tmp_path)
    new_home = document_keys.make_keys(tmp_path / "new")
    both = keys.KeyFolder(copied)
    shutil.copy(new_home / "roots" / "sandbox.crt", copied / "roots" / "new.crt")
    assert examine(bytes(document.pdf), both, clock.now()).trusted

    (copied / "roots" / "sandbox.crt").unlink()

    assert not examine(bytes(document.pdf), keys.KeyFolder(copied), clock.now()).trusted


def test_a_former_certificate_of_the_agency_stays_trusted(
    document: Document, tmp_path: Path
) -> None:
    copied = _copy_keys(tmp_path)
    pair = document_keys.seal_certificate("سازمان ثبت احوال کشور", forgeries.authority())
    old = (copied / "civil-registration.crt").read_bytes()
    document_keys._write_certificate(copied / "civil-registration.crt", pair)
    assert not examine(bytes(document.pdf), keys.KeyFolder(copied), clock.now()).trusted

    (copied / "former" / "civil-2026.crt").write_bytes(old)

    assert examine(bytes(document.pdf), keys.KeyFolder(copied), clock.now()).trusted


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="poppler-utils (pdfsig) is not installed")
@pytest.mark.req("DOC-02")
def test_an_outside_tool_agrees_on_the_real_and_the_changed_file(
    document: Document, tmp_path: Path
) -> None:
    real, changed = tmp_path / "real.pdf", tmp_path / "changed.pdf"
    real.write_bytes(bytes(document.pdf))
    changed.write_bytes(forgeries.title_changed(document))

    said = _pdfsig(real)

    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "سازمان ثبت احوال کشور" in said
    assert "Digest Mismatch" in _pdfsig(changed)


def test_we_are_stricter_than_the_outside_tool(document: Document, tmp_path: Path) -> None:
    """The reason for rule 1: if this begins to fail, other tools have learnt it too."""
    if not shutil.which("pdfsig"):
        pytest.skip("poppler-utils (pdfsig) is not installed")
    replaced = tmp_path / "replaced.pdf"
    replaced.write_bytes(forgeries.page_replaced(document))

    assert "Signature is Valid." in _pdfsig(replaced)
    assert not judge_file(replaced.read_bytes()).valid


def _pdfsig(path: Path) -> str:
    said = subprocess.run(["pdfsig", str(path)], capture_output=True, text=True, check=False)
    return said.stdout


def _copy_keys(folder: Path) -> Path:
    copied = folder / "documents"
    shutil.copytree(keys.folder().path, copied)
    return copied


# The page


def _upload(client: Client, content: bytes, number: str = "", language: str = "en") -> Any:
    with translation.override(language):
        address = reverse("verify")
    file = SimpleUploadedFile("document.pdf", content, "application/pdf")
    return client.post(address, {"number": number, "file": file})


@pytest.mark.req("DOC-22")
def test_the_qr_address_tells_kind_issuer_time_and_status_and_no_contents(
    document: Document, client: Client
) -> None:
    page = client.get(f"/en/d/{document.id}/")

    text = page.content.decode()
    assert page.status_code == 200
    assert "There is a valid document with this number" in text
    assert "We have not seen the page that you hold." in text
    assert "Birth certificate" in text
    assert "National Organisation for Civil Registration" in text
    assert document.human_id in text
    assert _none_of(papers.DATA.values(), text)
    assert papers.MOTHER not in text


@pytest.mark.req("DOC-22")
def test_the_printed_number_tells_less_than_the_qr_address(
    document: Document, client: Client
) -> None:
    """It can be guessed, so the time of issue is not told by it."""
    page = client.post("/en/verify/", {"number": document.human_id.lower().replace("-", " ")})

    text = page.content.decode()
    assert "There is a valid document with this number" in text
    assert "Issued on" not in text
    assert str(document.id) not in text


@pytest.mark.req("DOC-02", "DOC-22")
def test_with_the_file_its_contents_are_shown_beside_the_verdict(
    document: Document, client: Client
) -> None:
    page = _upload(client, bytes(document.pdf))

    text = page.content.decode()
    assert "This document is valid" in text
    assert "باران" in text
    assert "Date of birth" in text
    assert "20 November 2026" in text
    assert '<bdi dir="ltr">14158-73645</bdi>' in text
    assert text.count("govuk-tag--green") == 6  # the status and the five rules
    assert 'src="data:image/png;base64,' in text


def test_nested_data_are_named_by_their_schema() -> None:
    person = {"type": "object", "properties": {"name": {"x-title": {"en": "Name"}}}}
    schema = {
        "properties": {
            "mother": {"$ref": "#/$defs/person", "x-title": {"en": "Mother"}},
            "father": {"$ref": "#/$defs/person"},
            "born": {"format": "date", "x-title": {"en": "Born"}},
            "unnamed": {"type": "string"},
        },
        "$defs": {"person": person},
    }
    data = {
        "mother": {"name": "مینا"},
        "father": {"name": "کیان"},
        "born": "2026-11-20",
        "unnamed": "x",
    }

    rows = wording.data_rows(schema, data, "en")

    assert [(r.label, r.value, r.kind) for r in rows] == [
        ("Mother: Name", "مینا", "text"),
        ("Name", "کیان", "text"),
        ("Born", "2026-11-20", "date"),
    ]


def test_a_persian_page_shows_jalali_dates_and_persian_digits(
    document: Document, client: Client
) -> None:
    text = _upload(client, bytes(document.pdf), language="fa").content.decode()

    assert 'dir="rtl"' in text
    assert "۲۹ آبان ۱۴۰۵" in text
    assert '<bdi dir="ltr">۱۴۱۵۸-۷۳۶۴۵</bdi>' in text


@pytest.mark.parametrize(
    ("forge", "words"),
    [
        (forgeries.title_changed, "Something in this file was changed after it was sealed."),
        (forgeries.page_replaced, "Something was added to this file after it was sealed."),
        (forgeries.unsealed, "This file has no electronic seal."),
        (lambda d: forgeries.other_data(d, given_name="نیکا"), "The data inside this file are not"),
        (lambda _: b"no pdf", "This file is not a PDF, or it is damaged."),
    ],
    ids=["changed", "updated", "unsealed", "other data", "no PDF"],
)
def test_what_is_wrong_is_said_in_plain_words(
    document: Document, client: Client, forge: Any, words: str
) -> None:
    text = _upload(client, forge(document)).content.decode()

    assert "This file is not valid" in text
    assert words in text
    assert _none_of(papers.DATA.values(), text)


def test_a_forger_s_seal_is_said_in_plain_words(stranger_sealed: bytes, client: Client) -> None:
    text = _upload(client, stranger_sealed).content.decode()

    assert "The seal on this file is not the seal of a government agency." in text


def test_a_revoked_document_says_so_with_and_without_the_file(
    document: Document, client: Client
) -> None:
    actions.revoke(actor="registrar 17", document_id=document.id, reason="wrong sex entered")

    for page in (client.get(f"/en/d/{document.id}/"), _upload(client, bytes(document.pdf))):
        text = page.content.decode()
        assert "This document is not valid" in text
        assert "The agency has revoked this document." in text
        assert "wrong sex" not in text


def test_an_unknown_document_is_not_found(client: Client, db: None) -> None:
    page = client.get("/en/d/01932f6e-7b1a-7c3d-9e4f-1234567890ab/")

    assert page.status_code == 404
    assert "No document with this number has been issued." in page.content.decode()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Enter the number of the document, or choose its file."),
        ({"number": "CIVR-1405-0000000017-X"}, "This number is not complete."),
        ({"number": "12345"}, "This number is not complete."),
    ],
)
def test_a_form_without_a_right_number_says_what_to_do(
    client: Client, db: None, given: dict[str, str], words: str
) -> None:
    text = client.post("/en/verify/", given).content.decode()

    assert "There is a problem" in text
    assert words in text


def test_an_empty_and_a_huge_file_are_refused(client: Client, db: None) -> None:
    huge = b"%PDF-1.7" + b"x" * verification.MAX_FILE

    assert "The file is empty." in _upload(client, b"").content.decode()
    assert "larger than 5 megabytes" in _upload(client, huge).content.decode()


def test_an_uploaded_file_is_never_written_to_disk(
    document: Document, client: Client, tmp_path: Path, settings: Any
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "must-not-be-used")
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0

    page = _upload(client, bytes(document.pdf))

    assert "This document is valid" in page.content.decode()


def test_the_form_is_protected_against_other_sites(document: Document) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/en/verify/", {"number": document.human_id}).status_code == 403


def test_the_check_leads_no_search_engine_and_no_other_site_here(
    document: Document, client: Client
) -> None:
    page = client.get(f"/fa/d/{document.id}/")

    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]


def test_the_site_begins_at_the_form(client: Client) -> None:
    assert client.get("/").url == "/fa/verify/"
    assert client.get("/en/").url == "/en/verify/"


# For programs


def _ask(client: Client, **body: Any) -> Any:
    return client.post("/verify/api", json.dumps(body), content_type="application/json")


@pytest.mark.req("DOC-02", "DOC-22")
def test_a_program_checks_by_number_and_hash(document: Document, client: Client) -> None:
    told = _ask(client, id=document.human_id, sha256=document.sha256.upper()).json()

    assert told == {
        "valid": True,
        "flaws": [],
        "status": "valid",
        "title": papers.TITLE,
        "issuer": document.issuer,
        "issued_at": queries.by_id(document.id).issued_at.isoformat(),  # type: ignore[union-attr]
    }


def test_a_program_with_another_file_is_told_so(document: Document, client: Client) -> None:
    told = _ask(client, id=document.human_id, sha256="0" * 64).json()

    assert (told["valid"], told["flaws"]) == (False, ["other-file"])
    assert "issued_at" not in told


def test_a_program_with_an_unknown_number_learns_nothing(client: Client, db: None) -> None:
    told = _ask(client, id="CIVR-1405-9999999999-X").json()

    assert told == {"valid": False, "flaws": ["unknown"], "status": "unknown"}


@pytest.mark.parametrize("body", [{}, {"id": 5}, {"id": "x", "sha256": "short"}, ["id"]])
def test_a_program_that_asks_wrongly_is_told_how(client: Client, db: None, body: Any) -> None:
    answer = client.post("/verify/api", json.dumps(body), content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "body-invalid")


def _none_of(values: Any, text: str) -> bool:
    return not any(value in text for value in values)
