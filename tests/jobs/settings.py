"""The service's settings, and an app whose jobs do what a test wants."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as EVERY_APP

INSTALLED_APPS = [*EVERY_APP, "tests.jobs"]
