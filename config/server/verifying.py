"""`lintas verify …`: lintas-verify on the server; `verify db` signs in as the reader by itself.

The reader's password goes into the environment, because every user of a machine can read a command line.
"""

import os
import sys
from urllib.parse import unquote, urlsplit

from audit.verify.__main__ import main


def arguments(given: list[str], *, reader_url: str) -> tuple[list[str], str]:
    """The verifier's arguments with the database's address behind `db`, and the password that is not in it."""
    if given[:1] != ["db"]:
        return given, ""
    url = urlsplit(reader_url)
    place = url.netloc.rpartition("@")[2]
    address = url._replace(netloc=f"{url.username}@{place}").geturl()
    return ["db", address, *given[1:]], unquote(url.password or "")


if __name__ == "__main__":
    words, password = arguments(sys.argv[1:], reader_url=os.environ.get("DATABASE_READER_URL", ""))
    os.environ["PGPASSWORD"] = password
    sys.exit(main(words))
