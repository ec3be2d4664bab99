"""Who calls which register: the profile that `lintas login` writes and that a program gives to `Client`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from lintas_client.keys import SigningKey

DEFAULT: Final = "default"
HOME: Final = "LINTAS_HOME"
"""The variable that names another folder than ~/.config/lintas."""


class BadProfile(ValueError):
    """A profile is missing or cannot be read; the message says which file and what to type."""


@dataclass(frozen=True)
class Identity:
    """One system of one agency at one register.

    `base_url` is where requests go (a gateway's, where one stands before the service). `resource` names the employer
    for whom a vendor's system buys its tokens, as `/delegations` names it. `language` is that of refusals: `id` or
    `en`. `purpose` goes along as `Lintas-Purpose`. `signs` says that every write is signed (RFC 9421), `dpop` that
    tokens are bound to the key (RFC 9449).
    """

    base_url: str
    client_id: str
    key: SigningKey = field(repr=False)
    resource: str = ""
    language: str = "id"
    purpose: str = ""
    signs: bool = False
    dpop: bool = False

    def __post_init__(self) -> None:
        """Refuse an address that is none, and credentials sent in the clear over a network."""
        target = urlsplit(self.base_url)
        is_local = target.hostname in {"127.0.0.1", "localhost", "::1"}
        if target.scheme != "https" and not (target.scheme == "http" and is_local):
            raise BadProfile("The base URL begins with https:// (http:// on this machine only).")
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))

    @property
    def name(self) -> str:
        """What tells this identity from others in one store: who, where and for whom."""
        return f"{self.client_id}@{self.base_url}#{self.resource}"


@dataclass(frozen=True)
class Profile:
    """An identity as a file keeps it, with the files beside it: the key, the store, the witnesses' policy."""

    name: str
    folder: Path
    settings: Mapping[str, Any]

    @property
    def store(self) -> Path:
        """The file of outbox, receipts and places."""
        return self.folder / f"{self.name}.sqlite"

    @property
    def policy(self) -> Path | None:
        """The policy of the witnesses whose word is asked for, where one was given."""
        given = self.settings.get("policy")
        return Path(given) if given else None

    def identity(self, *, language: str = "") -> Identity:
        """The identity. Raises `BadProfile` or `keys.BadKey`."""
        said = self.settings
        try:
            key = SigningKey.from_file(said["key"], kid=said["kid"])
        except OSError as why:
            raise BadProfile(
                f"{said['key']}: {why.strerror or why}. Name the key again: lintas login --key FILE"
            ) from None
        return Identity(
            base_url=said["base_url"],
            client_id=said["client_id"],
            key=key,
            resource=said.get("resource", ""),
            language=language or said.get("language", "id"),
            purpose=said.get("purpose", ""),
            signs=bool(said.get("signs")),
            dpop=bool(said.get("dpop")),
        )

    def write(self) -> None:
        """Keep it, for this user alone."""
        write_private(self.folder / f"{self.name}.json", json.dumps(dict(self.settings), indent=2) + "\n")


def home() -> Path:
    """The folder of profiles: $LINTAS_HOME, else lintas in the user's folder of settings."""
    given = os.environ.get(HOME)
    return Path(given) if given else Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "lintas"


def read_profile(name: str = DEFAULT) -> Profile:
    """The profile of that name. Raises `BadProfile`."""
    file = home() / f"{name}.json"
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadProfile(f"{file} is missing: type `lintas login` first.") from None
    except (OSError, ValueError):
        raise BadProfile(f"{file} cannot be read: type `lintas login` again.") from None
    if not isinstance(settings, dict) or not {"base_url", "client_id", "key", "kid"} <= settings.keys():
        raise BadProfile(f"{file} is not whole: type `lintas login` again.")
    return Profile(name=name, folder=file.parent, settings=settings)


def write_private(file: Path, text: str) -> None:
    """Write a file that its owner alone may read, whole or not at all."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    draft.replace(file)
