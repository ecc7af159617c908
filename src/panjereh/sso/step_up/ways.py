"""The ways to a higher level that a person can be led to. One entry for each."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from panjereh.sso.factors.queries import has_higher_passkey
from panjereh.sso.models import Person


def has_portrait(person: Person) -> bool:
    """The civil registry knows holders of a national id; foreigners are not in it."""
    return person.kind == Person.Kind.NATIONAL


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
        code="face",
        name=_("With a photo of my face"),
        explanation=_("The civil registry compares it with your portrait. A telephone is enough."),
        url_name="face",
        available=has_portrait,
    ),
    Way(
        code="passkey",
        name=_("With a passkey of mine"),
        explanation=_("Your finger, your face or the PIN of the device in which you keep it."),
        url_name="login-passkey",
        available=has_higher_passkey,
    ),
    Way(
        code="signature",
        name=_("With my electronic signature"),
        explanation=_("Of a card, a token, or a service that keeps your key for you."),
        url_name="signature",
        available=lambda person: True,
    ),
    Way(
        code="chip",
        name=_("With my national card in a reader"),
        explanation=_("You enter PIN 1 at the reader; with that you allow it to read the card."),
        url_name="chip",
        available=has_portrait,
    ),
)


def open_ways(person: Person, missing: frozenset[str]) -> list[Way]:
    """What would bring this person nearer to the level, and what they have at hand."""
    return [way for way in WAYS if way.code in missing and way.available(person)]
