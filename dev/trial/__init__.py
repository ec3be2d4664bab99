"""`deploy/try`: a Debian of its own is built, installed, walked through, killed, rebooted, upgraded and restored."""
