"""A grant is a contract signed by consumer, provider and secretariat (seen in FSC)."""

from django.db import migrations, models
from django.db.models import Q

# What was entered before contracts opens nothing any more; the seed and the register enter it anew.
END_UNSIGNED = (
    "UPDATE exchange_grant SET state = 'obsolete', ended_at = now() WHERE state = 'active'"
)

# Suspension and revocation are said beside the contract; nothing in it ever changes.
GUARD = """
CREATE OR REPLACE FUNCTION exchange_grant_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    beside text[] := ARRAY['state', 'ended_at', 'suspended_at', 'revocation'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a grant is never deleted; revoke it';
    END IF;
    IF (to_jsonb(NEW) - beside) <> (to_jsonb(OLD) - beside)
       OR (OLD.state <> 'active' AND NEW.state <> OLD.state)
       OR (OLD.revocation <> '' AND NEW.revocation <> OLD.revocation) THEN
        RAISE EXCEPTION 'a grant is never changed; approve a new version';
    END IF;
    RETURN NEW;
END $$;
"""
FORMER = """
CREATE OR REPLACE FUNCTION exchange_grant_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""


def column(name, field):
    return migrations.AddField("grant", name, field)


class Migration(migrations.Migration):
    dependencies = [("exchange", "0004_offices")]

    operations = [
        migrations.RunSQL(END_UNSIGNED, migrations.RunSQL.noop),
        column("quota_per_day", models.PositiveIntegerField(null=True, blank=True, help_text="calls allowed in a day; empty: no such limit")),
        column("conditions", models.JSONField(default=list, help_text='what must hold at the time of the call, [{"kind": "listed", "list": code, "pointer": into the request}]; names, never values of persons')),
        column("attestation", models.JSONField(default=list, help_text="yes-or-no claims answered in place of data; empty: data comes back")),
        column("confidential", models.BooleanField(default=False, help_text="the activity is approved as confidential, with its legal basis")),
        column("form", models.CharField(max_length=10, choices=[("call", "Call"), ("message", "Message")], default="call", help_text="call or message")),
        column("stage", models.CharField(max_length=10, choices=[("sandbox", "Sandbox"), ("production", "Production")], default="production", help_text="sandbox: for test data, before the approval")),
        column("contract", models.JSONField(default=dict, help_text="what the parties signed; the columns above repeat it")),
        column("content_hash", models.CharField(max_length=100, blank=True, default="", help_text="SHA3-512 of the contract (RFC 8785), as FSC writes it")),
        column("signatures", models.JSONField(default=dict, help_text="compact JWS over the hash by consumer, provider, secretariat")),
        column("revocation", models.TextField(blank=True, default="", help_text="compact JWS by which it was revoked; empty while it stands")),
        column("suspended_at", models.DateTimeField(null=True, blank=True, help_text="since when it is suspended; empty while it works")),
        migrations.AlterField("grant", "content_hash", models.CharField(max_length=100, blank=True, help_text="SHA3-512 of the contract (RFC 8785), as FSC writes it")),
        migrations.AlterField("grant", "revocation", models.TextField(blank=True, help_text="compact JWS by which it was revoked; empty while it stands")),
        migrations.AlterField("grant", "ended_at", models.DateTimeField(null=True, blank=True, help_text="when it was revoked, expired or replaced")),
        migrations.AlterField("grant", "state", models.CharField(max_length=10, choices=[("active", "Active"), ("obsolete", "Obsolete"), ("revoked", "Revoked"), ("expired", "Expired")], default="active", help_text="state of the version")),
        migrations.AddConstraint("grant", models.CheckConstraint(condition=~Q(state="active") | ~Q(content_hash=""), name="grant_is_a_contract")),
        migrations.RunSQL(GUARD, FORMER),
    ]
