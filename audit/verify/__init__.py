"""`lintas-verify`: checks receipts, dumps, databases, exports and a running log, trusting nobody but the given keys.

No Django. Standard library, `cryptography` and `rfc8785`; `psycopg` for `db` only; `orjson` makes it faster, `rich`
draws the progress, where they are installed.
"""
