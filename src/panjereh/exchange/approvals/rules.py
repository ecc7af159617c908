"""What the law adds to every approval: no passing on, the tariff, the agreement on secrecy."""

from typing import Any

from django.db.models import Q

from panjereh.common import clock
from panjereh.exchange.approvals.models import Agreement
from panjereh.exchange.models import Member

AGENCY_CLASSES = {"GOV", "PUB", "MUN"}

PASSING_ON = {  # NIX-30: 001 art 34 note
    "fa": "دریافت‌کننده نباید داده‌های پایه را به دیگری بدهد.",
    "en": "The consumer may not pass base data on to others.",
}
FREE = {  # NIX-29: 001 art 34
    "fa": "ارائه خدمت به دستگاه‌ها رایگان است.",
    "en": "The service is free of charge for agencies.",
}
TARIFF = {
    "fa": "تعرفه بر پایه ضابطه مصوب برای غیر دستگاه‌ها محاسبه می‌شود.",
    "en": "Charged by the approved tariff rule for bodies that are no agencies.",
}


def notes_of(consumer: Member, provider: Member) -> dict[str, Any]:
    """Stands in the contract under the three signatures."""
    return {
        "onward_passing": "prohibited",
        "tariff": "free" if consumer.member_class in AGENCY_CLASSES else "approved-rule",
        "secrecy_agreements": agreements(consumer, provider),
    }


def notes_in_words(consumer: Member) -> list[dict[str, str]]:
    free = consumer.member_class in AGENCY_CLASSES
    return [PASSING_ON, FREE if free else TARIFF]


def agreements(*members: Member) -> list[str]:
    """PRV-17: numbers of the agreements on secrecy that stand today."""
    today = clock.now().date()
    standing = Agreement.objects.filter(member__in=members, signed_on__lte=today).filter(
        Q(valid_until=None) | Q(valid_until__gte=today)
    )
    return sorted(standing.values_list("number", flat=True))
