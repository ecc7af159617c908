from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sso", "0008_stages")]

    operations = [
        migrations.AddField(
            model_name="knownbrowser",
            name="name",
            field=models.CharField(
                blank=True, db_default="", help_text="like Firefox, Linux", max_length=80
            ),
        ),
        migrations.AddIndex(
            model_name="knownbrowser",
            index=models.Index(fields=["browser_sha256"], name="sso_browser_people"),
        ),
    ]
