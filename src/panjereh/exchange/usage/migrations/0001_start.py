import django.db.models.deletion
import uuid
from django.db import migrations, models


# One partition for each month: what is older than the term is dropped at once, and the looks of one
# month are found by the names of that month. The primary key is the order of reading, too.
TABLE = """
    CREATE TABLE usage_look (
        pseudonym uuid NOT NULL,
        at timestamptz NOT NULL,
        request_id uuid NOT NULL,
        grant_id bigint NOT NULL,
        acting uuid NULL,
        status smallint NOT NULL,
        told boolean NOT NULL,
        issue varchar(64) NOT NULL,
        represented varchar(120) NOT NULL,
        PRIMARY KEY (pseudonym, at, request_id)
    ) PARTITION BY RANGE (at);
    CREATE INDEX look_by_acting ON usage_look (acting, at) WHERE acting IS NOT NULL;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('exchange', '0006_whom_and_why'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLE, 'DROP TABLE usage_look')],
            state_operations=[
                migrations.CreateModel(
                    name='Look',
                    fields=[
                        ('pk', models.CompositePrimaryKey('pseudonym', 'at', 'request_id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('pseudonym', models.UUIDField(help_text='keyed name of the person asked about, another one each month')),
                        ('at', models.DateTimeField(help_text='when the exchange received the call')),
                        ('request_id', models.UUIDField(help_text='id that the gateway gave the call')),
                        ('issue', models.CharField(blank=True, help_text='tracking id of the case served', max_length=64)),
                        ('represented', models.CharField(blank=True, help_text='X-Road id of the member that the caller speaks for', max_length=120)),
                        ('acting', models.UUIDField(help_text='keyed name of the person who acted, of the same month; or nobody', null=True)),
                        ('status', models.PositiveSmallIntegerField(help_text='HTTP status that was answered')),
                        ('told', models.BooleanField(help_text='whether an answer was released to the consumer')),
                        ('grant', models.ForeignKey(db_constraint=False, db_index=False, help_text='version of the grant: consumer, service, data items, purpose, legal basis', on_delete=django.db.models.deletion.DO_NOTHING, to='exchange.grant')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('acting__isnull', False)), fields=['acting', 'at'], name='look_by_acting')],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, help_text='id of the question', primary_key=True, serialize=False)),
                ('asker', models.UUIDField(help_text='standing keyed name of the person who asks')),
                ('asker_sealed', models.BinaryField(help_text='national id, sealed for the one use of bringing the answer to the e-box')),
                ('language', models.CharField(default='fa', help_text='in which the person asked', max_length=2)),
                ('request_id', models.UUIDField(help_text='the look that is asked about')),
                ('looked_at', models.DateTimeField(help_text='when that look was')),
                ('issue', models.CharField(blank=True, help_text='tracking id of the case served', max_length=64)),
                ('represented', models.CharField(blank=True, help_text='X-Road id of the member that the caller spoke for', max_length=120)),
                ('text', models.CharField(help_text='what the person asks, in own words', max_length=1000)),
                ('asked_at', models.DateTimeField(help_text='when it was asked')),
                ('due_at', models.DateTimeField(help_text='until when it has to be answered')),
                ('reminded_at', models.DateTimeField(help_text='when the agency was reminded', null=True)),
                ('answer', models.CharField(blank=True, help_text='what the agency answered', max_length=4000)),
                ('answered_at', models.DateTimeField(help_text='when it was answered', null=True)),
                ('answered_by', models.CharField(blank=True, help_text='name of the representative who answered', max_length=200)),
                ('letter_id', models.CharField(blank=True, help_text='the letter that brought the answer to the e-box', max_length=60)),
                ('grant', models.ForeignKey(help_text='version of the grant it was under', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exchange.grant')),
                ('member', models.ForeignKey(help_text='whose systems looked: answers', on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='exchange.member')),
            ],
            options={
                'ordering': ['-asked_at'],
                'indexes': [models.Index(fields=['member', 'answered_at', 'due_at'], name='question_open')],
                'constraints': [models.UniqueConstraint(fields=('asker', 'request_id'), name='question_once_a_look'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None)), models.Q(models.Q(('answer', ''), _negated=True), models.Q(('answered_at', None), _negated=True)), _connector='OR'), name='question_answered_has_a_date'), models.CheckConstraint(condition=models.Q(('due_at__gt', models.F('asked_at'))), name='question_has_a_term')],
            },
        ),
        migrations.CreateModel(
            name='Search',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, help_text='id of the search', primary_key=True, serialize=False)),
                ('at', models.DateTimeField(help_text='when')),
                ('case_number', models.CharField(help_text='number of the audit or court case', max_length=60)),
                ('reason', models.CharField(help_text="why, in the auditor's words", max_length=500)),
                ('subject', models.UUIDField(help_text='standing keyed name of the person asked about; or anybody', null=True)),
                ('acting', models.UUIDField(help_text='standing keyed name of the person who acted; or anybody', null=True)),
                ('since', models.DateTimeField(help_text='looks from this time on were searched')),
                ('until', models.DateTimeField(help_text='and up to this time')),
                ('found', models.PositiveIntegerField(help_text='how many looks were found')),
                ('told_from', models.DateTimeField(help_text='from when the person who acted is told of it')),
                ('auditor', models.ForeignKey(help_text='who searched', on_delete=django.db.models.deletion.PROTECT, related_name='searches', to='exchange.operator')),
            ],
            options={
                'ordering': ['-at'],
                'indexes': [models.Index(fields=['subject', '-at'], name='search_of_subject'), models.Index(fields=['acting', '-at'], name='search_of_acting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('subject', None), ('acting', None), _negated=True), name='search_is_for_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('case_number', ''), _negated=True), models.Q(('reason', ''), _negated=True)), name='search_has_a_reason')],
            },
        ),
    ]
