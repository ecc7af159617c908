import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0008_two_buses"),
        ("monitoring", "0001_start"),
    ]

    operations = [
        migrations.CreateModel(
            name="Probe",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(help_text="path of its health page, at the address where it answers", max_length=200)),
                ("healthy", models.BooleanField(help_text="what it told last; empty: not asked yet", null=True)),
                ("asked_at", models.DateTimeField(help_text="when it was asked last", null=True)),
                ("since", models.DateTimeField(help_text="since when it tells the same", null=True)),
                ("milliseconds", models.IntegerField(help_text="how long it took to tell", null=True)),
                ("system", models.OneToOneField(help_text="the system that is asked", on_delete=django.db.models.deletion.CASCADE, related_name="probe", to="exchange.system")),
            ],
        ),
    ]
