"""What may never change, the database itself refuses to change."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION agency_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END $$;

-- A case stays on the version it began with, so a version stays what it is.
CREATE TRIGGER agency_version_for_ever BEFORE UPDATE OR DELETE ON agency_serviceversion
    FOR EACH ROW EXECUTE FUNCTION agency_refuse_change();

-- The history of a case only grows.
CREATE TRIGGER agency_event_for_ever BEFORE UPDATE OR DELETE ON agency_caseevent
    FOR EACH ROW EXECUTE FUNCTION agency_refuse_change();
"""

UNGUARD = """
DROP TRIGGER agency_version_for_ever ON agency_serviceversion;
DROP TRIGGER agency_event_for_ever ON agency_caseevent;
DROP FUNCTION agency_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("agency", "0001_initial")]
    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
