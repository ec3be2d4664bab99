"""The newest version of the calendar is one entry of an index, not the first of all days once they are sorted."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("agencies", "0004_tokens_remember_their_key"),)

    operations = (
        migrations.RunSQL(
            "CREATE INDEX calendar_by_number ON agencies_calendarday "
            "((split_part(version, '.', 1)::int), (split_part(version, '.', 2)::int))",
            "DROP INDEX calendar_by_number",
        ),
    )
