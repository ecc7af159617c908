"""A guard in the database: approvals, minutes and steps are written once."""

from django.db import migrations

TABLES = ("approvals_approval", "approvals_minutes", "approvals_step", "approvals_conformancerun")
FUNCTION = """
CREATE FUNCTION approvals_kept_as_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is kept as it was written', TG_TABLE_NAME;
END $$;
"""
GUARD = "CREATE TRIGGER kept_as_written BEFORE UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION approvals_kept_as_written()"


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_start")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION approvals_kept_as_written()"),
        *(
            migrations.RunSQL(GUARD.format(table), f"DROP TRIGGER kept_as_written ON {table}")
            for table in TABLES
        ),
    ]
