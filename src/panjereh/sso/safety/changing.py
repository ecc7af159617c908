"""A new number for an account, in a way that a thief with a session cannot take in one step.

The number must be the person's own by Shahkar and its code must come back. Then it waits three
days, the old number is told at once, and any session of the person can stop it. Only whoever has
just shown level 2, or whose old number is a stranger's by now, does not wait.
"""

from typing import Literal
from uuid import UUID

from django.db import transaction

from panjereh.common import clock
from panjereh.sdk import shahkar
from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.events.actions import tell_agencies
from panjereh.sso.levels import reached
from panjereh.sso.models import Person
from panjereh.sso.one_time import limits
from panjereh.sso.one_time.actions import Holder, Verdict, issue_code, redeem_code
from panjereh.sso.one_time.limits import Limit
from panjereh.sso.one_time.sending import send_code
from panjereh.sso.people.inquiries import Identity
from panjereh.sso.people.queries import attained_level
from panjereh.sso.policy import policy
from panjereh.sso.safety.ending import end_everything
from panjereh.sso.safety.models import NumberChange, NumberStanding
from panjereh.sso.safety.notices import notify, notify_at
from panjereh.sso.safety.numbers import lift_suspension, standing_of
from panjereh.sso.sessions.actions import LiveSession

SURE = 2
PURPOSE: Literal["number"] = "number"

Outcome = Literal["now", "waits", "same"]


class NotOwn(Exception):
    """Shahkar does not know the number as the person's."""


class NotSure(Exception):
    """Whoever has reached level 2 shows it again before the number changes."""


class NoSuchChange(Exception):
    """It is not this session's, or its time is over."""


def ask_for_number(actor: LiveSession, *, mobile: str, address: str) -> NumberChange:
    """Raises `NotSure`, `NotOwn`, `LimitReached`, and `ExchangeError` when a registry or the
    messages are away."""
    if attained_level(actor.person_id) >= SURE and not is_sure(actor):
        raise NotSure
    person = Person.objects.get(id=actor.person_id)
    limits.spend(
        Limit("number", address, limits.HOUR, policy().inquiries_per_address_and_hour),
        Limit("number", str(person.id), limits.HOUR, policy().sends_per_hour),
    )
    if not shahkar.owns_mobile(person.national_id, mobile):
        raise NotOwn
    change = NumberChange.objects.create(
        person=person, session=actor.sid, mobile=mobile, asked_at=clock.now()
    )
    send_code(mobile=mobile, code=_code_for(change))
    return change


def _code_for(change: NumberChange) -> str:
    return issue_code(journey=change.id, purpose=PURPOSE, holder=_holder(change))


def _holder(change: NumberChange) -> Holder:
    return Holder(change.person.national_id, change.mobile)


def confirm_number(actor: LiveSession, change_id: UUID, *, guess: str) -> tuple[Verdict, Outcome]:
    """Only in the session that asked. Raises `NoSuchChange`."""
    change = asked_change(actor, change_id)
    verdict = redeem_code(journey=change.id, purpose=PURPOSE, holder=_holder(change), guess=guess)
    if verdict != "right":
        return verdict, "waits"
    return verdict, _settle(change, at_once=is_sure(actor) or _is_lost(change.person))


def asked_change(actor: LiveSession, change_id: UUID) -> NumberChange:
    found = NumberChange.objects.filter(
        id=change_id,
        person_id=actor.person_id,
        session=actor.sid,
        confirmed_at=None,
        cancelled_at=None,
        asked_at__gt=clock.now() - policy().journey,
    ).select_related("person__number_standing")
    if change := found.first():
        return change
    raise NoSuchChange


def is_sure(actor: LiveSession) -> bool:
    """Level 2 was shown within the last minutes, not merely some time in this session."""
    shown = reached(actor.proofs, attained_level(actor.person_id))
    newest = max((at for level, at in shown.items() if level >= SURE), default=None)
    return newest is not None and clock.now() - newest <= policy().fresh_sign_in


def prove_number(person: Person, identity: Identity) -> Outcome:
    """Somebody went through the whole registration again: identity, own number, its code. That is
    what opened the account once; it brings back a number that was lost or locked, and any other
    one waits like every change."""
    standing = standing_of(person)
    if identity.mobile == person.mobile:
        with transaction.atomic():
            lift_suspension(person.id)
        return "same"
    change = NumberChange.objects.create(
        person=person, mobile=identity.mobile, asked_at=clock.now()
    )
    lost = bool(standing and standing.reason == NumberStanding.Reason.LOST)
    return _settle(change, at_once=lost)


def _is_lost(person: Person) -> bool:
    standing = standing_of(person)
    return bool(standing and standing.suspended_at and standing.reason == standing.Reason.LOST)


def _settle(change: NumberChange, *, at_once: bool) -> Outcome:
    now = clock.now()
    wait = policy().number_change_waits
    with transaction.atomic():
        Person.objects.select_for_update().get(id=change.person_id)
        withdraw_waiting(change.person_id)
        change.confirmed_at, change.due_at = now, now if at_once else now + wait
        change.save(update_fields=["confirmed_at", "due_at"])
        if not at_once:
            notify(change.person_id, "number-change-asked")
            return "waits"
        _apply(change)
    return "now"


def withdraw_waiting(person_id: UUID) -> int:
    """Whatever new number was on its way does not come."""
    return NumberChange.objects.filter(
        person_id=person_id, done_at=None, cancelled_at=None, confirmed_at__isnull=False
    ).update(cancelled_at=clock.now(), outcome="withdrawn")


def cancel_change(actor: LiveSession) -> bool:
    """Any session of the person stops it, so the owner of the old number can. False: there was
    none."""
    with transaction.atomic():
        if not withdraw_waiting(actor.person_id):
            return False
        notify(actor.person_id, "number-change-cancelled")
    return True


def apply_due() -> int:
    """The days are over: Shahkar is asked once more, for it may be another's by now."""
    due = NumberChange.objects.filter(
        due_at__lte=clock.now(), done_at=None, cancelled_at=None
    ).select_related("person__number_standing")
    return sum(_apply_if_own(change) for change in due[: policy().number_checks_at_once])


def _apply_if_own(change: NumberChange) -> bool:
    try:
        own = shahkar.owns_mobile(change.person.national_id, change.mobile)
    except ExchangeError:
        later = clock.now() + policy().number_change_asked_again
        NumberChange.objects.filter(id=change.id).update(due_at=later)
        return False
    with transaction.atomic():
        still = NumberChange.objects.select_for_update().filter(
            id=change.id, done_at=None, cancelled_at=None
        )
        if not still.exists():
            return False
        if own:
            _apply(change)
        else:
            still.update(cancelled_at=clock.now(), outcome="not-own")
            notify(change.person_id, "number-change-cancelled")
    return True


def _apply(change: NumberChange) -> None:
    """In a transaction. Whoever was in signs in anew, but for the session that showed level 2."""
    person, now = change.person, clock.now()
    told = [change.mobile] if _is_lost(person) else [person.mobile, change.mobile]
    NumberChange.objects.filter(id=change.id).update(done_at=now, outcome="changed")
    Person.objects.filter(id=person.id).update(mobile=change.mobile, mobile_confirmed_at=now)
    lift_suspension(person.id)
    end_everything(person.id, but=change.session if change.due_at == change.confirmed_at else None)
    notify_at(person.id, "number-changed", mobiles=told, facts={})
    tell_agencies(person.id, "identifier-changed")
