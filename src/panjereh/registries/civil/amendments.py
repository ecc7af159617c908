"""The deeds that change an entry of the register. Each is told to the feeds in its transaction."""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from panjereh.common import clock
from panjereh.registries.civil import publications
from panjereh.registries.civil.models import Amendment, IdentityCard, Marriage, Person

IDENTITY_DATA = ("given_name", "family_name", "father_name", "birth_date", "birth_place", "sex")
_LETTERS = "ACEFGHJKLMNPRTUVWXY"


class Refused(ValueError):
    """The register cannot be changed like this; the text is one line for who records it."""


def record_identity_change(
    *, national_id: str, data: Mapping[str, Any], actor: str, reason: str
) -> Amendment:
    """Change identity data by a decision, give out a new card, and tell that somebody changed."""
    if unknown := set(data) - set(IDENTITY_DATA):
        raise Refused(f"no identity data are called {', '.join(sorted(unknown))}")
    with transaction.atomic():
        person = _locked(national_id)
        before = {n: getattr(person, n) for n in data if getattr(person, n) != data[n]}
        if not before:
            raise Refused("the register says so already")
        if person.died_on:
            raise Refused("the register says that this person has died")
        amendment = _note(person, Amendment.Kind.IDENTITY, before, actor, reason)
        for name in before:
            setattr(person, name, data[name])
        _save(person)
        issue_card(person)
        publications.identity_changed(person)
    return amendment


def record_death(*, national_id: str, died_on: date, actor: str, reason: str) -> Amendment:
    """Enter a death; a marriage that lasted ends with it."""
    with transaction.atomic():
        person = _locked(national_id)
        if person.died_on:
            raise Refused("the register says so already")
        if not person.birth_date <= died_on <= localdate(clock.now()):
            raise Refused("nobody dies before the birth or in the future")
        lasting = _marriages(person).filter(ended_on=None)
        before = {"died_on": None, "marriages": list(lasting.values_list("pk", flat=True))}
        amendment = _note(person, Amendment.Kind.DEATH, before, actor, reason)
        lasting.update(ended_on=died_on)
        person.died_on = died_on
        _save(person)
        publications.death_entered(person)
    return amendment


def withdraw_death(*, national_id: str, actor: str, reason: str) -> Amendment:
    """The entry of a death was wrong: it is undone, told, and stays in the history."""
    with transaction.atomic():
        person = _locked(national_id)
        if not person.died_on:
            raise Refused("the register says that this person is alive")
        entered = person.amendments.filter(kind=Amendment.Kind.DEATH).last()
        before = {"died_on": person.died_on}
        amendment = _note(person, Amendment.Kind.DEATH_WITHDRAWN, before, actor, reason)
        if entered:
            Marriage.objects.filter(pk__in=entered.before["marriages"]).update(ended_on=None)
        person.died_on = None
        _save(person)
        publications.death_withdrawn(person)
    return amendment


def issue_card(person: Person) -> IdentityCard:
    """A new card; the one before it is no proof of anything any more."""
    with transaction.atomic():
        person.cards.filter(withdrawn_at=None).update(withdrawn_at=clock.now())
        return IdentityCard.objects.create(person=person, serial=_new_serial())


def _new_serial() -> str:
    """Like 7K40215963; nobody can guess it from another one."""
    first, letter = secrets.choice("123456789"), secrets.choice(_LETTERS)
    return f"{first}{letter}{secrets.randbelow(100_000_000):08}"


def _locked(national_id: str) -> Person:
    person = Person.objects.select_for_update().filter(pk=national_id).first()
    if person is None:
        raise Refused("no person has this national id")
    return person


def _marriages(person: Person) -> QuerySet[Marriage]:
    return Marriage.objects.filter(Q(wife=person) | Q(husband=person))


def _note(
    person: Person, kind: str, before: Mapping[str, Any], actor: str, reason: str
) -> Amendment:
    kept = {k: v.isoformat() if isinstance(v, date) else v for k, v in before.items()}
    return Amendment.objects.create(
        person=person, kind=kind, before=kept, recorded_by=actor, reason=reason
    )


def _save(person: Person) -> None:
    try:
        person.clean_fields(exclude={"died_on", "mother", "father"})  # empty is no mistake there
    except ValidationError as error:
        raise Refused(f"check {', '.join(sorted(error.message_dict))}") from error
    person.save()
