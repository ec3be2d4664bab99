"""The tree, its notes and its proofs: pure, standard library and `cryptography` only.

Shared by the server, the verifier and the witness, which know nothing else of each other. Formats are other people's:
RFC 9162 (tree), C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof, tlog-policy.
"""
