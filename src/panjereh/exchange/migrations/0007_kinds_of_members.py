import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """Members of every kind are counted apart; exchanges and operators call for sub-members."""

    dependencies = [("exchange", "0006_whom_and_why")]

    operations = [
        migrations.AddField(
            model_name="member",
            name="kind",
            field=models.CharField(choices=[("agency", "Executive agency"), ("municipality", "Municipality"), ("bank", "Bank"), ("university", "University"), ("hospital", "Hospital"), ("company", "Company"), ("public-body", "Public body"), ("exchange", "Cluster or regional exchange"), ("operator", "Access or service operator")], default="agency", help_text="what sort of body it is", max_length=20),
        ),
        migrations.AddField(
            model_name="member",
            name="through",
            field=models.ForeignKey(blank=True, help_text="the cluster or regional exchange, or operator, that may call for it", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="sub_members", to="exchange.member"),
        ),
        migrations.AddField(
            model_name="member",
            name="approval_number",
            field=models.CharField(blank=True, default="", help_text="approval of an exchange or operator", max_length=60),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="member",
            name="approval_date",
            field=models.DateField(blank=True, help_text="date of that approval", null=True),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(condition=~Q(kind__in=["exchange", "operator"]) | (~Q(approval_number="") & Q(approval_date__isnull=False)), name="member_go_between_is_approved"),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(condition=Q(through=None) | ~Q(through=F("id")), name="member_not_through_itself"),
        ),
    ]
