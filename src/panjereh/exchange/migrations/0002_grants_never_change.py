"""The policy's one version row, and a guard in the database: a grant's content never changes."""

from django.db import migrations

GUARD = """
CREATE FUNCTION exchange_grant_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a grant is never deleted; revoke it';
    END IF;
    IF (to_jsonb(NEW) - 'state' - 'ended_at') <> (to_jsonb(OLD) - 'state' - 'ended_at')
       OR (OLD.state <> 'active' AND NEW.state <> OLD.state) THEN
        RAISE EXCEPTION 'a grant is never changed; approve a new version';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER exchange_grant_is_immutable BEFORE UPDATE OR DELETE ON exchange_grant
    FOR EACH ROW EXECUTE FUNCTION exchange_grant_is_immutable();
"""
UNGUARD = """
DROP TRIGGER exchange_grant_is_immutable ON exchange_grant;
DROP FUNCTION exchange_grant_is_immutable();
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_start")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO exchange_policystate (id, version) VALUES (1, 0)",
            "DELETE FROM exchange_policystate",
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
