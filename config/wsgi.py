"""The door for a WSGI server: `granian --interface wsgi config.wsgi:application`."""

import os
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_django = get_wsgi_application()

# More than the door takes: it answers 413 by itself, with a problem.
READ_AT_MOST = 1024 * 1024


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django, with chunked bodies given a length first: some clients (.NET) send no other, and Django reads none.

    The server has taken the chunks apart already.
    """
    if environ.get("HTTP_TRANSFER_ENCODING") and not environ.get("CONTENT_LENGTH"):
        body = environ["wsgi.input"].read(READ_AT_MOST)
        environ["CONTENT_LENGTH"], environ["wsgi.input"] = str(len(body)), BytesIO(body)
    answer: Iterable[bytes] = _django(environ, start_response)
    return answer
