"""The questions of a registration, as data: which field each answers and what follows."""

from dataclasses import dataclass

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from panjereh.common.identifiers import is_fida_code
from panjereh.sso.journeys.forms import (
    BirthDateForm,
    ForeignBirthDateForm,
    MobileForm,
    NationalIdForm,
)
from panjereh.sso.models import Journey


@dataclass(frozen=True)
class Step:
    """`troubles` are findings of the registries that this question can mend."""

    slug: str
    field: str
    form: type[forms.Form]
    troubles: dict[str, str | Promise]


_MOBILE = Step(
    "mobile",
    "mobile",
    MobileForm,
    {
        "mobile-differs": _(
            "This number is not registered in your name. Enter a number that is in your own "
            "name, or have this one transferred at your mobile operator."
        )
    },
)

STEPS = (
    Step(
        "national-id",
        "national_id",
        NationalIdForm,
        {
            "person-unknown": _(
                "The civil registry knows nobody with this national ID number. Check the number; "
                "if it is right, ask an office of the civil registry."
            )
        },
    ),
    Step(
        "birth-date",
        "birth_date",
        BirthDateForm,
        {
            "birth-date-differs": _(
                "The civil registry has another birth date for this national ID number. "
                "Enter the date as it stands on the birth certificate."
            )
        },
    ),
    _MOBILE,
)

OF_FOREIGNERS = (
    Step(
        "national-id",
        "national_id",
        NationalIdForm,
        {
            "person-unknown": _(
                "The registry of foreign nationals knows nobody with this FIDA code. Check the "
                "code; if it is right, ask an office for foreign nationals."
            )
        },
    ),
    Step(
        "birth-date",
        "birth_date",
        ForeignBirthDateForm,
        {
            "birth-date-differs": _(
                "The registry of foreign nationals has another birth date for this FIDA code. "
                "Enter the date as it stands in your passport or permit."
            )
        },
    ),
    _MOBILE,
)


def steps_of(journey: Journey) -> tuple[Step, ...]:
    """The number that was entered first says who is asked, and how."""
    return OF_FOREIGNERS if is_fida_code(journey.national_id) else STEPS


def step(journey: Journey, slug: str) -> Step | None:
    return next((one for one in steps_of(journey) if one.slug == slug), None)


def step_to_mend(journey: Journey) -> Step | None:
    return next((one for one in steps_of(journey) if journey.trouble in one.troubles), None)


def open_step(journey: Journey) -> Step | None:
    """The first question without an answer."""
    return next((one for one in steps_of(journey) if not getattr(journey, one.field)), None)
