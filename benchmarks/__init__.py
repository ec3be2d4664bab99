"""`./run bench`: the API against bare psycopg and against a naive app, as ratios within one run (see README.md)."""
