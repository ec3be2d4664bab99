"""The published document from JSON: its YAML takes a second to read, in each form and in every process of the tests.

The JSON lies in the tests' run folder under a digest of the YAML, and says the same.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from api.contract.openapi import files

_from_yaml = files.kept


@cache
def kept(version: str) -> dict[str, Any]:
    """What `api.contract.openapi.files.kept` reads. Do not change it."""
    folder, digest = Path(os.environ["LINTAS_RUN_DIR"]), hashlib.sha256(files.kept_yaml(version)).hexdigest()[:12]
    place = folder / f"openapi-{version}-{digest}.json"
    if not place.exists():
        for old in folder.glob(f"openapi-{version}-*.json"):
            old.unlink(missing_ok=True)
        document = _from_yaml(version)
        written = orjson.dumps(document)
        assert orjson.loads(written) == document
        draft = place.with_suffix(f".{os.getpid()}")
        draft.write_bytes(written)
        draft.rename(place)
    read: dict[str, Any] = orjson.loads(place.read_bytes())
    return read


files.kept = kept
