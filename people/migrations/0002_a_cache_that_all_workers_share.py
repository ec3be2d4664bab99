"""Django's own table for a cache, made here so that `migrate` is enough (`createcachetable` would be a second step)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            CREATE TABLE people_cache (
                cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL
            );
            CREATE INDEX people_cache_by_expiry ON people_cache (expires)
            """,
            "DROP TABLE people_cache",
        ),
    ]
