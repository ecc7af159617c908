"""The sequence of pump sessions, and histories that the database keeps from being changed."""

from django.db import migrations

REFUSE = """
    CREATE FUNCTION messaging_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
    END $$
"""


def append_only(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION messaging_refuse_change()",
        f"DROP TRIGGER append_only ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE messaging_pump_session AS integer CYCLE",
            "DROP SEQUENCE messaging_pump_session",
        ),
        migrations.RunSQL(REFUSE, "DROP FUNCTION messaging_refuse_change()"),
        append_only("messaging_deliveryevent"),
        append_only("messaging_letterevent"),
    ]
