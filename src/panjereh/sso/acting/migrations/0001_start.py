import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('sso', '0007_representation'),
        ('sso_organisations', '0001_start'),
    ]

    operations = [
        migrations.CreateModel(
            name='Clerk',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('person_digest', models.CharField(max_length=64)),
                ('agency', models.CharField(help_text='whose services the counter offers', max_length=60)),
                ('office', models.CharField(max_length=120)),
                ('services', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=110), help_text='codes, or * for all', size=None)),
                ('registered_by', models.CharField(max_length=120)),
                ('registered_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('person_digest', 'agency'), name='sso_acting_clerk_once')],
            },
        ),
        migrations.CreateModel(
            name='Mandate',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('guardian', 'Guardian'), ('chief-executive', 'Chief Executive'), ('staff', 'Staff'), ('helper', 'Helper'), ('clerk', 'Clerk')], max_length=20)),
                ('agent_national_id', models.CharField(db_index=True, help_text='whom it is offered to; personal data', max_length=12)),
                ('services', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=110), help_text='codes, or * for all', size=None)),
                ('office', models.CharField(blank=True, help_text='counter of a clerk', max_length=120)),
                ('proof', models.CharField(blank=True, help_text='what it rests on', max_length=60)),
                ('asked_at', models.DateTimeField()),
                ('given_at', models.DateTimeField(help_text='the represented has consented', null=True)),
                ('accepted_at', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField(help_text='none: as long as the registry says so', null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('checked_at', models.DateTimeField(help_text='the registry was last asked, in use', null=True)),
                ('ended_by', models.UUIDField(help_text='a person; none: the registry, or its time', null=True)),
                ('end_reason', models.CharField(blank=True, max_length=40)),
                ('agent', models.ForeignKey(help_text='who acts', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mandates_held', to='sso.person')),
                ('given_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sso.person')),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mandates_given', to='sso_organisations.organisation')),
                ('principal', models.ForeignKey(help_text='or organisation', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mandates_given', to='sso.person')),
            ],
        ),
        migrations.CreateModel(
            name='Choice',
            fields=[
                ('journey', models.UUIDField(primary_key=True, serialize=False)),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sso.person')),
                ('mandate', models.ForeignKey(help_text='none: oneself', null=True, on_delete=django.db.models.deletion.CASCADE, to='sso_acting.mandate')),
            ],
        ),
        migrations.CreateModel(
            name='MandateUse',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('client_id', models.CharField(max_length=60)),
                ('service', models.CharField(blank=True, max_length=110)),
                ('at', models.DateTimeField()),
                ('mandate', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='sso_acting.mandate')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mandate_uses', to='sso.session')),
            ],
        ),
        migrations.AddIndex(
            model_name='mandate',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['ends_at'], name='sso_acting_runs_out'),
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.CheckConstraint(condition=models.Q(('principal', None), ('organisation', None), _connector='XOR'), name='sso_acting_for_one'),
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.CheckConstraint(condition=models.Q(('agent', None), ('principal', None), models.Q(('principal', models.F('agent')), _negated=True), _connector='OR'), name='sso_acting_for_another'),
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None), ('kind', 'guardian')), fields=('kind', 'principal', 'agent'), name='sso_acting_guardian_once'),
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None), ('kind', 'chief-executive')), fields=('kind', 'organisation', 'agent'), name='sso_acting_chief_once'),
        ),
        migrations.AddIndex(
            model_name='mandateuse',
            index=models.Index(fields=['mandate', '-at'], name='sso_acting_used'),
        ),
    ]
