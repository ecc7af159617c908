"""What was to be signed, what was signed, and with which certificates a person signs."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from panjereh.sso.models import DIGEST, Person


class Certificate(models.Model):
    """A certificate that its holder has signed with here; removed, it counts no more."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="certificates")
    fingerprint = models.CharField(max_length=DIGEST, help_text="SHA-256 of the certificate")
    der = models.BinaryField()
    issuer = models.CharField(max_length=200)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    first_used_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "fingerprint"], name="sso_signatures_certificate_once"
            )
        ]


class Challenge(models.Model):
    """The file that one person is to sign on one journey. Good for one signature."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    journey = models.UUIDField()
    person = models.ForeignKey(Person, models.CASCADE, related_name="challenges")
    client_id = models.CharField(max_length=60)
    reference_sha256 = models.CharField(
        max_length=DIGEST, blank=True, help_text="the pushed request that asks for the signature"
    )
    content = models.BinaryField()
    digest = models.CharField(max_length=DIGEST, unique=True, help_text="SHA-256 of the content")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    spent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["journey", "person"], name="sso_signatures_journey")]


class Signature(models.Model):
    """Somebody signed a challenge: all that is needed to show it to a third party later.

    `proof` is what the issuer said of the certificate at that moment: the OCSP answer, or the
    digest of the list it was not on.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    challenge = models.OneToOneField(Challenge, models.PROTECT)
    person = models.ForeignKey(Person, models.CASCADE, related_name="signatures")
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="signatures")
    form = models.CharField(max_length=4, help_text="CMS or JWS")
    algorithm = models.CharField(max_length=8)
    container = models.BinaryField()
    chain = ArrayField(models.BinaryField(), help_text="certificates up to the root")
    standing = models.CharField(max_length=8, help_text="ocsp or crl")
    proof = models.BinaryField()
    signed_at = models.DateTimeField()
    code_sha256 = models.CharField(
        max_length=DIGEST, blank=True, db_index=True, help_text="of the grant it was handed to"
    )


class RemoteRequest(models.Model):
    """A challenge on its way to a service that keeps the person's key."""

    challenge = models.OneToOneField(Challenge, models.CASCADE)
    credential = models.CharField(max_length=60)
    certificate = models.BinaryField()
    others = ArrayField(models.BinaryField())
    handle = models.CharField(max_length=60)
    asked_at = models.DateTimeField()


class CardReading(models.Model):
    """The chip of somebody's national card was read: the entry of PIN 1 is the consent (SSO-19).

    `reading` holds the card's own signature over who read, what for and when.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="card_readings")
    challenge = models.OneToOneField(Challenge, models.PROTECT)
    purpose = models.CharField(max_length=200)
    reader = models.CharField(max_length=120)
    read_at = models.DateTimeField()
    reading = models.BinaryField()
    accepted_at = models.DateTimeField()
