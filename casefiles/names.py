"""How names of persons are compared: `name_key`, which the verifier makes too."""

from __future__ import annotations

from audit.tlog.spelling import name_key

__all__ = ["name_key"]
