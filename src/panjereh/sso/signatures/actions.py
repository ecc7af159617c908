"""The deeds of level 3: take a signature, hand it to the site that asked, remove a certificate."""

import hashlib
import logging
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import connection, transaction

from panjereh.common import certificate_chains, clock, signature_files
from panjereh.common.signature_files import Container, SignatureFault
from panjereh.sso.digests import sha256
from panjereh.sso.events.actions import tell_agencies
from panjereh.sso.models import Person
from panjereh.sso.one_time import limits
from panjereh.sso.one_time.limits import Limit
from panjereh.sso.people.actions import attain
from panjereh.sso.policy import policy
from panjereh.sso.safety.notices import notify
from panjereh.sso.signatures.authorities import Authorities, AuthoritiesUnfit, authorities
from panjereh.sso.signatures.challenges import must_be_of, spend
from panjereh.sso.signatures.models import Certificate, Challenge, Signature
from panjereh.sso.signatures.queries import WAY, signature_level
from panjereh.sso.signatures.refusals import SignatureRefused
from panjereh.sso.signatures.revocation import LIST, Standing, must_be_good

PROOF = "certificate"

log = logging.getLogger("panjereh.sso.signatures")

_HAND_OVER = """
    UPDATE sso_signatures_signature SET code_sha256 = %(code)s
    WHERE id = (
        SELECT s.id FROM sso_signatures_signature s
        JOIN sso_signatures_challenge c ON c.id = s.challenge_id
        WHERE c.reference_sha256 = %(reference)s AND s.person_id = %(person)s
          AND s.code_sha256 = '' ORDER BY s.signed_at DESC LIMIT 1
    ) AND code_sha256 = '' RETURNING 1
"""


@dataclass(frozen=True)
class Judged:
    """A certificate that counts at this moment, and why."""

    chain: list[x509.Certificate]
    standing: Standing


def accept_signature(challenge: Challenge, person: Person, data: bytes) -> Signature:
    """The person signed. Raises `SignatureRefused`, `LimitReached`."""
    limits.spend(Limit(WAY, str(person.id), limits.HOUR, policy().signatures_per_hour))
    if len(data) > policy().signature_file:
        raise SignatureRefused("too-large")
    try:
        container = signature_files.read(data, bytes(challenge.content))
        must_be_of(challenge, container.digest)
        signature_files.check(container)
        judged = judge(container, person.national_id)
    except SignatureFault as fault:
        raise SignatureRefused(fault.code) from fault
    except AuthoritiesUnfit as error:
        log.error("sso.signatures.unfit reason=%s", error)
        raise SignatureRefused("revocation-unknown") from error
    with transaction.atomic():
        spend(challenge.id)
        certificate = _known_certificate(person, container.certificate)
        attain(person.id, signature_level(), PROOF)
        return _keep(challenge, certificate, container, data, judged)


def judge(container: Container, national_id: str) -> Judged:
    """Raises `SignatureFault`, `SignatureRefused`. The outside world is asked last."""
    known, now = authorities(), clock.now()
    chain = certificate_chains.chain_of(container.certificate, container.others, known, now)
    if certificate_chains.holder_of(container.certificate) != national_id:
        raise SignatureRefused("somebody-else")
    standings = [_standing(known, *pair) for pair in pairwise(chain)]
    return Judged(chain, standings[0])


def _standing(
    known: Authorities, certificate: x509.Certificate, above: x509.Certificate
) -> Standing:
    issuer = known.issuer(above)
    if issuer is None:
        raise SignatureRefused("revocation-unknown")
    return must_be_good(certificate, issuer, clock.now())


def _known_certificate(person: Person, found: x509.Certificate) -> Certificate:
    """Added to the account with its first use, which is told to the person."""
    now = clock.now()
    certificate, fresh = Certificate.objects.select_for_update().get_or_create(
        person=person,
        fingerprint=found.fingerprint(hashes.SHA256()).hex(),
        defaults={
            "der": found.public_bytes(Encoding.DER),
            "issuer": certificate_chains.issuer_name(found),
            "begins_at": found.not_valid_before_utc,
            "ends_at": found.not_valid_after_utc,
            "first_used_at": now,
            "last_used_at": now,
        },
    )
    if certificate.removed_at is not None:
        raise SignatureRefused("removed")
    if fresh:
        notify(person.id, "certificate-added", name=certificate.issuer)
        tell_agencies(person.id, "credential-change")
    else:
        Certificate.objects.filter(id=certificate.id).update(last_used_at=now)
    return certificate


def _keep(
    challenge: Challenge,
    certificate: Certificate,
    container: Container,
    data: bytes,
    judged: Judged,
) -> Signature:
    proof, way = judged.standing.proof, judged.standing.way
    return Signature.objects.create(
        challenge=challenge,
        person_id=certificate.person_id,
        certificate=certificate,
        form=container.form,
        algorithm=container.algorithm,
        container=data,
        chain=[c.public_bytes(Encoding.DER) for c in judged.chain],
        standing=way,
        proof=hashlib.sha256(proof).digest() if way == LIST else proof,
        signed_at=clock.now(),
    )


def hand_over(*, reference: str, person_id: UUID, code: str) -> bool:
    """Tie the signature that this pushed request asked for to the code it is answered with."""
    row: dict[str, str | UUID] = {"code": sha256(code), "reference": reference, "person": person_id}
    with connection.cursor() as cursor:
        cursor.execute(_HAND_OVER, row)
        return cursor.fetchone() is not None


def remove_certificate(certificate_id: UUID, *, actor: UUID) -> bool:
    """The holder no longer wants it to count. False when it is not the actor's, or was removed."""
    with transaction.atomic():
        found = Certificate.objects.filter(id=certificate_id, person=actor, removed_at=None)
        removed = bool(found.update(removed_at=clock.now()))
        if removed:
            tell_agencies(actor, "credential-change")
    return removed
