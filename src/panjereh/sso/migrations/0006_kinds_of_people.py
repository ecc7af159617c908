from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sso", "0005_session_proofs")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="kind",
            field=models.CharField(
                choices=[("national", "National"), ("fida", "Fida")],
                db_default="national",
                default="national",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="person",
            name="national_id",
            field=models.CharField(
                help_text="or, of the kind fida, a foreigner's FIDA code",
                max_length=12,
                unique=True,
            ),
        ),
        migrations.AlterField(
            model_name="person",
            name="mobile",
            field=models.CharField(
                blank=True, help_text="E.164, the person's own by Shahkar", max_length=16
            ),
        ),
        migrations.AlterField(
            model_name="person",
            name="mobile_confirmed_at",
            field=models.DateTimeField(null=True),
        ),
    ]
