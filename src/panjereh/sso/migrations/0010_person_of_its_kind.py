from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sso", "0009_browsers_have_names")]

    operations = [
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(kind="fida", national_id__regex="^[0-9]{12}$")
                | models.Q(kind="national") & ~models.Q(national_id__regex="^[0-9]{12}$")
                | models.Q(national_id__startswith="x"),
                name="sso_person_of_its_kind",
            ),
        ),
    ]
