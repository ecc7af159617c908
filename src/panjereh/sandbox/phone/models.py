"""What arrived at the invented phones of the sandbox."""

from django.db import models


class ArrivedMessage(models.Model):
    """An SMS at a number; a long one is shown once its last part is there."""

    mobile = models.CharField(max_length=16)
    sender = models.CharField(max_length=21)
    reference = models.PositiveIntegerField(default=0, help_text="joins the parts of a long one")
    total = models.PositiveSmallIntegerField(default=1)
    text = models.TextField(blank=True)
    arrived_at = models.DateTimeField()
    complete = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["mobile", "-arrived_at"],
                name="arrived_newest_first",
                condition=models.Q(complete=True),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["mobile", "sender", "reference", "total"],
                name="arrived_one_joining",
                condition=models.Q(complete=False),
            )
        ]


class ArrivedPart(models.Model):
    message = models.ForeignKey(ArrivedMessage, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="arrived_part_once")
        ]
