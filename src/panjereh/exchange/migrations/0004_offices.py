import django.contrib.postgres.fields
import django.db.models.deletion
import panjereh.exchange.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exchange', '0003_calls_by_message'),
    ]

    operations = [
        migrations.CreateModel(
            name='Representative',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('national_id_hash', models.CharField(help_text='keyed hash of the national id', max_length=64)),
                ('name', models.CharField(help_text='name by which deeds are signed', max_length=200)),
                ('active', models.BooleanField(default=True, help_text='whether the person may still act')),
                ('appointed_at', models.DateTimeField(auto_now_add=True, help_text='since when')),
                ('withdrawn_at', models.DateTimeField(blank=True, help_text='when the appointment ended; empty while it stands', null=True)),
                ('member', models.ForeignKey(help_text='whom the person acts for', on_delete=django.db.models.deletion.PROTECT, related_name='representatives', to='exchange.member')),
            ],
            options={
                'ordering': ['member__name_fa', 'name'],
            },
        ),
        migrations.AddField(
            model_name='operator',
            name='roles',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('operator', 'Operator'), ('secretariat', 'Secretariat'), ('working-group', 'Working group'), ('auditor', 'Auditor')], max_length=20), default=panjereh.exchange.models.operator_only, help_text='offices the person holds: what pages may be opened, what deeds done', size=None),
        ),
        migrations.AddConstraint(
            model_name='operator',
            constraint=models.CheckConstraint(condition=models.Q(('roles', []), _negated=True), name='operator_has_a_role'),
        ),
        migrations.AddConstraint(
            model_name='representative',
            constraint=models.UniqueConstraint(condition=models.Q(('active', True)), fields=('national_id_hash',), name='representative_of_one_member'),
        ),
        migrations.AddConstraint(
            model_name='representative',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('active', True), ('withdrawn_at', None)), models.Q(('active', False), ('withdrawn_at__isnull', False)), _connector='OR'), name='representative_withdrawn_has_a_date'),
        ),
    ]
