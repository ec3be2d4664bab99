"""`/sandbox/clients`: a client of one's own. `/sandbox/reset`: the sandbox begins anew, with the same clients.

The web registers nobody and empties nothing: it asks the `./run serve --sandbox` that started it (`agencies.asking`),
which uses the operator's commands. Open to everybody, and only in a sandbox that nobody else reaches.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest

from agencies import asking
from api.http.language import Wording
from api.http.problems import ErrorItem, Problem
from api.http.sandboxes import as_json, controlling

_NOBODY: Final = Wording(
    id="Tidak ada yang menjawab: kotak pasir ini tidak dijalankan oleh ./run serve --sandbox, atau sedang mulai.",
    en="Nobody answers: this sandbox was not started by ./run serve --sandbox, or is just beginning.",
)
_MEMBERS: Final[Mapping[str, type]] = {"client_id": str, "agency": str, "keys": list}
_MAY: Final[Mapping[str, type]] = {"name": str, "scopes": list, "default_purpose": str}
_KEY: Final = re.compile(r"kid-taken|key-taken|proof|JWK|kid |This key| keys\b", re.ASCII)


# -- clients ----------------------------------------------------------------------------------------------------------


def _registered(request: HttpRequest) -> dict[str, Any]:
    """A client as `manage.py register_client` takes it; without `scopes` it may ask for all of them."""
    return register(as_json(request))


def register(body: Any) -> dict[str, Any]:
    """Have that registration carried out; returns what is told of it. Raises `Problem`."""
    _check(body)
    registration = {"name": body["client_id"], "scopes": list(settings.SCOPES), **body}
    try:
        said = asking.register(Path(settings.LINTAS_SANDBOX_ASKS), registration)
    except asking.Unanswered as why:
        raise Problem("temporarily-unavailable", detail=_NOBODY) from why
    if not said.done:
        raise Problem("invalid-body", errors=[_refusal(line) for line in _reasons(said.lines)])
    return {
        "client_id": registration["client_id"],
        "agency": registration["agency"],
        "scopes": registration["scopes"],
        "keys": [line.split()[-1] for line in said.lines if line.startswith("  key ")],
    }


def _check(body: Any) -> None:
    """Raises `Problem` unless it has the members of a registration and no others. The command judges the rest."""
    if not settings.LINTAS_SANDBOX_ASKS:
        raise Problem("temporarily-unavailable", detail=_NOBODY)
    if not isinstance(body, dict):
        raise Problem("invalid-body", errors=[ErrorItem("wrong-form", pointer="#", detail=_OBJECT)])
    known = {**_MEMBERS, **_MAY}
    errors = [ErrorItem("missing-field", pointer=f"#/{name}") for name in _MEMBERS if name not in body]
    errors += [ErrorItem("unknown-field", pointer=f"#/{name}") for name in body if name not in known]
    errors += [
        ErrorItem("wrong-form", pointer=f"#/{name}", detail=_LISTED if kind is list else _TEXT)
        for name, kind in known.items()
        if name in body and not isinstance(body[name], kind)
    ]
    if errors:
        raise Problem("invalid-body", errors=errors)


def _reasons(lines: tuple[str, ...]) -> list[str]:
    """Why the command refused, without what it says around it."""
    said = [line.strip() for line in lines if line.strip()]
    at = next((number for number, line in enumerate(said) if line.endswith("Nothing was registered.")), -1)
    return said[at + 1 :] or ["The command failed; .run/register_client.log says why."]


def _refusal(reason: str) -> ErrorItem:
    pointer = next(
        (f"#/{name}" for name in ("client_id", "agency", "scopes", "name") if name in reason),
        "#/keys" if _KEY.search(reason) else "#",
    )
    return ErrorItem(
        "wrong-form", pointer=pointer, detail=Wording(id=f"Perintah register_client menolak: {reason}", en=reason)
    )


_OBJECT: Final = Wording(
    id="Kirim objek JSON dengan agency, client_id, dan keys. Halaman /sandbox membuatnya.",
    en="Send a JSON object with agency, client_id and keys. The page /sandbox makes one.",
)
_TEXT: Final = Wording(id="Tulis sebagai teks.", en="Write it as text.")
_LISTED: Final = Wording(id="Tulis sebagai daftar.", en="Write it as a list.")
clients = controlling(post=_registered)


# -- beginning anew ---------------------------------------------------------------------------------------------------


def _told(request: HttpRequest) -> dict[str, Any]:
    """Which run this is; null while the sandbox is not ready, or was not started by `./run serve --sandbox`."""
    folder = settings.LINTAS_SANDBOX_ASKS
    return {"run": asking.run_of(Path(folder)) if folder else None}


def _reset(request: HttpRequest) -> dict[str, Any]:
    """Begin anew. The server ends a moment after it has answered; the new run is ready when `run` is another one."""
    if as_json(request) != {}:
        raise Problem("invalid-body", errors=[ErrorItem("wrong-form", pointer="#", detail=_EMPTY)])
    if not settings.LINTAS_SANDBOX_ASKS:
        raise Problem("temporarily-unavailable", detail=_NOBODY)
    try:
        ends = asking.reset(Path(settings.LINTAS_SANDBOX_ASKS))
    except asking.Unanswered as why:
        raise Problem("temporarily-unavailable", detail=_NOBODY) from why
    return {"run": None, "ends": ends}


_EMPTY: Final = Wording(id="Kirim objek JSON kosong: {}.", en="Send an empty JSON object: {}.")
reset = controlling(get=_told, post=_reset)
