from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("civil", "0003_court_guardians")]

    operations = [
        migrations.AddField(
            model_name="authentication",
            name="method",
            field=models.CharField(
                choices=[("card-serial", "Card"), ("face", "Face")],
                default="card-serial",
                max_length=12,
            ),
        ),
    ]
