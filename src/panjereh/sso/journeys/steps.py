"""The questions of a registration, as data: which field each answers and what follows."""

from dataclasses import dataclass

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from panjereh.sso.journeys.forms import BirthDateForm, MobileForm, NationalIdForm
from panjereh.sso.models import Journey


@dataclass(frozen=True)
class Step:
    """`troubles` are findings of the registries that this question can mend."""

    slug: str
    field: str
    form: type[forms.Form]
    troubles: dict[str, str | Promise]


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
    Step(
        "mobile",
        "mobile",
        MobileForm,
        {
            "mobile-differs": _(
                "This number is not registered in your name. Enter a number that is in your own "
                "name, or have this one transferred at your mobile operator."
            )
        },
    ),
)


def step(slug: str) -> Step | None:
    return next((one for one in STEPS if one.slug == slug), None)


def step_to_mend(trouble: str) -> Step | None:
    return next((one for one in STEPS if trouble in one.troubles), None)


def open_step(journey: Journey) -> Step | None:
    """The first question without an answer."""
    return next((one for one in STEPS if not getattr(journey, one.field)), None)
