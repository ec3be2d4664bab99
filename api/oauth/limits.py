"""What a client may buy. What is refused to whoever has not proven who they are counts elsewhere (`check_refused`)."""

from __future__ import annotations

from api.http import quotas, throttling
from api.http.quotas import Holder, Quota


def check_bought(holder: Holder) -> Quota | None:
    """One more token for a client that has proven itself, and what is left. Raises Problem `rate-limited`."""
    policy = quotas.policy_of("token")
    if policy is None:
        return None
    taken = throttling.take(policy, holder, permits=1)
    if taken.wait > 0:
        raise throttling.limited(taken, policy)
    return policy.left(taken.ahead)
