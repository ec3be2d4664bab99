"""An agency's system calling the API within the test's own process and transaction."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import orjson
from django.http import HttpResponse
from django.test import Client as Browser
from django.utils import timezone

from agencies import tokens
from agencies.models import AccessToken, Client


@dataclass
class Partner:
    """The one client of `agency` in the sandbox's world, with a token for `scopes` (all of its own by default)."""

    agency: str
    scopes: str | None = None
    token: str = field(default="", init=False)

    def __post_init__(self) -> None:
        """Store a fresh token."""
        client = Client.objects.get(agency__code=self.agency)
        self.token = secrets.token_urlsafe(32)
        key = client.keys.get()
        AccessToken.objects.create(
            token="",
            token_checksum=tokens.checksum(self.token),
            application=client,
            key=key,
            key_thumbprint=key.thumbprint,
            scope=" ".join(client.scopes) if self.scopes is None else self.scopes,
            expires=timezone.now() + timedelta(minutes=10),
        )

    def get(self, path: str, **headers: str) -> HttpResponse:
        """GET a path under /api/v1."""
        return call("GET", path, token=self.token, **headers)

    def post(self, path: str, body: Any, *, version: int | None = None, key: str | None = None, **headers: str) -> Any:
        """POST JSON to a path under /api/v1, with a fresh key unless told, and If-Match where a version is given."""
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        headers.setdefault("Idempotency-Key", key or uuid.uuid4().hex)
        return call("POST", path, token=self.token, body=body, **headers)


def call(method: str, path: str, *, token: str | None = None, body: Any = None, **headers: str) -> HttpResponse:
    """One request to a path under /api/v1."""
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    content = b"" if body is None else orjson.dumps(body)
    answer = Browser(raise_request_exception=False).generic(
        method, f"/api/v1{path}", content, content_type="application/json" if content else "", headers=headers
    )
    return cast("HttpResponse", answer)


def said(response: Any) -> Any:
    """The JSON of an answer."""
    return orjson.loads(response.content)
