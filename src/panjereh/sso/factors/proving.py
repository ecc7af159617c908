"""What somebody shows at the door. Each proof is used up by one statement."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db import connection, transaction

from panjereh.common import clock
from panjereh.sso.events.actions import tell_agencies
from panjereh.sso.factors import recovery, totp, vault
from panjereh.sso.factors.challenges import issue_challenge, spend_challenge
from panjereh.sso.factors.models import FirstHalf, Passkey, RecoverySet
from panjereh.sso.factors.webauthn import (
    Claim,
    Refused,
    check_claim,
    options_to_sign_in,
    read_claim,
)
from panjereh.sso.models import Journey, Person
from panjereh.sso.one_time import limits
from panjereh.sso.one_time.limits import Limit
from panjereh.sso.policy import policy
from panjereh.sso.safety.notices import notify
from panjereh.sso.sessions.visitor import Visitor

log = logging.getLogger("panjereh.sso.factors")

PASSKEY, TOTP, RECOVERY = "passkey", "totp", "recovery"
Trouble = Literal["late", "unknown", "stopped", "refused", "wrong", "used"]
Value = str | int | UUID | datetime

# A counter that does not grow is that of a copy; some makers leave it at nought for good.
_COUNT = """
    UPDATE sso_factors_passkey SET sign_count = %(count)s, used_at = %(now)s
    WHERE id = %(id)s AND stopped_at IS NULL
      AND (sign_count < %(count)s OR (sign_count = 0 AND %(count)s = 0))
    RETURNING 1
"""
_TRY = """
    UPDATE sso_factors_authenticatorapp SET {misses} = {misses} + 1
    WHERE person_id = %(person)s AND {misses} < %(most)s RETURNING id, secret, proved
"""
_HIT = """
    UPDATE sso_factors_authenticatorapp
    SET last_step = %(step)s, used_at = %(now)s, misses = 0, strange_misses = 0
    WHERE id = %(id)s AND last_step < %(step)s RETURNING 1
"""
_SPEND = """
    UPDATE sso_factors_recoverycode SET used_at = %(now)s
    WHERE sheet_id = %(sheet)s AND digest = %(digest)s AND used_at IS NULL RETURNING 1
"""
NO_SHEET = 0


class NotProved(Exception):
    """It did not hold; `trouble` says what to tell the person."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


@dataclass(frozen=True)
class Proved:
    """Who it is, and up to which level this proof is good."""

    person: Person
    way: str
    level: int


def begin_passkey(journey: Journey) -> dict[str, object]:
    return options_to_sign_in(issue_challenge("sign-in", journey.id))


def prove_passkey(journey: Journey, *, answer: str, who: Visitor) -> Proved:
    """Asks no registry and sends nothing: it goes on when all of them are away."""
    most = policy().passkey_tries_per_address_and_hour
    limits.spend(Limit("passkey", who.address, limits.HOUR, most))
    challenge = spend_challenge("sign-in", journey.id)
    if challenge is None:
        raise NotProved("late")
    try:
        claim = read_claim(answer)
        passkey = _claimed(claim)
        count = check_claim(claim, bytes(passkey.public_key), challenge)
    except Refused as error:
        raise NotProved("refused") from error
    _count(passkey, count)
    return Proved(passkey.person, PASSKEY, passkey.proved)


def _claimed(claim: Claim) -> Passkey:
    """The key must be of the person whom the authenticator named."""
    passkey = (
        Passkey.objects.select_related("person")
        .filter(credential_id=claim.credential_id, person__closed_at=None)
        .filter(person__passkey_handle__handle=claim.handle)
        .first()
    )
    if passkey is None:
        raise NotProved("unknown")
    if passkey.stopped_at:
        raise NotProved("stopped")
    return passkey


def _count(passkey: Passkey, count: int) -> None:
    if _one(_COUNT, {"id": passkey.id, "count": count, "now": clock.now()}) is None:
        _stop(passkey)
        raise NotProved("stopped")


def _stop(passkey: Passkey) -> None:
    """Whoever is right, there is a second one with the same key: it opens nothing any more."""
    with transaction.atomic():
        stopped = Passkey.objects.filter(id=passkey.id, stopped_at=None)
        if stopped.update(stopped_at=clock.now()):
            notify(passkey.person_id, "passkey-stopped", name=passkey.name)
            tell_agencies(passkey.person_id, "credential-change")


def prove_app(person: Person | None, *, code: str, who: Visitor, known: bool) -> Proved:
    """Count first, compare after. `known`: the person has signed in on this browser before;
    tries from elsewhere have a count of their own, so they lock nobody out here."""
    if person is None:
        raise NotProved("wrong")
    _limit_app(person, who, known)
    row = _one(
        _TRY.format(misses="misses" if known else "strange_misses"),
        {"person": person.id, "most": policy().app_misses},
    )
    if row is None:
        raise NotProved("wrong")
    app, sealed, level = row
    step = _step_of(sealed, person, code)
    if step is None:
        raise NotProved("wrong")
    if _one(_HIT, {"id": app, "step": step, "now": clock.now()}) is None:
        raise NotProved("used")
    return Proved(person, TOTP, level)


def _step_of(sealed: str, person: Person, code: str) -> int | None:
    """A secret whose key is lost opens nothing; the other ways of the person still do."""
    try:
        return totp.step_of(vault.unseal(sealed, place=app_place(person.id)), code, clock.now())
    except vault.SealBroken as error:
        log.error("sso.factors.seal-broken error=%s", error)
        return None


def app_place(person: UUID) -> str:
    return f"authenticator-app:{person}"


def _limit_app(person: Person, who: Visitor, known: bool) -> None:
    subject = f"{person.id}:{who.browser_sha256 if known else 'strangers'}"
    limits.spend(
        Limit("app-code", who.address, limits.HOUR, policy().app_tries_per_address_and_hour),
        Limit("app-code", subject, limits.HOUR, policy().app_tries_per_hour),
    )


def prove_recovery(national_id: str, *, code: str, who: Visitor) -> Proved:
    """The same work whether there is such a person or not."""
    most = policy().recovery_tries_per_address_and_hour
    limits.spend(Limit("recovery", who.address, limits.HOUR, most))
    sheet = (
        RecoverySet.objects.select_related("person")
        .filter(person__national_id=national_id, person__closed_at=None)
        .first()
    )
    salt = bytes(sheet.salt) if sheet else recovery.new_salt()
    digest = recovery.digest(code, salt)
    with transaction.atomic():
        number = sheet.pk if sheet else NO_SHEET
        spent = _one(_SPEND, {"sheet": number, "digest": digest, "now": clock.now()})
        if spent is None or sheet is None:
            raise NotProved("wrong")
        notify(sheet.person_id, "recovery-used", browser=who.browser)
    return Proved(sheet.person, RECOVERY, sheet.proved)


def note_first_half(journey: Journey, person: Person) -> None:
    FirstHalf.objects.update_or_create(
        journey=journey.id,
        defaults={"person": person, "expires_at": clock.now() + policy().first_half},
    )


def end_first_half(journey: Journey) -> None:
    FirstHalf.objects.filter(journey=journey.id).delete()


def _one(statement: str, row: Mapping[str, Value]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, row)
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found
