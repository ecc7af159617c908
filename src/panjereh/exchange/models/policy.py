"""Versions of the policy, and who made each."""

from django.db import models


class PolicyState(models.Model):
    """One row. Whoever changes the policy takes its lock until commit, so versions have no gap."""

    version = models.BigIntegerField(default=0, help_text="version of the policy as committed")

    def __str__(self) -> str:
        return f"policy {self.version}"


class PolicyChange(models.Model):
    """Who changed what in the policy, and which version that made."""

    version = models.BigIntegerField(unique=True, help_text="the policy version it made")
    actor = models.CharField(max_length=200, help_text="name of the operator who did it")
    deed = models.CharField(max_length=60, help_text="what was done, such as grant.revoked")
    subject = models.CharField(max_length=300, help_text="X-Road id or grant it was done to")
    at = models.DateTimeField(auto_now_add=True, help_text="when")

    class Meta:
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"{self.version} {self.deed}"
