"""The desk: acts of an agency's officers, in forms that are made of the flow's table."""
