"""What happens to people of the sandbox: a change of identity data, a death, a death undone; and
to companies.

Each of a person is the deed of the civil registry itself, with its feeds and all that follows.
"""

from collections.abc import Callable
from typing import Any

from django.utils.timezone import localdate

from panjereh.common import clock
from panjereh.registries.civil import amendments
from panjereh.registries.civil.models import Person
from panjereh.sandbox.companies import change_chief_executive, dissolve, revive

ACTOR = "sandbox"
NEW_NAME = "نوروزی"
OTHER_NAME = "بهاران"


def change_identity(national_id: str, family_name: str = "") -> dict[str, Any]:
    """A new family name, and the new card that proves who comes with it."""
    before = Person.objects.filter(pk=national_id).values_list("family_name", flat=True).first()
    name = family_name or (OTHER_NAME if before == NEW_NAME else NEW_NAME)
    amendments.record_identity_change(
        national_id=national_id,
        data={"family_name": name},
        actor=ACTOR,
        reason="changed by hand in the sandbox",
    )
    person = Person.objects.get(pk=national_id)
    return {
        "national_id": national_id,
        "family_name": name,
        "card_serial": person.cards.get(withdrawn_at=None).serial,
    }


def die(national_id: str) -> dict[str, Any]:
    today = localdate(clock.now())
    amendments.record_death(
        national_id=national_id, died_on=today, actor=ACTOR, reason="by hand in the sandbox"
    )
    return {"national_id": national_id, "died_on": today.isoformat()}


def undo_death(national_id: str) -> dict[str, Any]:
    amendments.withdraw_death(
        national_id=national_id, actor=ACTOR, reason="entered wrongly, by hand in the sandbox"
    )
    return {"national_id": national_id, "died_on": ""}


DEEDS: dict[str, Callable[..., dict[str, Any]]] = {
    "change-identity": change_identity,
    "die": die,
    "undo-death": undo_death,
    "change-chief-executive": change_chief_executive,
    "dissolve": dissolve,
    "revive": revive,
}
