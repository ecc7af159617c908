"""What a person can sign in with."""

from dataclasses import dataclass
from uuid import UUID

from panjereh.common import clock
from panjereh.sso.factors.models import (
    AuthenticatorApp,
    FirstHalf,
    NeverSmsAlone,
    Passkey,
    RecoveryCode,
)
from panjereh.sso.levels import levels
from panjereh.sso.models import Person


@dataclass(frozen=True)
class Ways:
    passkeys: list[Passkey]
    app: AuthenticatorApp | None
    recovery_left: int
    sms_alone: bool

    @property
    def strong(self) -> int:
        """How many there are that neither a lost number nor a found sheet of paper opens."""
        working = [passkey for passkey in self.passkeys if passkey.stopped_at is None]
        return len(working) + (self.app is not None)


def ways_of(person_id: UUID) -> Ways:
    return Ways(
        passkeys=list(Passkey.objects.filter(person_id=person_id).order_by("added_at")),
        app=AuthenticatorApp.objects.filter(person_id=person_id).first(),
        recovery_left=RecoveryCode.objects.filter(sheet__person_id=person_id, used_at=None).count(),
        sms_alone=sms_alone_is_enough(person_id),
    )


def sms_alone_is_enough(person_id: UUID) -> bool:
    return not NeverSmsAlone.objects.filter(person_id=person_id).exists()


def first_half(journey_id: UUID) -> Person | None:
    """Whose SMS code was right in this journey, when that is not enough for them."""
    found = FirstHalf.objects.filter(
        journey=journey_id, expires_at__gt=clock.now(), person__closed_at=None
    )
    half = found.select_related("person").first()
    return half.person if half else None


def has_higher_passkey(person: Person) -> bool:
    """One that was added in a session above the lowest level, so that it leads higher."""
    lowest = levels()[0].level
    return Passkey.objects.filter(person=person, stopped_at=None, proved__gt=lowest).exists()
