"""The console in a real Chromium: axe finds nothing, the keyboard goes everywhere, nothing scrolls sideways.

Skipped, with a plain word, where no Chromium is; CI installs one and has `LINTAS_BROWSER=required`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from casefiles.flow import State
from casefiles.intake import zero_reports
from casefiles.intake.zero_reports import ZeroReportWithdrawn
from casefiles.models import ZeroReport
from console import tallies
from console.models import Tally
from dev import screens
from people import persons
from people.models import Person
from tests import factories
from tests.chromium import needs_chromium
from tests.conftest import Copies, using
from tests.console import desk_walk
from tests.console.conftest import AUDITOR, Arranged
from tests.live_server import ROOT, _answers, _free_port
from tests.sequencing import Sequencing
from tests.signing_in import as_role

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = needs_chromium

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # Every rule is asked. Where it passes, what it passed on is not listed: that took most of the time.
    "resultTypes": ["violations"],
}
# WCAG 2.2, 2.5.8: 24 px, but for a link within a line of text.
SMALL = """
() => [...document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")].filter((one) => {
  const box = one.getBoundingClientRect();
  const inline = one.tagName === "A" && getComputedStyle(one).display === "inline";
  return box.height > 0 && !inline && !one.closest(".skip") && (box.height < 24 || box.width < 24);
}).map((one) => one.outerHTML.slice(0, 120))
"""


@dataclass(frozen=True)
class Served:
    """The console's address, and what a worker beside it needs to know."""

    url: str
    worker: dict[str, str]
    owner: str
    """The address of its database, as the owner."""
    counts: str
    """The auditor's overview as JSON, as it is kept where counting takes long."""

    def keep_numbers(self) -> None:
        """The auditor's overview is kept, and was counted just now."""
        with psycopg.connect(self.owner, autocommit=True) as owner:
            owner.execute(
                "INSERT INTO console_tally (agency_id, counted_at, counts) "
                "SELECT id, now(), %s::jsonb FROM agencies_agency WHERE code = 'bpk' "
                "ON CONFLICT (agency_id) DO UPDATE "
                "SET counted_at = excluded.counted_at, counts = excluded.counts, asked_at = NULL",
                [self.counts],
            )

    def work(self) -> None:
        """The worker does what waits, and ends."""
        subprocess.run(
            [sys.executable, "manage.py", "work", "--once"], cwd=ROOT, env={**os.environ, **self.worker}, check=True,
            capture_output=True,
        )  # fmt: skip


_LIKE = "act=like&day=2024-09-21&kind=pns&contest=pilkada-2024.mayor&region=13.71"
PUBLIC = [
    f"{language}/{path}"
    for language in ("", "/en")
    for path in (
        "bolehkah", f"bolehkah?{_LIKE}", f"bolehkah?{_LIKE}&act=nothing", "bolehkah/lembar/sejak",
        "bolehkah/poster/sebelum", "ke-mana-melapor?region=13.71", "ke-mana-melapor?region=0", "angka",
    )
]  # fmt: skip


@pytest.fixture(scope="module")
def console(
    copies: Copies,
    arranged: Arranged,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Served]:
    """The console as it is served, on a copy of what the other tests read, with what pages show beside cases."""
    name = copies.make(arranged.database)
    with django_db_blocker.unblock(), using(name):
        _beside_cases()
        with as_role(copies, "owner"):
            counts = _kept_numbers()
    try:
        with serving(copies, name, tmp_path_factory.mktemp("console"), counts=counts) as served:
            yield served
    finally:
        copies.drop(name)


