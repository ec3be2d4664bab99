"""A witness: remembers how large each log was and under which root, and signs only what continues that.

It sees sizes and hashes, never an entry. Formats: C2SP tlog-witness, tlog-cosignature. Standard library, SQLite and
`cryptography`; imports nothing of the project but `tlog`, because other agencies run it alone.
"""
