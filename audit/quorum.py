"""The policy file of this installation: which witnesses must have seen a checkpoint."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from audit.tlog import policy
from audit.tlog.policy import Policy


class BadPolicyFile(Exception):
    """LINTAS_WITNESS_POLICY_FILE cannot be read, or breaks a rule; the message says which."""


def read(path: Path | None) -> Policy:
    """The policy in that file; without one nobody is asked for. Raises `BadPolicyFile`."""
    if path is None:
        return policy.NONE
    try:
        return policy.read_policy(path.read_text(encoding="utf-8"))
    except OSError as why:
        raise BadPolicyFile(f"LINTAS_WITNESS_POLICY_FILE={path} cannot be read: {why.strerror}.") from why
    except (policy.BadPolicy, UnicodeDecodeError) as why:
        raise BadPolicyFile(f"LINTAS_WITNESS_POLICY_FILE={path}: {why}") from why


read_once = cache(read)
"""The same, read once in a process: for the web, which is restarted when the file changes."""
