"""The database itself keeps acts from being changed or removed."""

from django.db import migrations

REFUSE = """
    CREATE FUNCTION sso_staff_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
    END $$
"""
KEEP = (
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON sso_staff_act "
    "FOR EACH ROW EXECUTE FUNCTION sso_staff_refuse_change()"
)


class Migration(migrations.Migration):
    dependencies = [("sso_staff", "0001_start")]
    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION sso_staff_refuse_change()"),
        migrations.RunSQL(KEEP, "DROP TRIGGER append_only ON sso_staff_act"),
    ]
