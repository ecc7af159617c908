"""Asking base registries over the exchange, and entering what is new into them."""

from datetime import date, datetime
from typing import Literal

import msgspec
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from panjereh.agency.operations.registry import Call, operation
from panjereh.sdk import civil_registry, health_registry, postal, residence


class PersonAsked(msgspec.Struct, frozen=True):
    national_id: str


@operation("nix:civil-registry.person", system=civil_registry.SYSTEM, title=_("identity"))
def person(asked: PersonAsked, call: Call) -> civil_registry.Person:
    return civil_registry.person(asked.national_id, case=call.case, user=call.user)


@operation("nix:civil-registry.family", system=civil_registry.SYSTEM, title=_("family"))
def family(asked: PersonAsked, call: Call) -> civil_registry.Family:
    return civil_registry.family(asked.national_id, case=call.case, user=call.user)


class NoticesAsked(msgspec.Struct, frozen=True):
    mother_national_id: str


class Notices(msgspec.Struct, frozen=True):
    notices: list[health_registry.BirthNotice]


@operation(
    "nix:health-registry.birth-notices", system=health_registry.SYSTEM, title=_("birth notices")
)
def birth_notices(asked: NoticesAsked, call: Call) -> Notices:
    found = health_registry.birth_notices(asked.mother_national_id, case=call.case, user=call.user)
    return Notices(found)


class NoticeAsked(msgspec.Struct, frozen=True):
    mother_national_id: str
    notice_id: str


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One notice, as it stands now; `found` is false when the hospital has withdrawn it."""

    found: bool
    hospital: str | None = None
    city: str | None = None
    born_at: datetime | None = None
    born_on: date | None = None
    days_since_birth: int | None = None
    sex: Literal["female", "male"] | None = None
    weight_grams: int | None = None
    father_national_id: str | None = None
    father_known: bool = False


@operation(
    "nix:health-registry.birth-notice", system=health_registry.SYSTEM, title=_("birth notice")
)
def birth_notice(asked: NoticeAsked, call: Call) -> Notice:
    every = health_registry.birth_notices(asked.mother_national_id, case=call.case, user=call.user)
    chosen = next((n for n in every if n.notice_id == asked.notice_id), None)
    return _notice(chosen) if chosen else Notice(found=False)


def _notice(chosen: health_registry.BirthNotice) -> Notice:
    moment = timezone.localtime(chosen.born_at) if chosen.born_at else None
    day = moment.date() if moment else None
    return Notice(
        found=True,
        hospital=chosen.hospital,
        city=chosen.city,
        born_at=moment,
        born_on=day,
        days_since_birth=(timezone.localdate() - day).days if day else None,
        sex=chosen.sex,
        weight_grams=chosen.weight_grams,
        father_national_id=chosen.father_national_id,
        father_known=bool(chosen.father_national_id),
    )


class AddressAsked(msgspec.Struct, frozen=True):
    postal_code: str


@operation("nix:postal-registry.address", system=postal.SYSTEM, title=_("address"))
def address(asked: AddressAsked, call: Call) -> postal.Address:
    return postal.address(asked.postal_code, case=call.case, user=call.user)


class Residence(msgspec.Struct, frozen=True):
    postal_code: str


@operation("nix:residence-registry.residence", system=residence.SYSTEM, title=_("residence"))
def legal_residence(asked: PersonAsked, call: Call) -> Residence:
    return Residence(residence.postal_code(asked.national_id, case=call.case, user=call.user))
