#!/usr/bin/env python3
"""Django's commands. In a checkout, type `./run manage ...`: it brings the database and the environment."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.commands import run

    run(sys.argv)
