"""Let an examiner in to the console of a run: `python -m benchmarks.console_session --out FILE`.

As the owner, with the console's settings: people and a session come into the database, and the cookie goes to FILE.
That somebody signs in with two factors is not measured.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

import django

READER = "pemeriksa@bkn.example"


def main() -> None:
    """Begin a session."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    django.setup()
    chosen.out.touch(mode=0o600)
    chosen.out.write_text(json.dumps({"cookie": cookie()}), encoding="utf-8")


def cookie() -> str:
    """The cookie of a session in which the examiner's reader has given password and code."""
    from django.conf import settings
    from django.test import Client

    from console.sign_in import sessions
    from console.sign_in.views import BACKEND
    from people import sandbox
    from people.models import Person

    now = datetime.now(UTC)
    sandbox.seed([], now=now)
    person = Person.objects.select_related("user").get(email=READER)
    client = Client()
    client.force_login(person.user, backend=BACKEND)
    session = client.session
    session[sessions.BEGAN] = now.timestamp()
    session[sessions.KEY] = sessions._key(person)
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": now.timestamp()}]
    session["account_authentication_methods_user"] = str(person.user.pk)
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


if __name__ == "__main__":
    main()
