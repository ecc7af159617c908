"""Keys that are kept for people, and what they were asked to allow."""

import uuid

from django.db import models


class Credential(models.Model):
    """A person's key and certificate. The key opens with our master key and the PIN together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    holder = models.CharField(max_length=64, db_index=True, help_text="keyed digest of the id")
    mobile = models.CharField(max_length=16)
    certificate = models.BinaryField()
    chain = models.BinaryField(help_text="the authority above it, DER")
    salt = models.BinaryField()
    sealed_key = models.BinaryField()
    wrong_pins = models.SmallIntegerField(default=0)
    made_at = models.DateTimeField()


class Authorisation(models.Model):
    """One digest that one person is asked to allow: PIN, then a code to the phone, then once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    credential = models.ForeignKey(Credential, models.CASCADE)
    digest = models.CharField(max_length=64)
    description = models.JSONField(help_text="by language; shown to the person")
    return_address = models.URLField(max_length=500)
    code_digest = models.CharField(max_length=64, blank=True)
    code_guesses = models.SmallIntegerField(default=0)
    sealed_signature = models.BinaryField(null=True)
    grant_sha256 = models.CharField(max_length=64, blank=True)
    sad_sha256 = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
