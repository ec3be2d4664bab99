"""Whether a version's content is there, whose it is, and where a name is found: read from indexes, not from the content.

Content is large and lies scattered; a list asked it row by row whether it was erased, and a statistic whose it was.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("casefiles", "0016_statistics_read_an_index_of_steps"),)

    operations = (
        migrations.RemoveConstraint("payload", "a_version_has_one_payload"),
        migrations.AddConstraint(
            "payload",
            models.UniqueConstraint(
                condition=models.Q(seq__gte=1),
                fields=("casefile", "seq"),
                include=("nip", "erased_at"),
                name="a_version_has_one_payload",
            ),
        ),
        migrations.RemoveIndex("payload", "payload_by_name"),
        migrations.AddIndex(
            "payload",
            models.Index(
                condition=models.Q(("name_key", ""), _negated=True),
                fields=("name_key", "casefile", "seq"),
                name="payload_by_name",
            ),
        ),
    )
