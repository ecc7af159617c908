import django.contrib.postgres.fields
from django.db import migrations, models

import panjereh.exchange.models

BUSES = """
    INSERT INTO exchange_bus (code, name_fa, name_en, member_classes) VALUES
    ('gsb', 'گذرگاه خدمات دولت', 'Government service bus', '{GOV,MUN}'),
    ('pgsb', 'گذرگاه عمومی خدمات دولت', 'Public government service bus', '{COM,PUB,*}')
"""


class Migration(migrations.Migration):
    """A private bus for agencies and a public one for others; keys of channels beside those of
    signatures (NIX-02, 23, 31)."""

    dependencies = [("exchange", "0007_kinds_of_members")]

    operations = [
        migrations.CreateModel(
            name="Bus",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(help_text="gsb (private) or pgsb (public)", max_length=4, unique=True)),
                ("name_fa", models.CharField(help_text="Persian name of the bus", max_length=100)),
                ("name_en", models.CharField(help_text="English name of the bus", max_length=100)),
                ("member_classes", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), help_text="classes whose systems call here; * for classes that no other bus names", size=None)),
            ],
            options={"ordering": ["code"]},
        ),
        migrations.RunSQL(BUSES, "DELETE FROM exchange_bus"),
        migrations.AddField(
            model_name="service",
            name="buses",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=4), default=panjereh.exchange.models.private_bus, help_text="buses on which it is offered: gsb, pgsb or both", size=None),
        ),
        migrations.AddField(
            model_name="systemkey",
            name="use",
            field=models.CharField(choices=[("signature", "signs messages"), ("channel", "identifies channels (mutual TLS)")], default="signature", help_text="what the key is for", max_length=10),
        ),
        migrations.AddField(
            model_name="systemkey",
            name="algorithm",
            field=models.CharField(default="ed25519", help_text="ed25519, p-256 or rsa", max_length=10),
        ),
        migrations.AddField(
            model_name="systemkey",
            name="expires_at",
            field=models.DateTimeField(blank=True, help_text="end of the certificate it was read from; empty for keys without one", null=True),
        ),
        migrations.AlterField(
            model_name="systemkey",
            name="public_key",
            field=models.CharField(help_text="of a signature: the Ed25519 public key; of a channel: SHA-256 of the public key (SubjectPublicKeyInfo); in hex, never a private key", max_length=64, unique=True),
        ),
    ]
