"""The project's own settings; only the rate limit is so high that eight connections of one client never meet it."""

from config.settings import *  # noqa: F403 - settings are inherited whole

LINTAS_RATE_PER_SECOND = 1_000_000
LINTAS_RATE_BURST = 1_000_000
