"""Everyone's clients, on the server of the journeys."""

from tests.journeys.conftest import parties

__all__ = ["parties"]
