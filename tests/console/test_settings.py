"""The console's settings: strict cookies over HTTPS, and no plain HTTP but on this machine itself."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.live_server import ROOT

SAID = (
    "from config import console as c;"
    "print(c.SESSION_COOKIE_NAME, c.CSRF_COOKIE_NAME, c.LANGUAGE_COOKIE_NAME, c.SESSION_COOKIE_SECURE,"
    " c.CSRF_COOKIE_SECURE, c.ALLOWED_HOSTS, c.SECURE_HSTS_SECONDS)"
)


def _settings(base_url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SAID], cwd=ROOT, env={**os.environ, "LINTAS_CONSOLE_BASE_URL": base_url}, check=False,
        capture_output=True, text=True,
    )  # fmt: skip


def test_cookies_are_bound_to_the_host_over_https() -> None:
    said = _settings("https://konsol.example.go.id")
    assert said.stdout.split(" ", 5)[:5] == [
        "__Host-lintas-session", "__Host-lintas-csrf", "__Host-lintas-language", "True", "True",
    ], said.stderr  # fmt: skip
    assert "['konsol.example.go.id'] 31536000" in said.stdout


@pytest.mark.parametrize("base_url", ["http://konsol.example.go.id", "https://host/path", "konsol"])
def test_an_address_that_would_send_passwords_in_the_clear_stops_the_start(base_url: str) -> None:
    refused = _settings(base_url)
    assert refused.returncode == 1
    assert "LINTAS_CONSOLE_BASE_URL" in refused.stderr
