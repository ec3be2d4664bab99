"""The ground the tests stand on: real PostgreSQL, signed in as the web role, and no table is ever flushed.

One template database is migrated as the owner and kept until the migrations change; each pytest process gets a copy.
A plain database test runs inside a transaction that is rolled back. A test that commits says
`@pytest.mark.django_db(transaction=True)` and gets a copy for itself: what it committed is undone by the owner
(`tests/undoing.py`), or the copy is dropped. The append-only triggers stay on. A test that asks for `world` gets either
on a seeded database (`tests/world.py`).
Type `./run test`; it brings the database.
"""

import gc
import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.signals import setting_changed
from django.db import connection, connections
from django.test import TransactionTestCase
from django.test.client import ClientHandler
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from audit import keys
from config import database
from config.roles import Roles, database_name, on_database
from delivery import keys as courier_keys
from tests import commanding, kept_documents, sessions  # noqa: F401 - the documents are read from JSON from here on
from tests.live_server import Server, serving
from tests.sequencing import sequenced  # noqa: F401 - a fixture
from tests.undoing import Again
from tests.world import World, sandbox, world, world_copy  # noqa: F401 - fixtures

# Nine thousand tests are half a million objects that stay. Looking through them for garbage again and again takes a
# third of the time of collecting tests, and a tenth of the time of running them.
gc.disable()
GARBAGE_EVERY = (20_000, 20, 50)

ROOT = Path(__file__).resolve().parent.parent
# A copy takes about 12 MB.
DROPPED_TOGETHER = 20
# What a test wrote and rolled back stays on the disk, and every later look at its tables passes over it. The server of
# the tests sweeps nothing by itself: a sweep in the middle of a test would make it slow. It takes 30 ms.
SWEPT_EVERY = 60

# What waits for processes of its own: begun first, in one of the processes, while the others compute. Begun last, one
# of these would leave the others idle at the end.
LONG = (
    "tests/console/test_browser.py", "tests/drills/", "tests/simulation/", "tests/test_sandbox.py",
    "tests/test_benchmarks.py",
)  # fmt: skip

# `./run` names the files; a fresh checkout has drawn no keys yet.
keys.draw_log_key(Path(os.environ["LINTAS_LOG_KEY_FILE"]))
keys.draw_receipt_key(Path(os.environ["LINTAS_RECEIPT_KEY_FILE"]))
courier_keys.draw(Path(os.environ["LINTAS_COURIER_KEY_FILE"]))

# A database test's first example pays for the connection; only the number of examples is bounded here.
settings.register_profile("quick", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", max_examples=5_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("LINTAS_FUZZ", "quick"))


class SharedStack:
    """One stack of middleware for every `django.test.Client` of this process, until a setting changes.

    Django builds one for each client, and WhiteNoise reads all static files for it: half the time of a short test.
    """

    def __init__(self) -> None:
        self._build = ClientHandler.load_middleware
        self._built: dict[str, Any] = {}

    def load(self, handler: ClientHandler, is_async: bool = False) -> None:
        if not self._built:
            self._build(handler, is_async=is_async)
            self._built = {name: value for name, value in vars(handler).items() if name.startswith("_")}
        vars(handler).update(self._built)

    def forget(self, **_: Any) -> None:
        self._built = {}


stack = SharedStack()
setattr(ClientHandler, "load_middleware", lambda handler, is_async=False: stack.load(handler, is_async))  # noqa: B010 - typed otherwise
setting_changed.connect(stack.forget)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long tests first; all others stay in their order."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """From here on garbage is collected, but not looked for among the tests themselves."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_EVERY)
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _commands_may_use_the_database(django_db_blocker: DjangoDbBlocker) -> None:
    """Whatever command a test types within this process."""
    commanding.blockers[:] = [django_db_blocker]


@pytest.fixture(scope="module", autouse=True)
def _environment_is_left_as_it_was() -> Iterator[None]:
    """Every server and command that a later test starts would inherit what a module left in the environment."""
    before = _own_variables()
    yield
    assert _own_variables() == before


def _own_variables() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("LINTAS_")}


@dataclass(frozen=True)
class Copies:
    """Makes and drops copies of the migrated template, as the owner."""

    owner: psycopg.Connection
    roles: Roles
    template: str
    spent: list[str] = field(default_factory=list)
    used: Counter[str] = field(default_factory=Counter)

    def make(self, template: str | None = None) -> str:
        name = f"{_prefix(self.roles)}{os.getpid()}_{secrets.token_hex(3)}"
        sessions.close_on(template or self.template)
        database.claim(self.owner, name)
        database.create(
            self.owner, name, guests=self.roles.guests, template=template or self.template, strategy="file_copy"
        )
        return name

    def sweep(self, name: str) -> None:
        """Have PostgreSQL forget what tests of that database rolled back, every so many tests."""
        self.used[name] += 1
        if self.used[name] % SWEPT_EVERY == 0:
            with psycopg.connect(on_database(self.roles.owner, name), autocommit=True) as owner:
                owner.execute("VACUUM")

    def drop(self, name: str) -> None:
        """Drop it, later and with others: the first of them waits for a checkpoint that serves them all."""
        sessions.close_on(name)
        self.spent.append(name)
        if len(self.spent) >= DROPPED_TOGETHER:
            self.drop_spent()

    def drop_spent(self) -> None:
        while self.spent:
            database.drop(self.owner, self.spent.pop())


def _prefix(roles: Roles) -> str:
    return f"{database_name(roles.owner)}_test_"


