"""The faults that an operator meets, made on purpose one by one: doctor names each, and says what to type."""

from __future__ import annotations

from typing import Final, NamedTuple

from dev.trial.container import Failed
from dev.trial.server import Server

ALONE: Final = ("readyz", "clock", "backup")
"""What doctor finds to mend on a server that nobody keeps a clock or a backup for."""
WEB: Final = "/etc/lintas/web.env"
INSERTED: Final = "INSERT INTO django_migrations (app, name, applied) VALUES ('audit', '9999_from_tomorrow', now())"
DELETED: Final = "DELETE FROM django_migrations WHERE name = '9999_from_tomorrow'"


class Fault(NamedTuple):
    """Two commands of a shell, one to break something and one to mend it, and words of the line that names it."""

    name: str
    make: str
    mend: str
    word: str


def of_the_file(name: str, line: str, word: str) -> Fault:
    """A line that does not belong into the web's environment file."""
    return Fault(name, f"cp -p {WEB} /root/web.env && echo {line} >>{WEB}", f"cp -p /root/web.env {WEB}", word)


def of_the_unit(name: str, unit: str, word: str) -> Fault:
    """A unit that does not run."""
    return Fault(name, f"systemctl stop {unit}", f"systemctl start {unit}", word)


def of_the_schema(name: str, word: str) -> Fault:
    """A migration that no code here knows."""
    psql = "runuser -u postgres -- psql -qd lintas -c"
    return Fault(name, f'{psql} "{INSERTED}"', f'{psql} "{DELETED}"', word)


FAULTS: Final = (
    Fault(
        "a wrong password",
        f"cp -p {WEB} /root/web.env && sed -i s,lintas_web:,lintas_web:x, {WEB}",
        f"cp -p /root/web.env {WEB}",
        "password of DATABASE_WEB_URL is wrong",
    ),
    Fault(
        "a missing key",
        "mv /etc/lintas/receipt_key.pem /root/",
        "mv /root/receipt_key.pem /etc/lintas/",
        "LINTAS_RECEIPT_KEY_FILE=/etc/lintas/receipt_key.pem is not there",
    ),
    of_the_file("a typo", "LINTAS_WITNES_POLICY_FILE=x", "LINTAS_WITNESS_POLICY_FILE meant"),
    of_the_file("a senseless value", "LINTAS_BEHIND_PROXY=some", "is no number of proxies"),
    Fault(
        "an ended certificate",
        "cd /etc/lintas/tls && cp -p fullchain.pem /root/good.pem && cp /root/ended.pem fullchain.pem",
        "cp -p /root/good.pem /etc/lintas/tls/fullchain.pem",
        "the certificate ended",
    ),
    of_the_schema("a schema ahead", "newer than this program"),
    Fault(
        "an open key file",
        "chmod 644 /etc/lintas/sequencer/log_key.pem",
        "chmod 640 /etc/lintas/sequencer/log_key.pem",
        "log_key.pem is open to others",
    ),
    of_the_unit("a unit that is off", "lintas-courier", "lintas-courier: inactive"),
    of_the_unit("no database", "postgresql@15-main", "PostgreSQL does not answer"),
)


def all_named(server: Server) -> str:
    """Raises `Failed` where doctor finds a fault on a sound server, or does not name one that was made."""
    if unexpected := [found for found in server.doctor() if found["name"] not in ALONE]:
        raise Failed(f"doctor finds {unexpected}")
    for fault in FAULTS:
        server.container.do("sh", "-c", fault.make)
        found = server.doctor()
        server.container.do("sh", "-c", fault.mend)
        said = [line["found"][1] + line["remedy"][1] for line in found if all(line["found"]) and all(line["remedy"])]
        if not any(fault.word in line for line in said):
            raise Failed(f"doctor does not name {fault.name}: {said}")
    server.wait_until_ready()
    return f"{len(FAULTS)} faults named"
