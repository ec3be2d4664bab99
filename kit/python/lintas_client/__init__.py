"""Calls a Lintas register: each write once, each receipt kept, each event in its order.

`Client` is where to begin; `Identity` says who calls, `Store` is the file of what must not be forgotten.
"""

from lintas_client.client import Client, Resumed
from lintas_client.feed import FeedGap, LogForked, Place, TableKeeps
from lintas_client.identity import BadProfile, Identity, read_profile
from lintas_client.keys import BadKey, SigningKey
from lintas_client.outbox import Accepted, Intention, ReferenceTaken
from lintas_client.problems import (
    Conflict,
    Gone,
    InvalidBody,
    LintasError,
    NotAllowed,
    NotFound,
    Problem,
    RateLimited,
    StaleVersion,
    TransitionRefused,
    Unanswered,
    Unauthenticated,
    Unavailable,
    WrongState,
)
from lintas_client.store import Store, StoreUnusable
from lintas_client.webhooks import NotGenuine, Receiver
from lintas_client.wire import Patience

__all__ = [
    "Accepted",
    "BadKey",
    "BadProfile",
    "Client",
    "Conflict",
    "FeedGap",
    "Gone",
    "Identity",
    "Intention",
    "InvalidBody",
    "LintasError",
    "LogForked",
    "NotAllowed",
    "NotFound",
    "NotGenuine",
    "Patience",
    "Place",
    "Problem",
    "RateLimited",
    "Receiver",
    "ReferenceTaken",
    "Resumed",
    "SigningKey",
    "StaleVersion",
    "Store",
    "StoreUnusable",
    "TableKeeps",
    "TransitionRefused",
    "Unanswered",
    "Unauthenticated",
    "Unavailable",
    "WrongState",
    "read_profile",
]
