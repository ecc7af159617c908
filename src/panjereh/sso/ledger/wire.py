"""Lines of the ledger for programs, and as files that people take home."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, gettext, override

from panjereh.sso.account.rows import CLAIM_NAMES
from panjereh.sso.ledger.queries import MOST, Line, Texts, Wanted, releases

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_json(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "at": line.at.isoformat(timespec="seconds"),
        "agency": {"code": line.agency, "name": line.agency_name},
        "site": {"code": line.site, "name": line.site_name},
        "claims": [{"code": name, "name": claim_name(name)} for name in line.claims],
        "purpose": line.purpose,
        "legal_basis": line.laws,
        "session": str(line.session),
        "acted": line.acted,
        "whom": line.whom,
    }


@lru_cache
def claim_name(claim: str) -> Texts:
    """In every language: whoever shows it chooses."""
    found = {}
    for language, _ in settings.LANGUAGES:
        with override(language):
            found[language] = str(CLAIM_NAMES.get(claim, claim))
    return found


def everything(person: UUID, wanted: Wanted) -> Iterator[Line]:
    """All that is kept and wanted, page by page."""
    before: int | None = wanted.before
    while True:
        page = releases(person, Wanted(wanted.agency, wanted.since, wanted.until, before, MOST))
        yield from page.lines
        if page.older is None:
            return
        before = page.older


def json_file(lines: Iterable[Line]) -> str:
    return json.dumps([as_json(line) for line in lines], ensure_ascii=False, indent=1)


def csv_file(lines: Iterable[Line]) -> str:
    """With the mark by which spreadsheets know Persian letters."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_heads())
    writer.writerows([_cell(value) for value in _row(line)] for line in lines)
    return "\ufeff" + text.getvalue()


def _heads() -> list[str]:
    return [
        gettext("Time"),
        gettext("Agency"),
        gettext("Where"),
        gettext("Data"),
        gettext("Purpose"),
        gettext("Law"),
        gettext("Who acted"),
    ]


def _row(line: Line) -> list[str]:
    return [
        timezone.localtime(line.at).isoformat(timespec="seconds"),
        said(line.agency_name),
        said(line.site_name),
        gettext(", ").join(said(claim_name(name)) for name in line.claims),
        said(line.purpose),
        gettext(", ").join(line.laws),
        line.whom if line.acted == "other" else gettext("You"),
    ]


def said(texts: Texts) -> str:
    return texts.get(get_language() or "fa") or texts.get("fa") or next(iter(texts.values()), "")


def _cell(value: str) -> str:
    """What agencies wrote must not run as a formula on the person's computer."""
    return f"'{value}" if value.startswith(_FORMULA) else value
