from django.db import migrations, models

FIELD = {"null": True, "help_text": "who acts for the person, if somebody does; personal data"}


class Migration(migrations.Migration):
    dependencies = [("agency", "0002_guards")]

    operations = [
        migrations.AddField("case", "representative", models.JSONField(**FIELD)),
        migrations.AddField("draft", "representative", models.JSONField(**FIELD)),
    ]
