"""Verifications that people of the console ask for: the whole database, in the background, one at a time.

`lintas-verify db` does it, as the reader role; this package keeps who asked when, how far it is, and what it said. It
runs on the operator's machine, so it is a convenience: whoever trusts nobody runs `lintas-verify` themselves.
"""
