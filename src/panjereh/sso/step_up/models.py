"""A level that somebody wants for our own pages, where no site has asked for one."""

from django.db import models


class OwnWish(models.Model):
    journey = models.UUIDField(primary_key=True)
    level = models.SmallIntegerField()
    expires_at = models.DateTimeField(db_index=True)
