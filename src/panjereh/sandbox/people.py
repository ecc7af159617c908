"""People of the sandbox to try things with. Runs under the registries' settings.

Each is a dictionary, so that it can be printed as JSON: see `PersonFacts`. The cast (`cast`)
covers the cases that a service has to get right; `next_mother` has a newborn to enter.
"""

import base64
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any, TypedDict

from django.db.models import Count
from django.utils.timezone import localdate

from panjereh.common import clock
from panjereh.registries.civil.models import Marriage, Person
from panjereh.registries.civil.queries import family, person
from panjereh.registries.custody.models import BulkLoad
from panjereh.registries.custody.queries import SANDBOX_NATION
from panjereh.registries.health.actions import report_birth
from panjereh.registries.health.models import BirthNotice, Hospital
from panjereh.registries.health.queries import waiting_notices
from panjereh.registries.residence.models import Residence
from panjereh.registries.telecom.models import Sim
from panjereh.sandbox.appointments import appointed
from panjereh.sandbox.faces.camera import camera_picture
from panjereh.sandbox.nation import Community, communities
from panjereh.ui.jalali import to_jalali

YOUNGEST_MOTHER, OLDEST_MOTHER = timedelta(days=19 * 365), timedelta(days=42 * 365)
APART = timedelta(days=420)
ADULTS_BORN_BEFORE = date(2008, 1, 1)


class PersonFacts(TypedDict):
    """What the registries know; empty where they know nothing."""

    national_id: str
    given_name: str
    family_name: str
    father_name: str
    birth_date: str
    """ISO 8601"""
    birth_date_jalali: str
    """year/month/day, as a form in Persian asks for it"""
    sex: str
    vital_status: str
    mobile: str
    """as people write it: 0960…"""
    postal_code: str


class MotherFacts(PersonFacts):
    notice_id: str
    husband: PersonFacts


class NobodyFound(Exception):
    """The text is one line for the person at the terminal."""


def operator_national_id() -> str:
    return cast_ids()["operator"]


def operator() -> PersonFacts:
    """Looks after the exchange."""
    return facts_of(operator_national_id())


def staff_national_id() -> str:
    return cast_ids()["staff"]


def staff() -> PersonFacts:
    """A clerk of civil registration."""
    return facts_of(staff_national_id())


def cast() -> dict[str, PersonFacts]:
    """Everyone in the cast by role: widow, mother-of-twins, without-mobile, namesake, child, …"""
    return {role: facts_of(national_id) for role, national_id in cast_ids().items()}


def in_role(role: str) -> PersonFacts:
    """Of the cast, or one who works for the exchange: see `appointments.appointed`."""
    known = cast_ids()
    return facts_of(known[role] if role in known else _appointed(role))


def someone(n: int) -> PersonFacts:
    """The n-th adult with a mobile, always the same one, however far the nation grows."""
    return facts_of(next(islice(_adults(), n, None)))


def next_mother(skip: int = 0) -> MotherFacts:
    """A mother whose newborn nobody has entered; the same one until it is entered.

    `skip` passes over so many, for journeys that run side by side. When all newborns are
    entered, a hospital reports another birth.
    """
    if found := next(islice(waiting_mothers(), skip, None), None):
        return found
    return _facts_of_mother(new_birth())


def waiting_mothers() -> Iterator[MotherFacts]:
    """Living mothers with one waiting notice and a living husband, in the order of notices."""
    several = set(_with_several_notices())
    for notice in waiting_notices().order_by("notice_id").iterator(100):
        if notice.mother_national_id not in several and _both_can_act(notice):
            yield _facts_of_mother(notice)


def new_birth() -> BirthNotice:
    """A hospital reports a birth of yesterday, in a family that may have one."""
    marriage = next((m for m in _young_marriages() if _may_bear(m)), None)
    if marriage is None:
        raise NobodyFound("no couple can have a child now; let the nation grow (--people)")
    hospital = Hospital.objects.filter(city=marriage.wife.birth_place).first()
    return report_birth(
        hospital_code=(hospital or Hospital.objects.earliest("code")).code,
        born_at=clock.now() - timedelta(days=1),
        sex="female",
        weight_grams=3200,
        mother_national_id=marriage.wife_id,
        father_national_id=marriage.husband_id,
    )


def facts_of(national_id: str) -> PersonFacts:
    found = person(national_id)
    sim = Sim.objects.filter(owner_national_id=national_id).order_by("mobile").first()
    residence = Residence.objects.filter(pk=national_id).first()
    return {
        "national_id": national_id,
        "given_name": found.given_name,
        "family_name": found.family_name,
        "father_name": found.father_name,
        "birth_date": found.birth_date.isoformat(),
        "birth_date_jalali": "{}/{:02}/{:02}".format(*to_jalali(found.birth_date)),
        "sex": found.sex,
        "vital_status": found.vital_status,
        "mobile": "0" + sim.mobile.removeprefix("+98") if sim else "",
        "postal_code": residence.postal_code if residence else "",
    }


def camera_picture_of(national_id: str) -> dict[str, str]:
    """What the person's telephone would take of their face."""
    photo = camera_picture(national_id, person(national_id).sex)
    return {"photo": base64.b64encode(photo).decode()}


def _facts_of_mother(notice: BirthNotice) -> MotherFacts:
    return {
        **facts_of(notice.mother_national_id),
        "notice_id": notice.notice_id,
        "husband": facts_of(notice.father_national_id),
    }


def _with_several_notices() -> Any:
    mothers = waiting_notices().values_list("mother_national_id", flat=True)
    return mothers.annotate(notices=Count("pk")).filter(notices__gt=1).order_by()


def _both_can_act(notice: BirthNotice) -> bool:
    parents = family(notice.mother_national_id)
    return parents.spouse is not None and parents.spouse.pk == notice.father_national_id


def _young_marriages() -> Iterator[Marriage]:
    today = localdate(clock.now())
    lasting = Marriage.objects.select_related("wife").filter(
        ended_on=None,
        wife__birth_date__range=(today - OLDEST_MOTHER, today - YOUNGEST_MOTHER),
    )
    yield from lasting.order_by("pk").iterator(100)


def _may_bear(marriage: Marriage) -> bool:
    since = localdate(clock.now()) - APART
    born = Person.objects.filter(mother_id=marriage.wife_id, birth_date__gte=since)
    reported = BirthNotice.objects.filter(
        mother_national_id=marriage.wife_id, born_at__date__gte=since
    )
    return not born.exists() and not reported.exists()


def _adults() -> Iterator[str]:
    load = _load()
    for community in islice(communities(load.seed, load.generation_day), 1, load.communities):
        with_phone = {sim.owner_national_id for sim in community.sims}
        for row in community.persons:
            if row.national_id in with_phone and row.birth_date <= ADULTS_BORN_BEFORE:
                yield row.national_id


def _appointed(role: str) -> str:
    return appointed(role, localdate(clock.now())).national_id


def cast_ids() -> dict[str, str]:
    """role -> national id."""
    load = _load()
    return _first_community(load.seed).roles


@lru_cache
def _first_community(seed: int) -> Community:
    return next(communities(seed, localdate(clock.now())))


def _load() -> BulkLoad:
    load = BulkLoad.objects.filter(name=SANDBOX_NATION).first()
    if load is None:
        raise NobodyFound("the sandbox nation is not loaded yet; `panjereh up` loads it")
    return load
