"""`deploy/try-cluster`: three nodes with PostgreSQL, Patroni and etcd, lost one by one under load."""
