"""The mark of tests that need a real browser: skipped with a plain word where none is, unless it is required.

CI installs Debian's Chromium and has `LINTAS_BROWSER=required`, so that no such test is skipped there.
"""

import os

import pytest

from dev import screens

needs_chromium = pytest.mark.skipif(
    screens.chromium() is None and os.environ.get("LINTAS_BROWSER") != "required",
    reason="no Chromium here, so no browser saw the page. Debian: apt-get install chromium",
)
