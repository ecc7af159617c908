"""How counts, shares, times and states are written: `{% load monitoring %}`."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from panjereh.common.text import persian_digits
from panjereh.exchange.monitoring.charts import Chart
from panjereh.exchange.monitoring.words import cause_name, error_name, state_colour, state_name
from panjereh.ui.jalali import in_persian
from panjereh.ui.templatetags.panjereh import tag

register = template.Library()

KILO = 1000
NOTHING = "–"


@register.filter
def number(value: float | None) -> str:
    """1,234 with the reader's digits; a dash where nothing was counted."""
    if value is None:
        return NOTHING
    return _written(f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}")


@register.filter
def percent(share: float | None) -> str:
    """Never rounded up to all or down to none: 99.96 of a hundred is not all of it."""
    if share is None:
        return NOTHING
    if share in {0, 1}:
        return _written(f"{share:.0%}")
    return _written(f"{min(max(share * 100, 0.1), 99.9):.1f}%")


@register.filter
def milliseconds(value: float | None) -> str:
    if value is None:
        return NOTHING
    if value < KILO:
        return _("%(number)s ms") % {"number": number(value if value < 10 else round(value))}
    return _("%(number)s s") % {"number": number(value / KILO)}


@register.filter
def volume(size: int) -> str:
    """Bytes in units that people know."""
    value = float(size)
    for unit in (_("%(number)s bytes"), _("%(number)s KB"), _("%(number)s MB")):
        if value < KILO:
            return unit % {"number": number(round(value, 1))}
        value /= KILO
    return _("%(number)s GB") % {"number": number(round(value, 1))}


@register.filter
def state_tag(state: str) -> str:
    return tag(state_name(state), state_colour(state))


@register.filter
def cause(name: str) -> str:
    return cause_name(name)


@register.filter
def error(code: str) -> str:
    """What an error code means; the code itself where there are no words for it."""
    return error_name(code)


@register.filter
def chart_value(value: float | None, unit: str) -> str:
    return milliseconds(value) if unit == "ms" else number(value)


@register.filter
def axis_number(text: str) -> str:
    return _written(text)


@register.inclusion_tag("monitoring/chart.html")
def chart(drawn: Chart) -> dict[str, Any]:
    """A drawing with its title, and the same numbers as a table that can be opened."""
    return {"chart": drawn}


def _written(text: str) -> str:
    if not in_persian():
        return text
    return persian_digits(text).replace(",", "٬").replace(".", "٫").replace("%", "٪")
