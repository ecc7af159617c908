"""What this room tells: the sheet of its list, for the register of the exchange."""

from panjereh.common.events import Event
from panjereh.common.outbox.actions import emit

NAME = "privatisation/privatisation-list"
SHEET = {
    "kind": "list",
    "title": {"fa": "بنگاه‌های واگذاری", "en": "Enterprises under privatisation"},
    "told": {
        "fa": "بنگاه‌های مشمول واگذاری، در حال واگذاری و واگذارشده",
        "en": "Enterprises subject to, in, or after privatisation",
    },
    "columns": [
        {"name": "enterprise_national_id", "required": True},
        {"name": "name", "required": True},
        {"name": "status", "required": True},
        {"name": "last_entry", "required": True},
        {"name": "last_exit", "required": False},
        {"name": "previous_periods", "required": False},
    ],
    "approval_row": "26-2-2",
    "frequency": "monthly",
    "same_day": False,
    "phases": [],
}


def sheet_announced() -> Event:
    return emit("feed.sheet.announced", subject=NAME, data={"feed": NAME, "sheet": SHEET})
