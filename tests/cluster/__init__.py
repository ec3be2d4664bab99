"""`deploy/try-cluster`: three nodes with PostgreSQL, Patroni and etcd on one machine, killed, cut off and paused under load."""
