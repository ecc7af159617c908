"""Which of our sessions belong to which session of the sign-on, so that one can end the other."""

from django.db import models


class LocalSession(models.Model):
    sid = models.CharField(max_length=64, db_index=True)
    sub = models.CharField(max_length=80, db_index=True)
    session_key = models.CharField(max_length=40, db_index=True)
    began_at = models.DateTimeField()


class EndedSession(models.Model):
    """The sign-on has said that it is over; a sign-in that was under way must not revive it."""

    sid = models.CharField(max_length=64, primary_key=True)
    ended_at = models.DateTimeField(db_index=True)


class TakenEvent(models.Model):
    """A security event that was taken; told again, it is not done again."""

    jti = models.CharField(max_length=80, primary_key=True)
    taken_at = models.DateTimeField(db_index=True)


class ChangedPerson(models.Model):
    """Somebody's identity data changed while the person was not here; looked at when back."""

    sub = models.CharField(max_length=80, primary_key=True)
    happened_at = models.DateTimeField()
    transaction = models.CharField(max_length=160, blank=True)


class KeptSignature(models.Model):
    """What somebody signed at the sign-on for us; the deed that asked for it takes it over."""

    sub = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64, help_text="of the text and digest")
    signed = models.JSONField(help_text="container, challenge, certificates; personal data")
    kept_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sub", "fingerprint"], name="signin_signed_once")
        ]
