"""What `./run` does once `.venv` is there: one module for each kind of verb (`verbs` lists them)."""
