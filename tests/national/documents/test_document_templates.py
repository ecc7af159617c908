"""Templates come from agencies: what they may not do, and that a version never changes."""

import json
import shutil
import socket
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import papers
import pytest
from callers import CIVIL, WINDOW
from django.db import DatabaseError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from panjereh.national.documents import actions, typesetting
from panjereh.national.documents.models import Document, Template
from panjereh.national.documents.sources import source_flaw
from panjereh.national.schemas import printable

HEAD = '#import "panjereh.typ": *\n#show: sheet\n'


def test_the_same_version_again_changes_nothing(template: Template) -> None:
    again = actions.register_template(consumer=CIVIL, **papers.template())

    assert again == template
    assert Template.objects.count() == 1


@pytest.mark.parametrize(
    "changed",
    [{"source": papers.SOURCE + "\nA new line"}, {"schema": papers.SCHEMA | {"title": "x"}}],
)
def test_a_version_never_changes(
    template: Template, exchange_post: Any, changed: dict[str, Any]
) -> None:
    answer = exchange_post("documents", "register-template", papers.template(**changed))

    assert (answer.status_code, answer.json()["code"]) == (409, "version-taken")


def test_the_database_itself_refuses_to_change_a_template_or_a_document(
    document: Document,
) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Template.objects.update(source="another")
    with pytest.raises(DatabaseError, match="only the status"), transaction.atomic():
        Document.objects.update(holder="0012345679")


def test_two_agencies_may_name_a_kind_alike(template: Template) -> None:
    actions.register_template(consumer=WINDOW, **papers.template())

    assert Template.objects.filter(kind=papers.KIND).count() == 2


@pytest.mark.parametrize(
    "source",
    [
        HEAD + '#import "@preview/cetz:0.3.0": canvas',
        HEAD + '#import ("@pre" + "view/cetz:0.3.0"): canvas',
        HEAD + '#import/**/"@preview/cetz:0.3.0"',
        HEAD + '#include "/etc/passwd"',
        HEAD + '#eval("1 + 1")',
        HEAD + '#dictionary(std).at("ev" + "al")("1")',
        HEAD + "#let s = std",
        HEAD + "#plugin(bytes(()))",
        '#import "panjereh.typ": *; #import "@preview/x:1.0.0"',
        HEAD + "x" * 200_001,
    ],
)
def test_a_template_that_reaches_for_the_network_or_hides_code_is_refused(
    sender: None, exchange_post: Any, source: str
) -> None:
    answer = exchange_post("documents", "register-template", papers.template(source=source))

    assert (answer.status_code, answer.json()["code"]) == (422, "template-invalid")
    assert not Template.objects.exists()


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../../../../../../etc/passwd", "/proc/self/environ", "setup.py"]
)
@pytest.mark.parametrize("reader", ["read", "json", "image"])
def test_a_template_reads_no_file_of_the_machine(
    sender: None, exchange_post: Any, path: str, reader: str
) -> None:
    source = HEAD + f'#{reader}("{path}")'

    answer = exchange_post("documents", "register-template", papers.template(source=source))

    assert answer.json()["code"] == "template-invalid"
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    "loop",
    [
        "#let f(n) = { let i = 0; while i < n { i += 1; if i > 5 { i = 0 } } }\n#f(100)",
        "#for a in range(100000) { for b in range(100000) { [#a] } }",
    ],
)
def test_a_template_that_never_ends_is_refused(sender: None, exchange_post: Any, loop: str) -> None:
    answer = exchange_post("documents", "register-template", papers.template(source=HEAD + loop))

    assert answer.json()["code"] == "template-invalid"


def test_a_template_that_does_not_compile_is_refused_with_the_reason(
    sender: None, exchange_post: Any
) -> None:
    answer = exchange_post(
        "documents", "register-template", papers.template(source=HEAD + "#data.no_such_field")
    )

    assert answer.json()["code"] == "template-invalid"
    assert "no_such_field" in answer.json()["detail"]


