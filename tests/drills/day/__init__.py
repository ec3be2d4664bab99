"""A day of the sandbox: counterpart systems of the kit's clients, what they do, and what is held against the log."""
