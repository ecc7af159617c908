"""Who may send in the sandbox nation, and under which number (002 art 26(1))."""

import json
from pathlib import Path

from django.conf import settings

from panjereh.national.messaging.actions import register_sender

SENDERS = {
    "sso": ("پنجره ملی خدمات دولت هوشمند", "4040"),
    "national-window": ("پنجره ملی خدمات دولت هوشمند", "4040"),
    "exchange-records": ("مرکز ملی تبادل اطلاعات", "4040"),
    "civil-registration-window": ("سازمان ثبت احوال کشور", "404011"),
}


def register_senders() -> None:
    """Called by the seed of the national floor, in a process of that floor."""
    directory = json.loads(Path(settings.EXCHANGE_DIRECTORY).read_text())
    for system, (name, mask) in SENDERS.items():
        register_sender(system=directory[system], name=name, mask=mask)
