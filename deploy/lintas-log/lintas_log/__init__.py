"""A verifiable log, seen from outside: its formats (`tlog`), a verifier (`verify`), a witness (`witness`)."""
