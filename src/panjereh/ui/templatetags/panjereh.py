"""Filters and components of every page: `{% load panjereh %}`.

Identifiers, phones, codes and addresses of the net are printed by `ltr` and by nothing else: the
bidi algorithm swaps the halves of 1405-8812 and reverses a masked phone inside Persian text.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BaseForm
from django.template.loader import render_to_string
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from panjereh.common.identifiers import mask_mobile
from panjereh.common.text import persian_digits
from panjereh.ui import jalali as calendar
from panjereh.ui.forms import Fault, faults

register = template.Library()

_LATIN = re.compile(r"[A-Za-z]")
_MARKUP = re.compile(r"(<[^>]*>|&#?\w+;)")
_ISOLATED = re.compile("[\u2066-\u2068]([^\u2066-\u2069]*)\u2069")
_RUN = re.compile(
    f"{_ISOLATED.pattern}|[+A-Za-z0-9۰-۹•*](?:[A-Za-z0-9۰-۹.:/@_•*–-]*[A-Za-z0-9۰-۹•*])?"
)
_JOINED = re.compile(r"[0-9۰-۹•*][-–/•*]+[0-9۰-۹•*]")
TAG_COLOURS = ("grey", "green", "turquoise", "blue", "yellow", "orange", "red")
STATE_COLOURS = {
    "received": "blue",
    "waiting": "yellow",
    "in-progress": "turquoise",
    "delivered": "green",
    "refused": "red",
    "trouble": "orange",
}


def _in_persian(run: re.Match[str]) -> str:
    """A code with Latin letters, like 7K3M, keeps its digits, for people copy it.

    What would be turned around among Persian words is put between isolating marks.
    """
    latin = bool(_LATIN.search(run[0]))
    shown = run[0] if latin else persian_digits(run[0])
    turned = (latin or _JOINED.search(shown)) and run[1] is None
    return f"\u2066{shown}\u2069" if turned else shown


@register.filter(is_safe=True)
def digits(value: object) -> str:
    """Digits in the reader's own script."""
    text = str(value)
    if not calendar.in_persian():
        return text
    if not isinstance(value, SafeString):
        return _RUN.sub(_in_persian, text)
    # Tags and entities stay as they are; digits alone cannot make markup, so safe text stays safe.
    parts = _MARKUP.split(text)
    parts[::2] = [_RUN.sub(_in_persian, part) for part in parts[::2]]
    return mark_safe("".join(parts))  # noqa: S308


@register.filter
def plain_text(value: object) -> str:
    """Text of a letter as paragraphs; what was isolated by marks is isolated by markup."""
    paragraphs = linebreaks(str(digits(str(value))), autoescape=True)
    return mark_safe(_ISOLATED.sub(r'<bdi dir="ltr">\1</bdi>', paragraphs))  # noqa: S308


@register.filter
def ltr(value: object) -> str:
    """An identifier, phone, code or address, isolated from the text around it."""
    text = str(value)
    keeps_digits = _LATIN.search(text) or not calendar.in_persian()
    return format_html('<bdi dir="ltr">{}</bdi>', text if keeps_digits else persian_digits(text))


@register.filter
def masked_mobile(value: str) -> str:
    return ltr(mask_mobile(value))


@register.filter
def jalali(value: date | datetime | str | None) -> str:
    """25 Aban 1405 as ۲۵ آبان ۱۴۰۵; in English the common calendar."""
    return calendar.long_date(value) if value else ""


@register.filter
def jalali_time(value: datetime | str | None) -> str:
    if not value:
        return ""
    parts = {"day": calendar.long_date(value), "time": calendar.as_clock(value)}
    return _("%(day)s at %(time)s") % parts


@register.filter
def iso(value: datetime | str) -> str:
    """For the `datetime` attribute of <time>."""
    return value if isinstance(value, str) else value.isoformat()


@register.filter
def rial(value: int | str) -> str:
    amount = int(value)
    if amount == 0:
        return _("Free of charge")
    grouped = f"{amount:,}"
    shown = persian_digits(grouped).replace(",", "٬") if calendar.in_persian() else grouped
    return _("%(amount)s rials") % {"amount": shown}


@register.filter
def in_language(texts: object) -> str:
    """The reader's text out of {"fa": …, "en": …}; Persian where there is no other."""
    if not isinstance(texts, Mapping):
        return str(texts or "")
    return str(texts.get((get_language() or "fa")[:2]) or texts.get("fa") or "")


@register.filter
def state_name(state: str) -> str:
    names = {
        "received": _("Received"),
        "waiting": _("Waiting for you"),
        "in-progress": _("In progress"),
        "delivered": _("Delivered"),
        "refused": _("Refused"),
        "trouble": _("Delayed"),
    }
    return names.get(state, state)


@register.filter
def state_tag(state: str) -> str:
    return tag(state_name(state), STATE_COLOURS.get(state, "grey"))


@register.simple_tag(name="tag")
def tag(text: str, colour: str = "grey") -> str:
    if colour not in TAG_COLOURS:
        raise template.TemplateSyntaxError(f"no tag colour {colour}; choose from {TAG_COLOURS}")
    return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', colour, text)


@register.simple_tag
def icon(name: str) -> str:
    """A drawing beside words; readers of the screen do not hear it."""
    return render_to_string(f"ui/icons/{name}.svg")


@register.inclusion_tag("ui/components/error_summary.html")
def error_summary(*forms: BaseForm) -> dict[str, Any]:
    """What is wrong, each line leading to its field. Put it before the heading of the page."""
    found: list[Fault] = []
    for form in forms:
        found += faults(form)
        form.summary_shown = True  # type: ignore[attr-defined]
    return {"faults": found}


@register.inclusion_tag("ui/components/summary_list.html")
def summary_list(rows: Iterable[Any], style: str = "") -> dict[str, Any]:
    """Rows are pairs (key, value) or mappings: key, value, source, link, link_text."""
    return {"rows": [_row(row) for row in rows], "style": style}


def _row(row: Any) -> Mapping[str, Any]:
    return row if isinstance(row, Mapping) else {"key": row[0], "value": row[1]}


@register.inclusion_tag("ui/components/timeline.html")
def timeline(steps: Iterable[Any]) -> dict[str, Any]:
    """Steps have `at`, `state`, `unit` and `text` (by language), oldest first."""
    return {"steps": list(steps)}


@register.inclusion_tag("ui/components/stars.html")
def stars(average: float | str | None, count: int) -> dict[str, Any]:
    value = float(average or 0)
    halves = round(value * 2)
    return {
        "average": f"{value:.1f}".replace(".", "٫" if calendar.in_persian() else "."),
        "count": count,
        "full": range(halves // 2),
        "half": halves % 2,
        "empty": range((10 - halves) // 2),
    }


@register.inclusion_tag("ui/components/panel.html")
def panel(title: str, body: object = "") -> dict[str, Any]:
    return {"title": title, "body": body}


@register.inclusion_tag("ui/components/notice.html")
def notice(text: object, kind: str = "information", title: str = "") -> dict[str, Any]:
    """A message on the page: kind information, success or trouble."""
    return {"text": text, "kind": kind, "title": title}
