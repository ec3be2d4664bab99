"""Past cases from a list: cut at random moments, resumed to the end, and compared with COPY of the same rows."""
