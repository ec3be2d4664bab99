"""The house's rules that a test can read in the source: what writes state, who imports whom, how long a file is."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = ("audit", "agencies", "people", "casefiles", "contents", "jobs", "delivery", "verifications")
PRODUCT = (*DOMAIN, "api", "console", "config", "dev")

LONG = 450
# A longer file says why it is one chapter still.
LONGER = {
    "tests/casefiles/operations/test_erasure.py": "every place that an erased casefile leaves, one story each",
    "tests/casefiles/flow/test_afterwards.py": "opening again and correcting, every ground and every fact a story",
    "tests/casefiles/flow/test_joining.py": "two casefiles in every state of each other, and their races",
    "tests/console/test_browser.py": "one console in one browser: every page, and each journey that a person walks",
    "tests/factories.py": "a body for every row, and how a story walks",
    "tests/casefiles/flow/test_flow.py": "the table drawn a second time by hand, and what holds for every row",
    "tests/api/oauth/test_oauth.py": "every rule of the token endpoint, one story each",
    "tests/agencies/test_clients.py": "registration, keys and their refusals, one story each",
    "tests/casefiles/catalogue/test_catalogue.py": "one small story per rule that a file of the law must keep",
    "tests/api/v1/test_log.py": "four routes of the log, each rule and each bad question a story",
    "tests/audit/test_cosigning.py": "what witnesses may answer, and what must come of each answer",
    "tests/audit/test_sequencer.py": "growing, signing and refusing, one story each",
    "tests/audit/tlog/make_vectors.py": "every good and bad proof, receipt and policy, each in a line or two",
    "tests/audit/tlog/test_notes.py": "every way in which a note can be broken",
}
NAMELESS = {"utils", "util", "common", "core", "services", "helpers", "misc", "base", "lib", "tools"}
NAMED_BY_DJANGO = {"config/postgresql/base.py"}


def _files(*packages: str) -> Iterator[Path]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _calls(path: Path) -> Iterator[tuple[str, str]]:
    """Method calls of a file: the method, and the source it is called on."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, ast.unparse(node.func.value)


# --- where state is written -----------------------------------------------------------------------------------------

# What may be written past `save()`: no tracked model among them, and nothing of a casefile.
PAST_SAVE = {
    ("api/http/batching.py", "bulk_create", "Batch"),
    ("api/http/idempotency.py", "update", "IdempotencyRecord"),
    ("agencies/calendar.py", "bulk_create", "CalendarDay"),
    ("agencies/registration.py", "bulk_create", "Group"),
    ("casefiles/operations/erasure.py", "update", "Payload"),
    ("console/desk/drafting.py", "update", "Draft"),
    ("console/desk/kept.py", "update", "Form"),
    ("console/exports/making.py", "update", "Export"),
    ("console/tallies.py", "update", "Tally"),
    ("console/tallies.py", "update_or_create", "Tally"),
    ("delivery/subscriptions.py", "update", "Delivery"),
    ("people/morning_mails.py", "update", "MorningMail"),
    ("people/morning_mails.py", "update_or_create", "MorningMail"),
}
TRACKED = ("Casefile", "Agency", "Mandate", "Client")


def test_nothing_is_updated_or_created_in_bulk_behind_the_history() -> None:
    """simple-history writes nothing then, so it is allowed for untracked tables only, each named here."""
    found = set()
    for path in _files(*PRODUCT):
        for method, on in _calls(path):
            if method in {"update", "bulk_create", "bulk_update", "update_or_create"} and "objects" in on:
                found.add((_name(path), method, on.partition(".objects")[0]))
    assert found == PAST_SAVE
    assert not {model for _, _, model in found} & set(TRACKED)


# The tables of a step, and who may name them in a statement that writes.
STEP_TABLES = (
    r"(INSERT INTO|UPDATE|DELETE FROM|TRUNCATE)\s+"
    r"(casefiles_(casefile|transition|historicalcasefile|referral|casefilegrant|attachment)|audit_(entry|pending))\b"
)


def test_a_step_is_written_in_one_place() -> None:
    writers = {
        _name(path) for path in _files(*PRODUCT) if re.search(STEP_TABLES, path.read_text(encoding="utf-8"), re.I)
    }
    # The sequencer takes entries out of the queue once they have their place. The clock reckons anew when it comes to a
    # referral, after the law changed.
    assert writers == {
        "casefiles/transitions/write.py",
        "casefiles/operations/reckoning.py",
        "audit/ledger.py",
        "audit/together.py",
        "audit/sequencer.py",
    }


def test_only_perform_and_submit_write_steps() -> None:
    importers = {
        _name(path)
        for path in _files(*PRODUCT)
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ImportFrom)
        and node.module == "casefiles.transitions.write"
        and any(alias.name == "write" for alias in node.names)
    }
    assert importers == {"casefiles/transitions/perform.py", "casefiles/intake/findings.py"}


def test_no_signal_is_ours() -> None:
    """An audit that depends on a receiver being connected is a hope."""
    for path in _files(*PRODUCT):
        for node in ast.walk(_tree(path)):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            assert not [name for name in names if "signals" in name or name.startswith("django.dispatch")], _name(path)


def test_nobody_below_the_door_asks_what_time_it_is() -> None:
    """Time is handed in; a command is a door of its own, and so are a job, the witness's service and the verifier."""
    doors = {"audit/witness/__main__.py", "audit/verify/clock.py", "contents/tasks.py"}
    asked = {
        _name(path)
        for path in _files(*DOMAIN)
        if "management" not in path.parts and _name(path) not in doors
        for method, on in _calls(path)
        if (method, on) in {("now", "timezone"), ("now", "datetime"), ("now", "dt.datetime"), ("time", "time")}
        or method in {"today", "utcnow"}
    }
    assert asked == set()


