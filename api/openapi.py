"""How the OpenAPI document is made: shapes in, one operation per view and method."""

from __future__ import annotations

from drf_spectacular.openapi import AutoSchema


class Schema(AutoSchema):
    """Reads what a `DoorView` declares."""