@pytest.fixture(scope="session")
def copies() -> Iterator[Copies]:
    """The template of today's migrations, and a way to copy it."""
    roles = Roles.of(os.environ)
    with database.connected(roles.owner) as owner:
        template = database.ensure_template(owner, roles, root=ROOT, environment=os.environ)
        database.drop_abandoned(owner, _prefix(roles))
        made = Copies(owner=owner, roles=roles, template=template)
        yield made
        made.drop_spent()


def _use(name: str) -> None:
    """Point Django's one connection, in every thread, at a database; this thread's session there goes on."""
    if connection.settings_dict["NAME"] != name:
        sessions.leave()
        connections.settings["default"]["NAME"] = name
    sessions.come()


@contextmanager
def using(name: str) -> Iterator[None]:
    """Another database while the block lasts; what is written there is committed."""
    before = connection.settings_dict["NAME"]
    _use(name)
    try:
        yield
    finally:
        _use(before)


@pytest.fixture(scope="session")
def django_db_setup(copies: Copies, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The name of one copy for all the tests of this process that roll back."""
    # After a test, Django would TRUNCATE every table; the copy is dropped instead.
    setattr(TransactionTestCase, "_fixture_teardown", lambda _: None)  # noqa: B010 - no public name, no stub for it
    name = copies.make()
    with django_db_blocker.unblock():
        _use(name)
    yield name
    with django_db_blocker.unblock():
        connections.close_all()
        sessions.close_on(None)
    copies.drop(name)


@pytest.fixture(scope="session")
def arranged_once(
    copies: Copies,
    world: World,  # noqa: F811 - the fixture
    django_db_setup: str,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Callable[[Callable[[], Any]], tuple[str, Any]]]:
    """A way to arrange once what all tests of a module begin with, on a copy of the world.

    Called with the act, it returns the database's name and what the act returned. A module whose tests roll back gives
    the name as `arranged_copy`, one whose tests commit as `filled`.
    """
    made: list[str] = []

    def arrange(act: Callable[[], Any]) -> tuple[str, Any]:
        made.append(copies.make(world.template))
        with django_db_blocker.unblock(), using(made[-1]):
            return made[-1], act()

    yield arrange
    for name in made:
        copies.drop(name)


def commits(request: pytest.FixtureRequest) -> bool:
    """Whether the test commits what it writes, and so has a database for itself; all others roll back."""
    marker = request.node.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction")) or "transactional_db" in request.fixturenames


def _template(request: pytest.FixtureRequest) -> str | None:
    """What the database of a committing test is a copy of: what its module has filled, the world, or an empty one."""
    if "filled" in request.fixturenames:
        return str(request.getfixturevalue("filled"))
    return request.getfixturevalue("world").template if "world" in request.fixturenames else None


@pytest.fixture(scope="session")
def again(copies: Copies) -> Iterator[Again]:
    """The databases that tests of this process commit to, one after another."""
    made = Again(copies)
    yield made
    made.give_up_all()


@pytest.fixture
def _own_database(
    request: pytest.FixtureRequest,
    django_db_setup: str,
    copies: Copies,
    again: Again,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    seeded = "world" in request.fixturenames
    arranged = next((name for name in ("arranged_copy", "world_copy") if name in request.fixturenames), None)
    alone = commits(request) and request.node.get_closest_marker("own_copy") is not None
    template = _template(request) if commits(request) else None
    if alone:
        name = copies.make(template)
    elif commits(request):
        name = again.take(template)
    elif arranged or seeded:
        name = request.getfixturevalue(arranged or "world_copy")
    else:
        name = django_db_setup
    with django_db_blocker.unblock():
        _use(name)
        yield
        if alone:
            connections.close_all()
            copies.drop(name)
        elif commits(request):
            again.give_back(template)
        else:
            copies.sweep(name)


@pytest.fixture(autouse=True)
def _none_is_open_without_a_database(request: pytest.FixtureRequest) -> None:
    """A test without a database finds no connection that one before it left open: Django would look at it."""
    if request.node.get_closest_marker("django_db") is None and "db" not in request.fixturenames:
        sessions.leave()


@pytest.fixture
def _django_db_helper(_own_database: None, _django_db_helper: None) -> None:
    """pytest-django's own fixture behind `db`, begun only once the right database is in place."""


@pytest.fixture
def owner_connection(copies: Copies, django_db_setup: None, _own_database: None) -> Iterator[psycopg.Connection]:
    """The owner's own connection (autocommit) to the database this test uses.

    It does not see what a test that rolls back has written; use it with `transaction=True`, or to read the schema.
    """
    with psycopg.connect(on_database(copies.roles.owner, connection.settings_dict["NAME"]), autocommit=True) as owner:
        yield owner


@pytest.fixture
def sign_in(
    copies: Copies, django_db_setup: None, _own_database: None
) -> Iterator[Callable[[str], psycopg.Connection]]:
    """Sign in (autocommit) to the database this test uses as `web`, `sequencer`, `reader`, `courier` or `owner`."""
    with ExitStack() as stack:

        def session(role: str) -> psycopg.Connection:
            url = on_database(getattr(copies.roles, role), connection.settings_dict["NAME"])
            return stack.enter_context(psycopg.connect(url, autocommit=True))

        yield session


@pytest.fixture(scope="session")
def server(copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real web server on a database of its own, one for the whole session: for journeys over HTTP."""
    name = copies.make()
    with serving(copies.roles.on(name), log=tmp_path_factory.mktemp("server") / "server.log") as started:
        yield started
    copies.drop(name)


@pytest.fixture
def server_here(copies: Copies, transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    """The real web server on the very database this (committing) test arranges through the models."""
    with serving(copies.roles.on(connection.settings_dict["NAME"]), log=tmp_path / "server.log") as started:
        yield started