@contextmanager
def serving(copies: Copies, name: str, folder: Path, *, counts: str = "{}") -> Iterator[Served]:
    """The console as it is served, on the database of that name; what it logs as an error fails."""
    port, log = _free_port(), folder / "console.log"
    base_url = f"http://localhost:{port}"  # a browser makes no passkey for a bare address
    roles = copies.roles.on(name)
    own = {**roles.environment(), **roles.alone("console"), "DJANGO_SETTINGS_MODULE": "config.console"}
    own["LINTAS_EXPORTS_DIR"] = str(folder / "exports")
    own["DATABASE_DESK_URL"] = roles.desk
    command = [sys.executable, "-m", "granian", "--interface", "asginl", "config.asgi:application", "--port", str(port)]
    with log.open("wb") as out:
        child = subprocess.Popen(
            [*command, "--workers", "1", "--no-ws", "--http", "1", "--log-level", "warning"],
            cwd=ROOT, env={**os.environ, **own, "LINTAS_CONSOLE_BASE_URL": base_url}, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        for _ in range(3600):  # three minutes, on a machine that has much to do
            assert child.poll() is None, log.read_text()[-3000:]
            if _answers(port):
                break
            child_waits(child)
        working = {**roles.environment(), **roles.alone("worker"), "DATABASE_READER_URL": roles.reader}
        working["LINTAS_EXPORTS_DIR"] = str(folder / "exports")
        yield Served(base_url, working, roles.owner, counts)
        assert '"level": "error"' not in log.read_text(), log.read_text()[-3000:]
    finally:
        child.terminate()
        child.wait(15)


def _beside_cases() -> None:
    """Published figures, and a zero report that was withdrawn."""
    Sequencing()()
    for number in ("II", "III"):
        factories.snapshot(name=f"Triwulan {number}", published=True)
    report = ZeroReport.objects.get(pk=factories.zero_report())
    withdrawn = ZeroReportWithdrawn(reason="Satu keputusan terlewat.", official=factories.OFFICIAL)
    with transaction.atomic():
        zero_reports.withdraw(
            actor=factories.actor(factories.PEMKOT), report=report, given=withdrawn, now=timezone.now()
        )


def _kept_numbers() -> str:
    """What is kept of the auditor's overview where counting it takes long."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tallies, "KEPT_FROM_S", 0)
        tallies.count(persons.actor_of(Person.objects.get(email=AUDITOR)), now=timezone.now())
    return json.dumps(Tally.objects.get(agency__code="bpk").counts)


def child_waits(child: subprocess.Popen[bytes]) -> None:
    """A twentieth of a second, or less where it ends."""
    try:
        child.wait(0.05)
    except subprocess.TimeoutExpired:
        return


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with screens.browsing() as running:
        yield running


def _signed_in(browser: Browser, console: Served, person: dict[str, Any], **options: Any) -> Page:
    with psycopg.connect(console.owner, autocommit=True) as owner:
        # A code serves once, and the same person may have signed in within this half minute.
        owner.execute("DELETE FROM people_cache")
    page = browser.new_context(viewport={"width": 360, "height": 800}, **options).new_page()
    screens.sign_in(page, console.url, person, screens.code_now(person["totp_secret"]))
    return page


def test_every_page_in_both_languages_and_widths(
    console: Served, browser: Browser, arranged: Arranged, tmp_path: Path
) -> None:
    """One walk: whatever axe, the content policy or a narrow window has to say is told for all pages at once."""
    faults: list[str] = []
    anonymous = browser.new_page()
    anonymous.goto(f"{console.url}/undangan/{arranged.invitation}")
    faults += _faults(anonymous, "invitation")
    anonymous.context.clear_cookies()
    anonymous.on("console", lambda said: faults.append(f"{anonymous.url}: {said.text}") if _is_policy(said) else None)
    for path in PUBLIC:
        anonymous.goto(console.url + path)
        for details in anonymous.query_selector_all("details:not([open]) > summary"):
            details.click()
        faults += _faults(anonymous, path)
    assert anonymous.context.cookies() == []
    page = _signed_in(browser, console, arranged.person(AUDITOR))
    page.on("console", lambda message: faults.append(f"{page.url}: {message.text}") if _is_policy(message) else None)
    paths = [
        "/",
        "/perkara",
        "/perkara?number=LTS%2F1999%2F000001",
        "/tenggat",
        "/tenggat?by=agency",
        "/alur",
        "/statistik/hukuman?by=employer",
        "/instansi?q=padang",
        "/instansi/pemkot-padang",
        "/instansi/bawaslu-kota-padang",
        "/instansi/kemdikbudristek",
        "/wilayah?measure=late",
        "/statistik?by=employer",
        "/statistik",
        "/statistik/cuplikan",
        "/katalog?list=routing",
        "/katalog?list=siasn",
        "/kalender?year=2024",
        "/akses",
        "/log",
        "/tujuan",
        "/kunci-sandi",
        "/kunci-sandi/baru",
        "/masuk/sekali-lagi",
        "/perkara/cari",
    ]
    paths += [f"/perkara/{arranged.cases[state]}" for state in (State.CLOSED, State.AWAITING_SANCTION)]
    closed = arranged.cases[State.CLOSED]
    paths += _downloads(page, console, closed, faults)
    paths += [f"/perkara/{closed}{rest}" for rest in ("?version=3", "/beda", "/nip")]
    paths += [f"/perkara/{closed}/tenggat/{ident}" for ident in arranged.referrals[:1]]
    paths += ["/perkara/00000000-0000-4000-8000-000000000000", "/keluar"]
    # A refusal is the same markup in both languages.
    refused = [
        "/perkara?state=nowhere",
        "/alur?first=2024-02-02&last=2024-02-01",
        "/wilayah?measure=cats",
        "/statistik?as_of=999999",
        "/katalog?list=nothing",
        "/akses?agency=nobody",
    ]
    refused += [f"/perkara/{closed}?version=99", f"/perkara/{closed}/beda?since_version=9"]
    for language in ("id", "en"):
        # A worker that came by has counted anew what was older than a minute; that was quick, so it keeps nothing.
        console.keep_numbers()
        page.goto(f"{console.url}/")
        page.click(f"button[name=language][value={language}]")
        assert page.get_attribute("html", "lang") == language
        assert page.locator("text=/Menurut hitungan|As counted at/").count() == 1
        for path in [*paths, *refused] if language == "id" else paths:
            page.goto(console.url + path)
            for details in page.query_selector_all("details:not([open]) > summary"):
                details.click()
            faults += _faults(page, f"{language} {path}")
    faults += _of_a_manager(browser, console, arranged)
    assert faults == [], "\n".join(faults)


def _of_a_manager(browser: Browser, console: Served, arranged: Arranged) -> list[str]:
    """The agency's people, somebody invited, and the question before somebody is ended."""
    page, faults = _signed_in(browser, console, arranged.person("pemeriksa@bkn.example")), []
    for language in ("id", "en"):
        page.click(f"button[name=language][value={language}]")
        page.goto(f"{console.url}/orang")
        if language == "id":
            page.fill("input[name=name]", "Baru Rekaan")
            page.fill("input[name=email]", "baru@bkn.example")
            page.click("section[aria-labelledby=undang] button")
        faults += _faults(page, f"{language} people")
        page.click("tr:has-text('baru@bkn.example') button[name=end]")
        faults += _faults(page, f"{language} somebody is to be ended")
    return faults


def _downloads(page: Page, console: Served, case: str, faults: list[str]) -> list[str]:
    """The pages of an export: the one that waits is looked at here, while it is kept from coming again by itself."""
    page.goto(f"{console.url}/statistik?by=employer")
    page.click("form.take button[value=csv]")
    waits = page.url
    page.route(waits, lambda route: route.abort("aborted"))
    faults += _faults(page, "waits")
    page.unroute(waits)
    console.work()
    return ["/unduhan", waits.removeprefix(console.url), f"/perkara/{case}/unduh", f"/perkara/{case}/unduh/isi"]


def _faults(page: Page, where: str) -> list[str]:
    found = [
        f"{where}: {one['id']}: {one['nodes'][0]['html'][:160]}"
        for one in Axe().run(page, options=RULES).response["violations"]
    ]
    for width in (360, 1600):
        page.set_viewport_size({"width": width, "height": 800})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append(f"{where}: {wide} px at {width}")
        found += [f"{where}: small at {width}: {html}" for html in page.evaluate(SMALL)]
    return found


def _is_policy(message: Any) -> bool:
    return message.type == "error" and "status of 4" not in message.text


def test_the_keyboard_alone_finds_a_case_without_a_script(
    console: Served, browser: Browser, arranged: Arranged
) -> None:
    page = _signed_in(browser, console, arranged.person("pemeriksa@bkn.example"), java_script_enabled=False)
    page.goto(f"{console.url}/")
    page.keyboard.press("Tab")
    assert page.locator("a.skip:focus").count() == 1
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator("main a:focus").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/perkara?open=1")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator("tbody th a:focus").count():
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/perkara/*")
    assert page.locator("h1").inner_text().startswith("LTS/")
    page.emulate_media(media="print")
    assert not page.locator(".contents").is_visible()
    assert page.locator("#riwayat").is_visible()


def test_a_passkey_is_a_second_factor_and_no_more(console: Served, browser: Browser, arranged: Arranged) -> None:
    """Made, used to sign in after the password, and refused in words; by Chromium's own authenticator."""
    person = arranged.person("petugas@padang.example")
    page, refused = _signed_in(browser, console, person), []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    made = device.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    page.goto(f"{console.url}/kunci-sandi/baru")
    page.fill("input[name=name]", "laptop kantor")
    page.click("#passkey")
    page.wait_for_url("**/kunci-sandi")
    assert page.locator("tbody th").inner_text() == "laptop kantor"
    (key,) = device.send("WebAuthn.getCredentials", {"authenticatorId": made})["credentials"]
    assert (key["isResidentCredential"], key["rpId"]) == (False, "localhost")
    page.click("header form[action='/keluar'] button")
    page.goto(f"{console.url}/masuk?next=/kunci-sandi")
    assert page.locator("#passkey").count() == 0  # without the password there is nothing to use it on
    page.fill("input[name=login]", person["email"])
    page.fill("input[name=password]", person["password"])
    page.click("main button")
    page.wait_for_selector("#passkey")
    assert _faults(page, "code or passkey") == []
    page.click("#passkey")
    page.wait_for_url("**/kunci-sandi")
    page.goto(f"{console.url}/masuk/sekali-lagi/kunci?next=/log")
    page.click("#passkey")
    page.wait_for_url(f"{console.url}/log")  # a pattern would match the address before, which names it
    page.goto(f"{console.url}/masuk/sekali-lagi/kunci")
    # As if the person pressed "cancel".
    refuses = "() => Promise.reject(new DOMException('', 'NotAllowedError'))"
    page.evaluate(f"() => {{ navigator.credentials.get = {refuses}; }}")
    page.click("#passkey")
    page.wait_for_selector("#passkey-failed:visible")
    page.goto(f"{console.url}/kunci-sandi")
    page.click("tbody button")
    assert page.locator("tbody").count() == 0
    assert refused == []


def test_an_export_is_asked_for_and_taken_without_a_script(
    console: Served, browser: Browser, arranged: Arranged
) -> None:
    page = _signed_in(browser, console, arranged.person("pengawas@bawaslu.example"), java_script_enabled=False)
    page.goto(f"{console.url}/perkara")
    page.click("form.take button[value=xlsx]")
    assert "menunggu giliran" in page.inner_text("main")
    console.work()
    # Nobody touches the page.
    page.wait_for_selector("main a.button[download]")
    with page.expect_download() as taken:
        page.click("main a.button[download]")
    assert taken.value.suggested_filename.startswith("lintas-perkara-")
    assert Path(taken.value.path()).read_bytes().startswith(b"PK")


def test_a_verification_under_way_is_looked_at_again_by_the_page_itself(
    console: Served, browser: Browser, arranged: Arranged
) -> None:
    """The address ends in a heading's name, so a browser told to refresh and no more would stay on the page."""
    page = _signed_in(browser, console, arranged.person(AUDITOR), java_script_enabled=False)
    page.goto(f"{console.url}/log")
    page.click("form[action='/log/verifikasi'] button")
    assert page.url == f"{console.url}/log#verifikasi"
    assert page.locator("progress").count() == 1
    console.work()
    page.wait_for_selector("form[action='/log/verifikasi'] button")


def test_an_officer_reports_a_sanction_from_inbox_to_receipt_by_keyboard(
    console: Served, browser: Browser, arranged: Arranged, tmp_path: Path
) -> None:
    """On a phone's width and without a script; then what axe and narrow windows say of the desk's pages."""
    officer = arranged.person("petugas@padang.example")
    case = arranged.cases[State.AWAITING_SANCTION]
    page = _signed_in(browser, console, officer, java_script_enabled=False)
    receipt = desk_walk.reported(page, console.url, case, folder=tmp_path)
    page = _signed_in(browser, console, arranged.person("petugas@bawaslu-padang.example"))
    page.goto(f"{console.url}/meja/temuan")
    faults = _faults(page, "finding")
    page.click(desk_walk.CHECK)
    faults += _faults(page, "finding refused")
    page = _signed_in(browser, console, officer)
    faults += [
        fault
        for where in desk_walk.every_page(page, console.url, case, receipt=receipt)
        for fault in _faults(page, where)
    ]
    assert faults == [], "\n".join(faults)
    desk_walk.delivered_by_a_double_click(page, console.url, case)
    with psycopg.connect(console.owner) as owner:
        counted = "SELECT count(*) FROM casefiles_transition WHERE casefile_id = %s AND name = 'record-delivery'"
        assert owner.execute(counted, [case]).fetchone() == (1,), "a double click is one act"


# HTML, letters that run from right to left, one that turns what follows it, and a word without an end.
LONG = f"<b>Dr. H.</b> محمد \u202eterbalik {'Nama Panjang ' * 6}{'A' * 93}"


def test_names_of_200_letters_are_whole_and_widen_no_page(
    console: Served, browser: Browser, arranged: Arranged
) -> None:
    """The last test here: it renames people and agencies in the copy that the others read."""
    assert len(LONG) == 200
    with psycopg.connect(console.owner, autocommit=True) as owner:
        for table in ("casefiles_payload", "agencies_agency", "people_person"):
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        owner.execute("UPDATE agencies_agency SET name = %s WHERE code IN ('pemkot-padang', 'bpk', 'bkn')", [LONG])
        owner.execute("UPDATE people_person SET name = %s", [LONG])
        owner.execute("DELETE FROM console_tally")  # kept numbers have the names of when they were counted
        owner.execute(
            "UPDATE casefiles_payload SET facts = jsonb_set(facts, '{subject,name}', to_jsonb(%s::text)) "
            "WHERE facts #> '{subject,name}' IS NOT NULL",
            [LONG],
        )
    page = _signed_in(browser, console, arranged.person(AUDITOR))
    closed = arranged.cases[State.CLOSED]
    shown = ("/", "/perkara", f"/perkara/{closed}", f"/perkara/{closed}/beda", "/tenggat?by=agency", "/akses",
             "/instansi?q=panjang", "/instansi/pemkot-padang")  # fmt: skip
    faults = []
    for path in (*shown, "/statistik?by=employer", "/statistik/hukuman?by=employer", f"/perkara/{closed}/nip"):
        page.goto(console.url + path)
        for width in (360, 1600):
            page.set_viewport_size({"width": width, "height": 800})
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                faults.append(f"{path}: {wide} px at {width}")
        if path in shown and " ".join(LONG.split()) not in " ".join(page.inner_text("main").split()):
            faults.append(f"{path}: the name is not whole")
    assert faults == [], "\n".join(faults)
