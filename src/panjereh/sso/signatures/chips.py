"""The national card's chip as a way of signing in: a level may ask for it beside a signature."""

from pathlib import Path

from cryptography import x509
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from panjereh.common import clock
from panjereh.sdk.card_reading import CardTrouble, Reading, check_reading
from panjereh.sso.levels import entry, levels
from panjereh.sso.models import Person
from panjereh.sso.one_time import limits
from panjereh.sso.one_time.limits import Limit
from panjereh.sso.people.actions import attain
from panjereh.sso.policy import policy
from panjereh.sso.signatures.authorities import SANDBOX_MARK
from panjereh.sso.signatures.challenges import must_be_of, spend
from panjereh.sso.signatures.models import CardReading, Challenge
from panjereh.sso.signatures.refusals import SignatureRefused

CHIP = "chip"
PROOF = "national-card"


def accept_reading(challenge: Challenge, person: Person, raw: bytes) -> CardReading:
    """PIN 1 was entered for this challenge. Raises `SignatureRefused`, `LimitReached`."""
    limits.spend(Limit(CHIP, str(person.id), limits.HOUR, policy().signatures_per_hour))
    reading = _checked(raw)
    try:
        digest = bytes.fromhex(reading.consent.challenge)
    except ValueError as error:
        raise SignatureRefused("card-unreadable") from error
    must_be_of(challenge, digest)
    if reading.data.national_id != person.national_id:
        raise SignatureRefused("card-of-somebody-else")
    with transaction.atomic():
        spend(challenge.id)
        for level in _levels_with_chip():
            attain(person.id, level, PROOF)
        return CardReading.objects.create(
            person=person,
            challenge=challenge,
            purpose=reading.consent.purpose[:200],
            reader=reading.consent.reader[:120],
            read_at=reading.consent.read_at,
            reading=raw,
            accepted_at=clock.now(),
        )


def _checked(raw: bytes) -> Reading:
    try:
        return check_reading(raw, card_issuers(), today=timezone.localdate(clock.now()))
    except CardTrouble as trouble:
        raise SignatureRefused(f"card-{trouble.code}") from trouble


def card_issuers() -> list[x509.Certificate]:
    """Production believes no card of the sandbox."""
    files = sorted((Path(settings.SIGNATURE_AUTHORITIES) / "cards").glob("*.crt"))
    found = [x509.load_pem_x509_certificate(file.read_bytes()) for file in files]
    if settings.PROFILE == "production":
        return [one for one in found if SANDBOX_MARK not in one.subject.rfc4514_string()]
    return found


def _levels_with_chip() -> list[int]:
    return [x.level for x in levels() if any(CHIP in entry(ways) for ways in x.ways)]
