"""From when on a client's writes must be signed. The previous release neither reads nor writes the column."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("agencies", "0005_the_calendar_is_found_by_its_number"),)

    operations = tuple(
        migrations.AddField(name, "signatures_required_from", models.DateTimeField(blank=True, null=True))
        for name in ("client", "historicalclient")
    )
