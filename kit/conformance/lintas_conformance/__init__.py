"""Judges what a partner's integration does while it runs against the simulator."""
