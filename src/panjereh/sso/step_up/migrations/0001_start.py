from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="OwnWish",
            fields=[
                ("journey", models.UUIDField(primary_key=True, serialize=False)),
                ("level", models.SmallIntegerField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE sso_step_up_ownwish SET UNLOGGED",
            "ALTER TABLE sso_step_up_ownwish SET LOGGED",
        ),
    ]
