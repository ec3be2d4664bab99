"""What the environment says: its variables, secrets from a variable or from the file that one names, and paths."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environs import Env

env = Env()


def secret(name: str) -> str:
    """A secret from `NAME` or from the file that `NAME_FILE` names; stops the start when neither is there."""
    if path := env.str(f"{name}_FILE", ""):
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except OSError as why:
            raise ImproperlyConfigured(f"{name}_FILE={path} cannot be read: {why.strerror}.") from why
    else:
        value = env.str(name, "")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. In a checkout type `./run manage <command>`; on a server set {name} or {name}_FILE "
            f"(.env.example describes it)."
        )
    return value


def optional_secret(name: str) -> str:
    """A secret as `secret` reads it; empty where neither variable is set."""
    return secret(name) if env.str(f"{name}_FILE", "") or env.str(name, "") else ""


def file_named_by(name: str) -> Path | None:
    """The path that a variable names; None where it is unset or empty."""
    path = env.str(name, "")
    return Path(path) if path else None
