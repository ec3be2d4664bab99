"""The same register as a good team would write it in a week, with the libraries' own ways and no look at the SQL.

ModelViewSets and ModelSerializers, guardian's generic object permissions (`assign_perm`, `get_objects_for_user`),
simple-history, DRF's tokens, Django's default middleware and connections. It stores what ours stores: about the same
rows per write, whole versions in the history, idempotency keys, an audit chain, an outbox, reading records.
"""
