"""The yearly report as a PDF: archival, and tagged for screen readers."""

import json
import tempfile
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from panjereh.exchange.monitoring.figures import Figures
from panjereh.exchange.monitoring.names import Name
from panjereh.exchange.monitoring.templatetags.monitoring import milliseconds, number, percent
from panjereh.exchange.monitoring.yearly import Year
from panjereh.ui.templatetags.panjereh import digits, in_language

_TEMPLATE = Path(__file__).with_name("yearly.typ")
Section = dict[str, Any]


def year_document(year: int, report: Year) -> bytes:
    told = {
        "title": _("Real-time exchange in the year %(year)s") % {"year": digits(year)},
        "lead": _(
            "All of it is counted from the calls themselves; nobody declared a number."
            " Members, services and grants are those of today."
        ),
        "language": (get_language() or "fa")[:2],
        "sections": [_totals(report), _causes(report), _inquiries(report), _duties(report)],
    }
    with tempfile.TemporaryDirectory() as empty:
        setting: Any = typst.Compiler(
            root=empty,
            font_paths=[str(settings.DOCUMENT_FONTS)],
            ignore_system_fonts=True,
            sys_inputs={"report": json.dumps(told, ensure_ascii=False)},
        )
        pdf: bytes = setting.compile(_TEMPLATE.read_bytes(), format="pdf", pdf_standards=["a-3a"])
    return pdf


def _totals(report: Year) -> Section:
    totals = report.totals
    rows = [
        (_("Calls"), totals.figures.calls),
        (_("Services"), totals.services),
        (_("Services called"), totals.services_called),
        (_("Providers"), totals.providers),
        (_("Consumers that called"), totals.consumers),
        (_("Members"), totals.members),
        (_("Active grants"), totals.grants),
    ]
    told = [[name, number(value)] for name, value in rows]
    return _section(_("Totals"), [_("What"), _("How many")], told)


def _causes(report: Year) -> Section:
    figures = report.totals.figures
    rows = [
        (_("Answered"), figures.answered),
        (_("Failed because of the consumer"), figures.failed_consumer),
        (_("Failed because of the exchange"), figures.failed_gateway),
        (_("Failed because of the provider"), figures.failed_provider),
        (_("Without any answer"), figures.unanswered),
    ]
    told = [[name, number(value), percent(_share(value, figures))] for name, value in rows]
    return _section(_("Calls by outcome"), [_("Outcome"), _("Calls"), _("Share")], told)


def _inquiries(report: Year) -> Section:
    counted = report.inquiries
    rows = [
        [_("Inquiries on the list"), number(counted.known), ""],
        [
            _("A service answers them"),
            number(counted.offered),
            percent(counted.offered_share),
        ],
        [_("Asked over the exchange"), number(counted.asked), percent(counted.asked_share)],
    ]
    title = _("Inquiries that became electronic")
    return _section(title, [_("What"), _("How many"), _("Share")], rows)


def _duties(report: Year) -> Section:
    columns = [
        _("Provider"),
        _("Calls"),
        _("Answered online"),
        _("Kept the promise"),
        _("Nine of ten within"),
    ]
    rows = [
        [
            _plain(duty.name),
            number(duty.figures.calls),
            percent(duty.answered_online),
            percent(duty.kept_promise),
            milliseconds(duty.figures.p90),
        ]
        for duty in report.duties
    ]
    return _section(_("The duty to answer online"), columns, rows)


def _section(title: str, columns: list[str], rows: list[list[str]]) -> Section:
    return {"title": title, "columns": columns, "rows": rows}


def _share(value: int, figures: Figures) -> float | None:
    return value / figures.calls if figures.calls else None


def _plain(name: Name | str) -> str:
    return in_language(name)
