from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sso", "0006_kinds_of_people")]

    operations = [
        migrations.AddField(
            model_name="relyingparty",
            name="representee_scopes",
            field=ArrayField(
                base_field=models.CharField(max_length=40),
                default=list,
                size=None,
                help_text="whether people may act for others there",
            ),
        ),
        migrations.AddField(
            model_name="grant",
            name="mandate_use",
            field=models.UUIDField(null=True, help_text="when the person acts for another"),
        ),
    ]
