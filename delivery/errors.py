"""What this package refuses. The door's table turns each into a problem."""

from __future__ import annotations


class DeliveryError(Exception):
    """A subscription was refused."""


class NotOffered(DeliveryError):
    """No courier's key is on record, so no secret can be sealed for it."""


class LogPaused(DeliveryError):
    """The log takes no entries now, and each of these acts is one; `why` is the log's reason."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class TooManyWebhooks(DeliveryError):
    """The client has as many subscriptions as it may have."""


class NoSuchWebhook(DeliveryError):
    """The client has no such subscription, or no such delivery."""


class KeyReused(DeliveryError):
    """That key registered something else."""


class NotAnEvent(DeliveryError):
    """A challenge is not sent again by its number: a ping does that."""
