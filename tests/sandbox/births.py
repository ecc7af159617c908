from datetime import date

from panjereh.common import clock
from panjereh.registries.civil.actions import Birth, register_birth
from panjereh.registries.civil.models import Person
from panjereh.registries.health.actions import mark_entered
from panjereh.registries.health.models import BirthNotice
from panjereh.sandbox.people import MotherFacts


def enter(mother: MotherFacts) -> Person:
    """Enter the newborn of this mother, as the journey ends."""
    notice = BirthNotice.objects.get(pk=mother["notice_id"])
    born_on: date = notice.born_at.date()
    birth = Birth(
        notice_id=notice.notice_id,
        given_name="نیلوفر",
        mother_national_id=mother["national_id"],
        father_national_id=mother["husband"]["national_id"],
        born_on=born_on,
        sex=notice.sex,
        birth_place=notice.city,
    )
    entry = register_birth(birth, key=f"test:{notice.notice_id}")
    mark_entered(notice_id=notice.notice_id, entered_at=clock.now())
    return entry.child
