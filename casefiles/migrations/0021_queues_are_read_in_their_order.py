"""PostgreSQL is told that a queue is long, so that it reads the index of the queue in its order.

The plan of a queue is one for all agencies. Hundreds of employers have short queues, hence PostgreSQL expected some
hundred rows of an examiner too, which has nearly all: below 30,000 casefiles it took the whole queue and sorted it.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("casefiles", "0020_first_readings"),)

    operations = (
        migrations.RunSQL(
            [
                "ALTER TABLE casefiles_referral ALTER COLUMN to_agency_id SET (n_distinct = 20)",
                "ANALYZE casefiles_referral (to_agency_id)",
            ],
            ["ALTER TABLE casefiles_referral ALTER COLUMN to_agency_id RESET (n_distinct)"],
        ),
    )
