"""Reads about what keeps accounts safe."""

from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from panjereh.common import clock
from panjereh.sso.models import Counter, KnownBrowser, Person
from panjereh.sso.policy import policy
from panjereh.sso.safety.models import MisuseReport, Notice, NumberChange
from panjereh.sso.safety.numbers import REGISTRY_AWAY, may_get_codes

SHOWN = 50


def reached_by_code(national_id: str) -> Person | None:
    """Whoever signs in by SMS: an open account, a number, and nothing against the number.

    One statement, whether there is such a person or not.
    """
    found = Person.objects.filter(national_id=national_id, closed_at=None)
    person = found.select_related("number_standing").first()
    return person if person and may_get_codes(person) else None


def fits_account(national_id: str, birth_date: date, mobile: str) -> bool:
    return Person.objects.filter(
        national_id=national_id, birth_date=birth_date, mobile=mobile, closed_at=None
    ).exists()


def registry_is_away() -> bool:
    """Told to everybody alike, like trouble with SMS."""
    return Counter.objects.filter(name=REGISTRY_AWAY, expires_at__gt=clock.now()).exists()


def recent_notices(person_id: UUID) -> QuerySet[Notice]:
    return Notice.objects.filter(person_id=person_id).order_by("-at")[:SHOWN]


def known_browsers(person_id: UUID) -> QuerySet[KnownBrowser]:
    since = clock.now() - policy().browser_known
    return KnownBrowser.objects.filter(person_id=person_id, last_seen_at__gt=since).order_by(
        "-last_seen_at"
    )


def waiting_change(person_id: UUID) -> NumberChange | None:
    """The new number that is to be the person's when its days are over."""
    return NumberChange.objects.filter(
        person_id=person_id, done_at=None, cancelled_at=None, confirmed_at__isnull=False
    ).first()


def open_reports() -> QuerySet[MisuseReport]:
    """For support, oldest first."""
    return MisuseReport.objects.filter(settled_at=None).select_related("person").order_by("at")
