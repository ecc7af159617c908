"""What a person can sign in with. Keys are public, secrets sealed, codes hashed.

Challenges, drafts and halves live for minutes and are unlogged: losing one means "begin again".
"""

import uuid

from django.db import models

from panjereh.sso.models import DIGEST, Person


class Authenticator(models.Model):
    """`proved`: the level of the session in which it was added. It never proves more than that,
    or a stolen level 1 session could give itself level 2."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60, help_text="given by the person")
    proved = models.SmallIntegerField()
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Handle(models.Model):
    """By which authenticators know a person: random, so that a found key names nobody."""

    person = models.OneToOneField(
        Person, models.CASCADE, primary_key=True, related_name="passkey_handle"
    )
    handle = models.BinaryField(unique=True)


class Passkey(Authenticator):
    """A discoverable credential, public key only."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="passkeys")
    credential_id = models.BinaryField(unique=True)
    public_key = models.BinaryField(help_text="credential data as it came: id and COSE key")
    sign_count = models.BigIntegerField(default=0)
    synced = models.BooleanField(default=False, help_text="the maker may copy it between devices")
    stopped_at = models.DateTimeField(null=True, help_text="its counter went back: there is a copy")


class AuthenticatorApp(Authenticator):
    """An app that shows a new code every half minute (RFC 6238); one for each person."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="authenticator_app")
    secret = models.TextField(help_text="sealed")
    last_step = models.BigIntegerField(help_text="the half minute whose code was used last")
    misses = models.IntegerField(default=0, help_text="wrong codes since the last right one")
    strange_misses = models.IntegerField(default=0, help_text="the same, from unknown browsers")


class RecoverySet(models.Model):
    """The sheet of codes that was made last; a new one replaces it."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="recovery_set")
    salt = models.BinaryField()
    proved = models.SmallIntegerField()
    made_at = models.DateTimeField()


class RecoveryCode(models.Model):
    sheet = models.ForeignKey(RecoverySet, models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=DIGEST)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "digest"], name="sso_recovery_code_once")
        ]


class NeverSmsAlone(models.Model):
    """This person has asked that an SMS code alone opens nothing."""

    person = models.OneToOneField(
        Person, models.CASCADE, primary_key=True, related_name="never_sms_alone"
    )
    since = models.DateTimeField()


class Reset(models.Model):
    """A person came to a counter who can no longer sign in as they once wished. After days of
    waiting the wish and the lost ways go, unless the account's owner says no."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="resets")
    record = models.CharField(max_length=40, help_text="number of the counter's own record")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(done_at=None, cancelled_at=None),
                name="sso_reset_one_waiting",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="sso_reset_due",
                condition=models.Q(done_at=None, cancelled_at=None),
            )
        ]


class Challenge(models.Model):
    """What an authenticator has to sign, known to this journey or session, good once."""

    name = models.CharField(max_length=80, primary_key=True, help_text="purpose and whose it is")
    challenge = models.BinaryField()
    expires_at = models.DateTimeField(db_index=True)


class AppDraft(models.Model):
    """The secret of an app that is being added, until its first code has come back."""

    session = models.UUIDField(primary_key=True)
    secret = models.TextField(help_text="sealed")
    expires_at = models.DateTimeField(db_index=True)


class FirstHalf(models.Model):
    """The SMS code was right, and this person has asked that it is not enough."""

    journey = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, models.CASCADE)
    expires_at = models.DateTimeField(db_index=True)


class Homeward(models.Model):
    """The page of our own that somebody comes back to after signing in once more."""

    journey = models.UUIDField(primary_key=True)
    page = models.CharField(max_length=300)
    expires_at = models.DateTimeField(db_index=True)
