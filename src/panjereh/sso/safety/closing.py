"""A person closes the account, comes back, or is forgotten.

Closing takes effect at once and signing in does not undo it: a sign-in page that opened closed
accounts would tell strangers who has one, and hand it to whoever holds the number. Coming back is
registering again, with the whole proof, at any time: it is the same account (WIN-02), so sites
know the person again. After 30 days what we know of the person is erased; what stays is a keyed
digest of the national id, so that nobody ever has two.
"""

import secrets
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Model

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.sdk.feeds.following.index import know_customer
from panjereh.sso.acting.actions import end_all_of
from panjereh.sso.digests import keyed
from panjereh.sso.events.actions import tell_agencies
from panjereh.sso.events.kinds import ACCOUNT_DISABLED, ACCOUNT_ENABLED
from panjereh.sso.models import FORGOTTEN, Person, Session
from panjereh.sso.policy import policy
from panjereh.sso.provider.subjects import own_subject
from panjereh.sso.safety.changing import withdraw_waiting
from panjereh.sso.safety.ending import end_everything
from panjereh.sso.safety.models import Closure
from panjereh.sso.safety.notices import notify
from panjereh.sso.safety.numbers import lift_suspension
from panjereh.sso.sessions.actions import LiveSession

REQUEST = "request"
ERASED = date(1, 1, 1)
AT_ONCE = 50

# What says nothing of who the person is, and others must be able to show: that somebody was told
# something (002 art 23), signed it (SSO-13), acted in it, or how many there were (SSO-26).
KEPT_ROOMS = {"sso_signatures", "sso_acting", "sso_organisations", "sso_ledger", "sso_numbers"}
KEPT = {"Release", "Session", "Grant", "AttainedLevel", "Closure", "Closing", "Consent"}


def close_own_account(actor: LiveSession) -> bool:
    """False when it was closed already."""
    with transaction.atomic():
        person = Person.objects.select_for_update().get(id=actor.person_id)
        if person.closed_at is not None:
            return False
        now = clock.now()
        Closure.objects.create(person=person, closed_at=now, purge_at=now + policy().closed_kept)
        notify(person.id, "account-closed")
        withdraw_waiting(person.id)
        end_everything(person.id)
        end_all_of(person, reason="account-closed")
        Person.objects.filter(id=person.id).update(closed_at=now)
        tell_agencies(person.id, ACCOUNT_DISABLED)
        _emit("sso.person.closed", person, ground=REQUEST)
    return True


def come_back(national_id: str, facts: dict[str, Any]) -> Person | None:
    """In the transaction of a registration, which has proved everything: the account that this
    person closed is theirs again. None when there is none."""
    closure = _closure_of(national_id)
    if closure is None:
        return None
    now = clock.now()
    Closure.objects.filter(id=closure.id).update(back_at=now, id_digest="")
    Person.objects.filter(id=closure.person_id).update(
        national_id=national_id, closed_at=None, **facts
    )
    person = Person.objects.get(id=closure.person_id)
    lift_suspension(person.id)
    know_customer(person.national_id)
    tell_agencies(person.id, ACCOUNT_ENABLED)
    _emit("sso.person.reopened", person)
    return person


def _closure_of(national_id: str) -> Closure | None:
    standing = Closure.objects.select_for_update().filter(back_at=None)
    whole = standing.filter(person__national_id=national_id, purged_at=None)
    return whole.first() or standing.filter(id_digest=_digest(national_id)).first()


def purge_due() -> int:
    """Forget those whose time is over. Returns how many."""
    due = Closure.objects.filter(purge_at__lte=clock.now(), purged_at=None, back_at=None)
    return sum(_purge(closure) for closure in due.values_list("id", flat=True)[:AT_ONCE])


def _purge(closure_id: int) -> bool:
    with transaction.atomic():
        closure = (
            Closure.objects.select_for_update(skip_locked=True)
            .filter(id=closure_id, purged_at=None, back_at=None)
            .first()
        )
        if closure is None:
            return False
        person = closure.person
        tell_agencies(person.id, "account-purged")
        _emit("sso.person.purged", person)
        Closure.objects.filter(id=closure.id).update(
            purged_at=clock.now(), id_digest=_digest(person.national_id)
        )
        _erase(person)
    return True


def _erase(person: Person) -> None:
    for room in erased_tables():
        room.objects.filter(person_id=person.id).delete()  # type: ignore[attr-defined]
    Session.objects.filter(person=person).update(browser="")  # the row holds its grants
    Person.objects.filter(id=person.id).update(
        national_id=f"{FORGOTTEN}{secrets.token_hex(6)[:11]}",
        given_name="",
        family_name="",
        father_name="",
        birth_date=ERASED,
        mobile="",
        mobile_confirmed_at=None,
    )


def erased_tables() -> list[type[Model]]:
    """Whatever hangs on a person and is not kept for a reason, in this room and in any other."""
    return [
        relation.related_model
        for relation in Person._meta.related_objects
        if relation.field.name == "person"
        and relation.related_model._meta.app_label not in KEPT_ROOMS
        and relation.related_model.__name__ not in KEPT
    ]


def _digest(national_id: str) -> str:
    return keyed("closed-account", national_id)


def _emit(event: str, person: Person, **facts: str) -> None:
    sub = own_subject(person.id)
    emit(event, subject=sub, data={"sub": sub, **facts})
