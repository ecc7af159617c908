"""The sequence of serials, and what the database itself keeps from being changed.

Templates and status changes are append-only. Of a document only its status and successor change;
the bytes that were handed out, their hash and whose they are stay as they are.
"""

from django.db import migrations

REFUSE = """
    CREATE FUNCTION documents_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
    END $$
"""
KEEP = """
    CREATE FUNCTION documents_keep_document() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (to_jsonb(OLD) - 'status' - 'successor_id')
           IS DISTINCT FROM (to_jsonb(NEW) - 'status' - 'successor_id') THEN
            RAISE EXCEPTION 'only the status of a document changes';
        END IF;
        RETURN NEW;
    END $$
"""


def append_only(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION documents_refuse_change()",
        f"DROP TRIGGER append_only ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE documents_serial START 1", "DROP SEQUENCE documents_serial"
        ),
        migrations.RunSQL(REFUSE, "DROP FUNCTION documents_refuse_change()"),
        migrations.RunSQL(KEEP, "DROP FUNCTION documents_keep_document()"),
        append_only("documents_template"),
        append_only("documents_statuschange"),
        migrations.RunSQL(
            "CREATE TRIGGER keep_document BEFORE UPDATE ON documents_document "
            "FOR EACH ROW EXECUTE FUNCTION documents_keep_document()",
            "DROP TRIGGER keep_document ON documents_document",
        ),
    ]
