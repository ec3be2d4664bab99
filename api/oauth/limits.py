"""The token endpoint's own limits: per client for what it buys, per client id and address for what is refused.

A stranger who knows a client id may send what they like in its name, and may share its address (the national gateway
has one for all): every assertion is examined to the end, and who proves to be the client is not held up by what was
refused before. So a limit locks nobody out. What it takes from a stranger is the detail of a refusal, and the server
takes their requests in turns (`config.asgi`).
"""

from __future__ import annotations

import itertools
import math
from typing import Final

from django.conf import settings
from django.http import HttpRequest

from api.http import quotas, throttling
from api.http.addresses import address_of, digest
from api.http.problems import Problem
from api.http.quotas import Holder, Quota

_CLEAN_EVERY: Final = 1000
"""Refusals after which buckets that ran empty are deleted: strangers can think of any number of names."""
_refusals: Final = itertools.count(1)


def check_bought(holder: Holder) -> Quota | None:
    """One more token for a client that has proven itself, and what is left. Raises Problem `rate-limited`."""
    policy = quotas.policy_of("token")
    if policy is None:
        return None
    taken = throttling.take(policy, holder, permits=1)
    if taken.wait > 0:
        raise throttling.limited(taken, policy)
    return policy.left(taken.ahead)


def check_refused(request: HttpRequest, *, client_id: str | None) -> None:
    """One more refusal for this address, and in the name of this client. Raises Problem `rate-limited` in its place."""
    if next(_refusals) % _CLEAN_EVERY == 0:
        throttling.REFUSALS.forget_empty()
    _draw(throttling.REFUSALS, digest("address", address_of(request)))
    if client_id is not None:
        _draw(throttling.REFUSALS, digest("client", client_id))


def _draw(buckets: throttling.Buckets, key: int | bytes) -> None:
    rate = settings.LINTAS_TOKEN_RATE_PER_SECOND
    if rate <= 0:
        return
    wait = buckets.draw(key, permits=1, rate=rate, burst=max(settings.LINTAS_TOKEN_BURST, 1))
    if wait > 0:
        seconds = max(1, math.ceil(wait))
        raise Problem("rate-limited", params={"retry_after": seconds}, headers={"Retry-After": str(seconds)})
