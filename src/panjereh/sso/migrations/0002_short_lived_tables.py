from django.db import migrations

SHORT_LIVED = ("sso_journey", "sso_onetimecode", "sso_counter")
# Rows of these live for seconds or minutes, so dead ones are swept up early.
BUSY = (*SHORT_LIVED, "sso_grant", "sso_accesstoken", "sso_session")


class Migration(migrations.Migration):
    """What is lost in a crash and ends in "begin again" needs no write-ahead log."""

    dependencies = [("sso", "0001_initial")]

    operations = [
        *[
            migrations.RunSQL(f"ALTER TABLE {table} SET UNLOGGED", f"ALTER TABLE {table} SET LOGGED")
            for table in SHORT_LIVED
        ],
        *[
            migrations.RunSQL(
                f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.02,"
                " autovacuum_vacuum_threshold = 500)",
                f"ALTER TABLE {table} RESET (autovacuum_vacuum_scale_factor,"
                " autovacuum_vacuum_threshold)",
            )
            for table in BUSY
        ],
    ]
