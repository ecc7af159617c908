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