def test_a_template_in_a_font_we_do_not_have_is_refused(sender: None, exchange_post: Any) -> None:
    source = HEAD + '#text(font: "Comic Sans MS")[x]'

    answer = exchange_post("documents", "register-template", papers.template(source=source))

    assert "comic sans" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "nonsense", "examples": [{}]}, "nonsense"),
        ({"type": "object"}, "examples"),
        (papers.SCHEMA | {"examples": []}, "examples"),
        (papers.SCHEMA | {"examples": [{"given_name": "x"}]}, "national_id"),
        ({"$ref": "https://example.org/schema.json", "examples": [{}]}, "outside itself"),
        ({"type": "object", "description": "x" * 100_001, "examples": [{}]}, "at most"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused_with_the_reason(
    sender: None, exchange_post: Any, schema: dict[str, Any], words: str
) -> None:
    answer = exchange_post("documents", "register-template", papers.template(schema=schema))

    assert answer.json()["code"] == "template-invalid"
    assert words in answer.json()["detail"]


INJECTIONS = [
    '#read("/etc/passwd")',
    "$ x $ #panic() ]",
    '"] #import "@preview/x:1.0.0',
    "*bold* _it_ = heading",
    "\\u{41} // comment",
    "<label> @ref",
]


@pytest.mark.parametrize("name", INJECTIONS)
def test_what_a_person_typed_is_printed_and_never_run(issue: Any, name: str) -> None:
    document = issue(data=papers.DATA | {"given_name": name})

    held = json.loads(bytes(document.attachment))["data"]["given_name"]
    assert held == name
    if shutil.which("pdftotext"):
        assert not Counter(name) - Counter(_text(bytes(document.pdf)))


@settings(max_examples=60)
@given(st.text(max_size=200).filter(printable))
def test_no_text_of_a_person_breaks_a_document(text: str) -> None:
    """It is printed; or, for an emoji, its field is named."""
    draft = _draft(given_name=text)

    try:
        assert typesetting.set_pdf(papers.SOURCE, draft).startswith(b"%PDF-1.7")
    except typesetting.CannotSet as refused:
        assert refused.fields == ["given_name"]


@pytest.mark.parametrize("name", ["باران 🌧", "\x1f", "\x00", "\ud800"])
def test_a_character_that_cannot_be_printed_is_named_by_its_field(
    template: Template, exchange_post: Any, name: str
) -> None:
    order = papers.order(data=papers.DATA | {"given_name": name})

    answer = exchange_post("documents", "issue", order)

    assert (answer.status_code, answer.json()["fields"]) == (422, ["given_name"])


@pytest.mark.parametrize("name", ["ڕێژنە", "هدایت‌اللّه", "Éva", "عبدالله ي ك"])
def test_names_of_the_languages_of_iran_can_be_printed(issue: Any, name: str) -> None:
    assert issue(data=papers.DATA | {"given_name": name})


def test_words_that_only_resemble_the_refused_ones_are_fine() -> None:
    assert source_flaw("An important, re-imported evaluation of included standards") == ""


@pytest.mark.parametrize(
    "line",
    [
        '#import "panjereh.typ": *',
        '#import "/panjereh.typ": sheet, fields, jalali-time',
        '#import "panjereh.typ"',
    ],
)
def test_the_prelude_may_be_imported_in_its_usual_forms(line: str) -> None:
    assert source_flaw(line + "\n#show: sheet") == ""


def test_setting_a_document_opens_no_connection(monkeypatch: Any) -> None:
    """Fonts and everything else come with the package."""

    def refuse(*_: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)

    assert typesetting.set_pdf(papers.SOURCE, _draft())


# Calendars of different makers part at leap years a century from now.
LIVING = st.dates(JalaliDate(1250, 1, 1).to_gregorian(), JalaliDate(1490, 12, 29).to_gregorian())


@settings(max_examples=60)
@given(LIVING)
def test_jalali_dates_of_the_prelude_are_right(day: Any) -> None:
    """A wrong date stops the compiler: `panic` in the template says so."""
    right = JalaliDate(day)
    source = (
        HEAD
        + f'#if jalali-parts("{day.isoformat()}") != ({right.year}, {right.month}, {right.day}) '
        + '{ panic("wrong") }'
    )

    assert typesetting.set_pdf(source, _draft())


@pytest.mark.skipif(not shutil.which("zbarimg"), reason="zbar-tools (zbarimg) is not installed")
@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="poppler-utils is not installed")
@pytest.mark.parametrize("dpi", [96, 150, 300])
@pytest.mark.req("DOC-22")
def test_the_qr_code_is_read_from_a_print(document: Document, tmp_path: Path, dpi: int) -> None:
    (tmp_path / "d.pdf").write_bytes(bytes(document.pdf))
    picture = tmp_path / "d"
    subprocess.run(
        ["pdftoppm", "-r", str(dpi), "-png", "-singlefile", str(tmp_path / "d.pdf"), str(picture)],
        check=True,
        capture_output=True,
    )

    read = subprocess.run(
        ["zbarimg", "--quiet", "--raw", f"{picture}.png"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert read.stdout.strip() == f"http://national.localhost:8106/fa/d/{document.id}/"


@pytest.mark.skipif(not shutil.which("pdfdetach"), reason="poppler-utils is not installed")
def test_the_data_travel_inside_the_file(document: Document, tmp_path: Path) -> None:
    (tmp_path / "d.pdf").write_bytes(bytes(document.pdf))

    subprocess.run(
        ["pdfdetach", "-save", "1", "-o", str(tmp_path / "data.json"), str(tmp_path / "d.pdf")],
        check=True,
        capture_output=True,
    )

    attached = (tmp_path / "data.json").read_bytes()
    assert attached == bytes(document.attachment)
    told = json.loads(attached)
    assert told["data"] == papers.DATA
    assert told["document"]["tracking_id"] == papers.CASE
    assert told["document"]["service_id"] == papers.SERVICE
    assert told["document"]["post"] == "1400377-0017"


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils is not installed")
def test_codes_keep_their_order_inside_persian_text(document: Document) -> None:
    """pdftotext gives the visual order of each run; without isolates the halves are swapped."""
    text = _text(bytes(document.pdf))

    assert "۱۴۱۵۸-۷۳۶۴۵" in text
    assert "۰۰۷۷۷۷۴۴۴۲" in text
    assert document.human_id in text


def _draft(**changed: Any) -> typesetting.Draft:
    signer = actions._signer(CIVIL)
    return actions._draft(
        signer,
        kind=papers.KIND,
        version=papers.VERSION,
        data=papers.DATA | changed,
        number="CIVR-1405-0000000017-8",
    )


def _text(pdf: bytes) -> str:
    said = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return said.stdout.decode()
