"""The policy file of this installation: which witnesses must have seen a checkpoint."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from audit.tlog import policy
from audit.tlog.policy import Policy


class BadPolicyFile(Exception):
    """LINTAS_WITNESS_POLICY_FILE cannot be read, or breaks a rule; the message says which."""


def read(path: Path | None) -> Policy:
    """The policy in that file; without one nobody is asked for. Raises `BadPolicyFile`.

    Where nothing is published unwitnessed, it has to be one that two trees cannot both meet.
    """
    try:
        found = policy.NONE if path is None else policy.read_policy(path.read_text(encoding="utf-8"))
    except OSError as why:
        raise BadPolicyFile(f"LINTAS_WITNESS_POLICY_FILE={path} cannot be read: {why.strerror}.") from why
    except (policy.BadPolicy, UnicodeDecodeError) as why:
        raise BadPolicyFile(f"LINTAS_WITNESS_POLICY_FILE={path}: {why}") from why
    if settings.LINTAS_LOG_PUBLISH == "witnessed" and not found.excludes():
        raise BadPolicyFile(
            f"LINTAS_LOG_PUBLISH=witnessed, and by LINTAS_WITNESS_POLICY_FILE={path or ''} two trees could both have "
            f"witnesses enough. Ask for more than half: `group outside 2 w1 w2 w3`, `quorum outside`."
        )
    return found


read_once = cache(read)
"""The same, read once in a process: for the web, which is restarted when the file changes."""
