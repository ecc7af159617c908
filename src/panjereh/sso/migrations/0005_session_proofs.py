from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

# Sessions that run while this is brought out keep what they had proved.
FILL = """
    UPDATE sso_session SET proofs = (
        SELECT coalesce(jsonb_agg(
            jsonb_build_object('way', way, 'at', authenticated_at, 'proved', NULL)), '[]')
        FROM unnest(ways) way
    ) WHERE ended_at IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("sso", "0004_consents")]

    operations = [
        migrations.AddField(
            model_name="session",
            name="proofs",
            field=models.JSONField(default=list, help_text="ways, when, good for which level"),
        ),
        migrations.AlterField(
            model_name="session",
            name="ways",
            field=ArrayField(
                base_field=models.CharField(max_length=20),
                size=None,
                help_text="in the order of their proof",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