# --- who imports whom -----------------------------------------------------------------------------------------------


def test_imports_point_down() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; raise SystemExit(lint())"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert re.search(r"[1-9][0-9]* kept, 0 broken", done.stdout), done.stdout[-500:]


def test_the_domain_does_not_know_http() -> None:
    for path in _files(*DOMAIN):
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
                assert not module.startswith(("django.http", "django.urls", "django.views", "rest_framework")), _name(
                    path
                )


SQL_TEXT = re.compile(r"\b(SELECT\b.+\bFROM|INSERT INTO|UPDATE\b.+\bSET|DELETE FROM|WITH\b.+\bAS \()", re.S)


def _asks_the_database(tree: ast.Module) -> Iterator[str]:
    """What a module asks the database by itself: cursors, managers, raw queries, and statements in its texts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_base_manager", "_default_manager"}:
            yield node.attr
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"raw", "cursor"}
        ):
            yield f"{node.func.attr}("
        elif SQL_TEXT.search(_text(node)):
            yield "SQL"


def _text(node: ast.AST) -> str:
    """The text of a literal, an f-string's with a name in place of each value; empty for whatever is no text."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "value" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_no_view_asks_the_database_itself() -> None:
    """A view parses, calls and presents: queries and rules of sight stand in the domain, where the lint reads them."""
    asked = {(_name(path), what) for path in _files("api/v1") for what in _asks_the_database(_tree(path))}
    assert asked == set()


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("rows = Casefile.objects.visible_to(actor)", ["objects"]),
        ("rows = Casefile.objects.raw(text)", ["raw(", "objects"]),
        ("with connection.cursor() as cursor:\n    pass", ["cursor("]),
        ('ROWS = """\nSELECT id\nFROM casefiles_casefile"""', ["SQL"]),
        ("rows = f'SELECT {COLUMNS} FROM casefiles_casefile'", ["SQL"]),
        ("page = Counted(cursor=asked.cursor)", []),
        ("key = signing.raw", []),
        ('TEXT = "Select one from the list."', []),
    ],
)
def test_what_a_view_asks_is_found(source: str, what: list[str]) -> None:
    assert list(_asks_the_database(ast.parse(source))) == what


def _views() -> set[str]:
    """The modules of the API whose views have a route."""
    tree = _tree(ROOT / "api/urls.py")
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    apart = {node.module or "" for node in imports if (node.module or "").startswith("api.v1.")}
    return apart | {f"api.v1.{alias.name}" for node in imports if node.module == "api.v1" for alias in node.names}


def test_no_view_imports_another_view() -> None:
    """What two views need has a module of its own, below both."""
    views = _views()
    assert {"api.v1.casefiles", "api.v1.operating"} <= views
    imported = set()
    for path in _files("api"):
        if (importer := _name(path).removesuffix(".py").replace("/", ".")) == "api.urls":
            continue
        for node in ast.walk(_tree(path)):
            names = {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
            if isinstance(node, ast.ImportFrom):
                names = {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
            imported |= {(importer, name) for name in names & views}
    assert imported == set()


def test_the_flow_knows_no_database_and_no_clock() -> None:
    for path in _files("casefiles/flow"):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
                assert module.split(".")[0] not in {"django", "agencies", "audit", "psycopg", "api"}, _name(path)
        assert "objects." not in source, _name(path)


NUMBER_AS_TEXT = re.compile(
    r"""order_by\((?!\*by_number)[^)]*["'](?:\w+__)*number["']|ORDER BY [^"'()\n]*(?<!length\()\b[a-z]\.number\b"""
)
OTHER_NUMBERS = {
    "audit": "checkpoints count",
    "delivery": "attempts count",
}


def test_nothing_is_sorted_by_a_casefile_s_number_as_text() -> None:
    """`LTS/2026/1000000` comes after `LTS/2026/999999`: `queries.by_number` and `identifiers.number_order` know."""
    found = {
        f"{_name(path)}: {match.group()}"
        for path in _files(*PRODUCT)
        if path.relative_to(ROOT).parts[0] not in OTHER_NUMBERS
        for match in NUMBER_AS_TEXT.finditer(path.read_text(encoding="utf-8"))
    }
    assert found == set()


# --- how it reads ---------------------------------------------------------------------------------------------------


def test_files_are_chapters() -> None:
    lengths = {
        _name(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in (*_files(*PRODUCT, "tests", "benchmarks"), ROOT / "run")
    }
    too_long = {name for name, lines in lengths.items() if lines > LONG}
    assert too_long <= set(LONGER), f"longer than {LONG} lines: {sorted(too_long - set(LONGER))}"
    assert {name for name in LONGER if (ROOT / name).exists()} <= too_long, "an exception that is not needed any more"


def test_modules_are_named_after_something() -> None:
    for path in _files(*PRODUCT, "tests"):
        nameless = NAMELESS & {path.stem, *path.relative_to(ROOT).parent.parts}
        assert not nameless or _name(path) in NAMED_BY_DJANGO, _name(path)


@pytest.mark.parametrize("role", ["web", "reader"])
def test_a_role_s_lists_cover_every_table_the_models_have(role: str) -> None:
    from django.apps import apps

    from audit.database_roles import declared

    ours = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label
        in {"audit", "agencies", "people", "casefiles", "contents", "delivery", "verifications", "api", "console"}
    }
    assert not ours - set(declared(role)), (
        f"a table that no `role_grants.py` names is closed to the {role}: say READ if it is not, CLOSED if it is"
    )


@pytest.mark.parametrize("package", PRODUCT)
def test_every_package_has_tests_in_its_own_folder(package: str) -> None:
    folder = ROOT / "tests" / package
    assert list(folder.glob("test_*.py"))
