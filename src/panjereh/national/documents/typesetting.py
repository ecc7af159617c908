"""Set a document: template and data become a PDF/A-3 that carries its data as JSON.

The files a template sees are itself and the prelude, both in memory; the root on disk is an empty
folder. Text of the data is never source: it reaches the template as a value.
"""

import io
import json
import re
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import segno
import typst

from panjereh.national.documents.sources import PRELUDE_NAME

HERE = Path(__file__).parent
# 3a: archival, tagged for screen readers, with attachments. The claim is the typesetter's own.
STANDARDS: list[Any] = ["a-3a"]
PICTURE_PPI = 72
_MISSING_KEY = re.compile(r'dictionary does not contain key "([\w-]+)"')
_NOT_IN_FONT = re.compile(r'the text `"(.+)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


class CannotSet(Exception):
    """The template does not go with the data; `message` may quote them, `fields` does not."""

    def __init__(self, message: str, data: dict[str, Any]) -> None:
        super().__init__("the template does not go with these data")
        self.message = message
        self.fields = _MISSING_KEY.findall(message) or _unprintable(message, data)


def _unprintable(message: str, data: dict[str, Any]) -> list[str]:
    """Fields with a character that no letter of the document's font stands for, say an emoji."""
    found = _NOT_IN_FONT.search(message)
    if found is None:
        return []
    text = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), found[1])
    return sorted(name for name, value in data.items() if any(text in t for t in _texts(value)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
    else:
        yield str(value)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A document before it is set: the data and everything that is bound to them."""

    document_id: uuid.UUID
    human_id: str
    kind: str
    version: str
    title: dict[str, str]
    issuer: dict[str, str]
    post: str
    service_id: str
    tracking_id: str
    issued_at: datetime
    verify_url: str
    sandbox: bool
    data: dict[str, Any]

    def about(self) -> dict[str, Any]:
        named = asdict(self) | {
            "document_id": str(self.document_id),
            "issued_at": self.issued_at.isoformat(timespec="seconds"),
        }
        del named["data"]
        return named

    def attachment(self) -> bytes:
        """The JSON that travels inside the file and stays in the register."""
        return as_json({"document": self.about(), "data": self.data}).encode()

    @classmethod
    def read(cls, attachment: bytes) -> "Draft":
        """The draft that an attachment of the register was made of."""
        held = json.loads(attachment)
        named = held["document"] | {
            "document_id": uuid.UUID(held["document"]["document_id"]),
            "issued_at": datetime.fromisoformat(held["document"]["issued_at"]),
        }
        return cls(**named, data=held["data"])


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def set_pdf(source: str, draft: Draft) -> bytes:
    """The PDF, not yet sealed. Raises `CannotSet`."""
    pdf, _ = set_with_warnings(source, draft)
    return pdf


def set_picture(source: str, draft: Draft) -> bytes:
    """The first page as a PNG, for the screen."""
    made = _compiler(source, draft).compile(format="png", ppi=PICTURE_PPI)
    return made[0] if isinstance(made, list) else made or b""


def set_with_warnings(source: str, draft: Draft) -> tuple[bytes, list[str]]:
    try:
        pdf, warnings = _compiler(source, draft).compile_with_warnings(
            format="pdf", pdf_standards=STANDARDS, timestamp=int(draft.issued_at.timestamp())
        )
    except typst.TypstError as error:
        raise CannotSet(error.message, draft.data) from error
    return bytes(pdf), [w.message for w in warnings]  # type: ignore[arg-type]


def _compiler(source: str, draft: Draft) -> typst.Compiler:
    files: Any = {"main.typ": source.encode(), PRELUDE_NAME: _prelude()}
    return typst.Compiler(
        files,
        root=_empty_root(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs=_inputs(draft),
        package_path=_empty_root(),
        package_cache_path=_empty_root(),
    )


def _inputs(draft: Draft) -> dict[str, str]:
    return {
        "data": as_json(draft.data),
        "about": as_json(draft.about()),
        "attachment": draft.attachment().decode(),
        "qr": qr_svg(draft.verify_url),
    }


def qr_svg(text: str) -> str:
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=2, xmldecl=False)
    return drawn.getvalue().decode()


@lru_cache
def _prelude() -> bytes:
    return (HERE / "prelude" / PRELUDE_NAME).read_bytes()


@lru_cache
def _fonts() -> typst.Fonts:
    """Vazirmatn out of this package: what is set looks the same on every machine."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(HERE / "fonts")],
    )


@lru_cache
def _root_holder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="panjereh-typst-", ignore_cleanup_errors=True)


def _empty_root() -> str:
    return _root_holder().name
