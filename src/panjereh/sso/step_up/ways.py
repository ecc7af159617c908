"""The ways to a higher level that a person can be led to. One entry for each."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from panjereh.sso.models import Person


@dataclass(frozen=True)
class Way:
    """`url_name` is a page that takes the journey's id and calls `let_in` once it is proved."""

    code: str
    name: str | Promise
    explanation: str | Promise
    url_name: str
    available: Callable[[Person], bool]


WAYS: tuple[Way, ...] = (
    Way(
        code="signature",
        name=_("With my electronic signature"),
        explanation=_("Of a card, a token, or a service that keeps your key for you."),
        url_name="signature",
        available=lambda person: True,
    ),
)


def open_ways(person: Person, missing: frozenset[str]) -> list[Way]:
    """What would bring this person nearer to the level, and what they have at hand."""
    return [way for way in WAYS if way.code in missing and way.available(person)]
