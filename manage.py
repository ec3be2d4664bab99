#!/usr/bin/env python3
"""Django's commands. In a checkout, type `./run manage ...`: it brings the database and the environment."""

import gc
import os
import sys

if __name__ == "__main__":
    # Nearly all that a command makes while it starts stays. Looking through it for garbage is a fifth of the start.
    gc.set_threshold(50_000, 20, 20)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.commands import run

    run(sys.argv)
