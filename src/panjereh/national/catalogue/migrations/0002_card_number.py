"""The sequence that service card numbers come from."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE catalogue_card_number START 10010001",
            "DROP SEQUENCE catalogue_card_number",
        )
    ]
