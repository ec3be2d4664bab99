"""The toy API behind the real middleware, and callers for it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests import callers


@dataclass
class Caller:
    """Calls the toy API as one client."""

    client_id: str
    scopes: str = "documents:read documents:write"
    http: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def __call__(self, method: str, path: str, body: object = ..., **headers: str) -> Any:
        """Send it; `If_Match="..."` becomes the header If-Match."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent.setdefault("Authorization", f"Bearer {self.client_id} {self.scopes}")
        more: dict[str, Any] = {} if body is ... else {"data": body, "content_type": "application/json"}
        content_type = sent.pop("Content-Type", more.get("content_type", ""))
        return self.http.generic(method, path, more.get("data", b""), content_type, headers=sent)


@pytest.fixture
def toy_api(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.api.toy"
    if "api.http.middleware.DoorMiddleware" not in settings.MIDDLEWARE:
        settings.MIDDLEWARE = ["api.http.middleware.DoorMiddleware", *settings.MIDDLEWARE]


@pytest.fixture
def call(toy_api: None) -> Callable[..., Any]:
    """A caller nobody has registered: good for what is refused before anybody asks who it is."""
    return Caller("nobody")


@pytest.fixture
def padang(toy_api: None, transactional_db: None) -> Caller:
    """A registered system on a database of its own."""
    callers.registered_system()
    return Caller("padang-pengawasan")
