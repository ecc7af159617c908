"""What stands beside the lines of `sso.Release`, and who may read them for a person."""

from django.db import models


class Statement(models.Model):
    """What a site said it is and reads data for, from a time on. Never changed: a release is shown
    with what held when it was made (PRV-15)."""

    client_id = models.CharField(max_length=60)
    since = models.DateTimeField()
    name = models.JSONField(help_text="by language")
    agency_name = models.JSONField(help_text="by language")
    purpose = models.JSONField(help_text="by language")
    legal_basis = models.JSONField(default=dict, help_text="by claim; why each of them is read")

    class Meta:
        indexes = [models.Index(fields=["client_id", "-since"], name="sso_ledger_stated")]


class Reader(models.Model):
    """A site at which people may read their own ledger: the scope `releases` is for it."""

    client_id = models.CharField(max_length=60, primary_key=True)
    let_in_by = models.CharField(max_length=120)
    let_in_at = models.DateTimeField()
