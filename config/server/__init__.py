"""What is known of a server that `deploy/debian/install.sh` made: where its files lie, and how it is doing."""
