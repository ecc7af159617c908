"""Is the number still the person's own? Shahkar is asked again and again (SSO-02), so that a
number which has come to somebody else opens nothing.
"""

import logging
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from panjereh.common import clock
from panjereh.sdk import shahkar
from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.events.actions import tell_agencies
from panjereh.sso.models import Counter, Person
from panjereh.sso.policy import policy
from panjereh.sso.safety.ending import end_everything
from panjereh.sso.safety.models import NumberStanding
from panjereh.sso.safety.notices import notify

log = logging.getLogger("panjereh.sso.numbers")

REGISTRY_AWAY = "registry-away"
REGISTRY_AWAY_LASTS = timedelta(seconds=60)

_SUSPEND = """
    INSERT INTO sso_safety_numberstanding AS n
        (person_id, checked_at, due_at, suspended_at, reason)
    SELECT p.id, coalesce(p.mobile_confirmed_at, %(now)s), %(now)s, %(now)s, %(reason)s
    FROM sso_person p WHERE p.id = %(person)s AND p.mobile = %(mobile)s
    ON CONFLICT (person_id) DO UPDATE
    SET suspended_at = EXCLUDED.suspended_at, reason = EXCLUDED.reason
    WHERE n.suspended_at IS NULL OR (n.reason <> EXCLUDED.reason AND EXCLUDED.reason = 'lost')
    RETURNING 1
"""


def is_due(person: Person, *, known_browser: bool) -> bool:
    """On each browser that the account does not know, and after 30 days on every one."""
    standing = standing_of(person)
    checked_at = standing.checked_at if standing else person.mobile_confirmed_at
    if not known_browser or checked_at is None:
        return True
    return clock.now() - checked_at > policy().number_good_for


def standing_of(person: Person) -> NumberStanding | None:
    return getattr(person, "number_standing", None)


def may_get_codes(person: Person) -> bool:
    standing = standing_of(person)
    return bool(person.mobile) and (standing is None or standing.suspended_at is None)


def check_number(person: Person) -> bool:
    """Ask Shahkar, and draw the consequences. Raises `ExchangeError`; no answer is no "no"."""
    if shahkar.owns_mobile(person.national_id, person.mobile):
        note_owned(person.id)
        return True
    suspend_number(person.id, mobile=person.mobile, reason=NumberStanding.Reason.LOST)
    return False


def still_owned(person: Person | None, *, known_browser: bool) -> bool:
    """Before a code is sent. A registry that is away stops nobody on a browser that the account
    knows; on another one no code goes out, and the page says so to everybody alike."""
    if person is None or not is_due(person, known_browser=known_browser):
        return person is not None
    try:
        return check_number(person)
    except ExchangeError as error:
        log.warning("sso.number.unchecked code=%s request=%s", error.code, error.request_id)
        if not known_browser:
            _note_registry_away()
        return known_browser


def _note_registry_away() -> None:
    until = clock.now() + REGISTRY_AWAY_LASTS
    Counter.objects.update_or_create(name=REGISTRY_AWAY, defaults={"count": 1, "expires_at": until})


def note_owned(person_id: UUID) -> None:
    """Shahkar has just said that the number is the person's. A suspension stays: it ends only by
    proving oneself again."""
    now = clock.now()
    rest = policy().number_good_for - policy().number_check_spread * secrets.SystemRandom().random()
    NumberStanding.objects.update_or_create(
        person_id=person_id, defaults={"checked_at": now, "due_at": now + rest}
    )


def lift_suspension(person_id: UUID) -> None:
    """The whole proof was given again."""
    note_owned(person_id)
    NumberStanding.objects.filter(person_id=person_id).update(suspended_at=None, reason="")


def suspend_number(person_id: UUID, *, mobile: str, reason: str) -> bool:
    """No code goes to this number any more, and who is in by it is out. False when it was so
    already, or when the person has another number by now."""
    row: dict[str, str | UUID | datetime] = {
        "person": person_id,
        "mobile": mobile,
        "reason": reason,
        "now": clock.now(),
    }
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_SUSPEND, row)
            if cursor.fetchone() is None:
                return False
        end_everything(person_id)
        if reason == NumberStanding.Reason.LOST:
            notify(person_id, "number-lost")
            tell_agencies(person_id, "identifier-recycled")
    log.info("sso.number.suspended reason=%s", reason)
    return True


def sim_changed(national_id: str) -> None:
    """The registry says that something about this person's numbers changed: ask at once."""
    NumberStanding.objects.filter(person__national_id=national_id, suspended_at=None).update(
        due_at=clock.now()
    )
