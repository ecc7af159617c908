from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """The catalogue is searched as people spell."""

    dependencies = [("directory", "0001_start")]

    operations = [TrigramExtension()]
