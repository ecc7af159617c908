import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Records say by which bus and face a call came, for which purpose, and whom it was about."""

    dependencies = [("exchange", "0005_grants_are_contracts")]

    operations = [
        migrations.AddField(
            model_name="callrecord",
            name="bus",
            field=models.CharField(blank=True, default="gsb", help_text="bus it came in by: gsb (private) or pgsb (public)", max_length=4),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="callrecord",
            name="face",
            field=models.CharField(blank=True, default="r1", help_text="interface it came in by: r1, v1 or message", max_length=7),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="callrecord",
            name="purpose",
            field=models.CharField(blank=True, default="", help_text="code of the purpose, as the grant has it", max_length=60),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="callrecord",
            name="represented",
            field=models.CharField(blank=True, default="", help_text="X-Road id of the member that the caller speaks for", max_length=120),
            preserve_default=False,
        ),
        migrations.RenameField("callrecord", "subject_pseudonym", "user_pseudonym"),
        migrations.AlterField(
            model_name="callrecord",
            name="user_pseudonym",
            field=models.CharField(blank=True, help_text="keyed HMAC of who acted, X-Road-UserId; no id is kept", max_length=64),
        ),
        migrations.AddField(
            model_name="callrecord",
            name="subjects",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), blank=True, default=list, help_text="keyed HMACs of the persons asked about; no id is kept", size=None),
        ),
        migrations.AddField(
            model_name="service",
            name="subjects",
            field=models.JSONField(default=list, help_text="JSON pointers of the request, or ?name of its query, where national ids stand"),
        ),
    ]
