"""`./run screens`: every page of the console as a picture, in both languages, narrow, wide, dark and in print."""

from __future__ import annotations

import argparse
import base64
import hmac
import json
import shutil
import struct
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from demo.beside import NOTHING_TO_REPORT, seed_beside
from dev.context import database
from dev.ground import PORT, ROOT, RUN_DIR
from dev.processes import console, port_is_free
from dev.sandbox import only_one, sandbox, sandbox_place, seed_cases, seed_people
from dev.screen import Stop, say
from dev.verbs import VERBS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTHS: Final = (360, 1600)
ARGUMENTS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-domain-reliability", "--disable-sync", "--no-first-run", "--no-default-browser-check",
)  # fmt: skip
# The first is the same browser without the parts of a window: a third less computing.
PLACES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")

PUBLIC: Final = {
    "bolehkah": "/bolehkah",
    "bolehkah-jawaban": "/bolehkah?act=like&day=2024-09-21&kind=pns&contest=pilkada-2024.mayor&region=13.71",
    "lembar-sebelum": "/bolehkah/lembar/sebelum",
    "lembar-sejak": "/bolehkah/lembar/sejak",
    "poster-sebelum": "/bolehkah/poster/sebelum",
    "poster-sejak": "/bolehkah/poster/sejak",
    "lapor": "/ke-mana-melapor?region=13.71",
    "angka": "/angka",
}
"""Pages for everybody."""
IN_THE_DARK: Final = (
    "ringkasan", "perkara", "berkas-selesai", "tenggat", "tenggat-mengapa", "alur", "wilayah", "log", "statistik",
)  # fmt: skip
PRINTED: Final = (
    "ringkasan", "perkara", "berkas-selesai", "berkas-beda", "tenggat", "alur", "statistik", "statistik-hukuman",
    "wilayah", "instansi", "instansi-nihil", "berkas-dibuka", "katalog", "log",
)  # fmt: skip
ATTEMPTS: Final = 5
"""Failures after which the console lets an address try no more (`AXES_FAILURE_LIMIT`)."""
INVITED: Final = "layar@bkn.example"
"""Whom the examiner's manager invites, or invites again."""


def screens(arguments: list[str]) -> int:
    """Picture every page of the console, in both languages, narrow and wide, into .run/screens."""
    parser = argparse.ArgumentParser(prog="./run screens", description=VERBS["screens"].sentence)
    parser.add_argument("--at", help="a console that is served already; without it the kept sandbox is")
    chosen = parser.parse_args(arguments)
    if chromium() is None:
        raise Stop("There is no Chromium. Debian: apt-get install chromium")
    folder = RUN_DIR / "screens"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    if chosen.at:
        return _take(chosen.at, folder)
    place = sandbox_place()
    port = next(port for port in range(PORT, PORT + 200) if port_is_free("127.0.0.1", port))
    with (
        only_one(place, f"http://127.0.0.1:{port}") as lock,
        database() as context,
        sandbox(context, place, host="127.0.0.1", port=port, lock=lock, fresh=False) as (inside, settings, _),
    ):
        seed_cases(inside, place, settings)
        seed_beside(place.keys)
        with console(inside, after=port, **settings) as base_url:
            seed_people(inside, place, settings)
            return _take(base_url, folder)


def chromium() -> str | None:
    """The browser of this machine; none is ever downloaded."""
    return next((found for name in PLACES if (found := shutil.which(name))), None)


@contextmanager
def browsing() -> Iterator[Browser]:
    """A Chromium without a window, asking nobody but the pages that it is shown."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def sign_in(page: Page, base_url: str, person: Mapping[str, Any], code: str) -> None:
    """As a person would, with both factors."""
    page.goto(f"{base_url}/masuk")
    page.fill("input[name=login]", person["email"])
    page.fill("input[name=password]", person["password"])
    page.click("main button")
    page.fill("input[name=code]", code)
    page.click("main button")
    page.wait_for_selector("nav")


def pages_of(page: Page, base_url: str) -> dict[str, str]:
    """The paths of every page that somebody who reads can open, by name; case pages of two kinds among them."""
    page.goto(f"{base_url}/perkara?state=closed")
    closed = page.get_attribute("tbody th a", "href")
    page.goto(f"{base_url}/perkara?state=sanction_reported")
    waits = page.get_attribute("tbody th a", "href")
    # Read by a vendor's system for the agency whose turn it is.
    page.goto(f"{base_url}/perkara?state=recommended")
    opened = page.get_attribute("tbody th a", "href")
    page.goto(f"{base_url}{closed}")
    deadline = page.get_attribute("#tahap td a", "href")
    page.goto(f"{base_url}/statistik?by=employer")
    page.click("form.take button[value=xlsx]")
    # The page that waits comes again by itself until the worker is done.
    page.wait_for_selector("main a.button[download]", timeout=60_000)
    made = page.url.removeprefix(base_url)
    return {
        "ringkasan": "/",
        "perkara": "/perkara",
        "perkara-saringan": "/perkara?open=1&order=waiting",
        "perkara-kosong": "/perkara?number=LTS%2F1999%2F000001",
        "perkara-salah": "/perkara?state=nowhere",
        "berkas-selesai": closed or "/",
        "berkas-menunggu": waits or "/",
        "berkas-dibuka": opened or "/",
        "berkas-saat-itu": f"{closed}?version=3",
        "berkas-beda": f"{closed}/beda?since_version=2&until_version=5",
        "tenggat": "/tenggat",
        "tenggat-instansi": "/tenggat?by=agency",
        "wilayah": "/wilayah",
        "instansi-daftar": "/instansi?q=padang",
        "instansi": "/instansi/pemkot-padang",
        "instansi-bawaslu": "/instansi/bawaslu-kota-padang",
        "instansi-nihil": f"/instansi/{NOTHING_TO_REPORT}",
        "instansi-berakhir": "/instansi/kemdikbudristek",
        "statistik-hukuman": "/statistik/hukuman",
        "alur": "/alur?first=2024-01-01",
        "tenggat-mengapa": deadline or "/",
        "statistik": "/statistik?by=employer",
        "statistik-seluruhnya": "/statistik",
        "statistik-cuplikan": "/statistik/cuplikan",
        "statistik-bulan": "/statistik?by=month",
        "katalog": "/katalog",
        "katalog-tangga": "/katalog?list=ladder",
        "katalog-siasn": "/katalog?list=siasn",
        "kalender": "/kalender?year=2024",
        "akses": "/akses",
        "cari": "/perkara/cari",
        "log": "/log",
        "unduhan": "/unduhan",
        "unduh-berkas": f"{closed}/unduh",
        "unduhan-siap": made,
        "nip": f"{closed}/nip",
        "kunci-sandi": "/kunci-sandi",
        "kunci-sandi-baru": "/kunci-sandi/baru",
        "sekali-lagi": "/masuk/sekali-lagi",
        "tujuan": "/tujuan",
        "tidak-ada": "/perkara/00000000-0000-4000-8000-000000000000",
    }


def _take(base_url: str, folder: Path) -> int:
    people = {person["email"]: person for person in json.loads(sandbox_place().keys.read_text("utf-8"))["people"]}
    with browsing() as browser:
        _take_for_everybody(browser.new_page(), base_url, folder)
        _take_for_a_reader(browser.new_page(), base_url, folder, people["auditor@bpk.example"])
        _take_for_a_manager(browser, base_url, folder, people["pemeriksa@bkn.example"])
        _take_for_an_officer(browser.new_page(), base_url, folder, people["petugas@padang.example"])
        _take_for_an_office(browser.new_page(), base_url, folder, people["petugas@bawaslu-padang.example"])
    say(f"  {len(list(folder.iterdir()))} pictures in {folder}")
    return 0


def _take_for_everybody(page: Page, base_url: str, folder: Path) -> None:
    """Signing in as far as it goes without a code, what is refused, and the public pages."""
    for path, name in (("/masuk", "masuk"), ("/undangan/tidak-ada", "undangan-habis"), ("/tiada", "tidak-ada-umum")):
        page.goto(base_url + path)
        _picture(page, folder, name)
    page.goto((ROOT / "docs" / "verify" / "lintas-verify.html").as_uri())
    _picture(page, folder, "verifikasi-sendiri")
    page.pdf(path=folder / "verifikasi-sendiri-cetak.pdf", format="A4")
    # Nobody has this address, so nobody is locked out for the pictures of it.
    for _ in range(ATTEMPTS):
        page.goto(f"{base_url}/masuk")
        page.fill("input[name=login]", "bukan-siapa-siapa@lintas.example")
        page.fill("input[name=password]", "salah")
        page.click("main button")
        _picture(page, folder, "masuk-terkunci" if page.locator("input[name=login]").count() == 0 else "masuk-salah")
    for name, path in PUBLIC.items():
        for language, prefix in (("id", ""), ("en", "/en")):
            page.goto(base_url + prefix + path)
            _picture(page, folder, f"{name}-{language}")
    for name in ("bolehkah-jawaban", "lembar-sejak", "poster-sebelum", "angka"):
        page.goto(base_url + PUBLIC[name])
        page.pdf(path=folder / f"{name}-cetak.pdf", format="A4")
    _in_the_dark(page, base_url, folder, {name: PUBLIC[name] for name in ("bolehkah-jawaban", "poster-sejak", "angka")})


def _take_for_a_reader(page: Page, base_url: str, folder: Path, person: Mapping[str, Any]) -> None:
    """Every page of somebody who sees all, then what is under way, the dark theme and print."""
    sign_in(page, base_url, person, code_now(person["totp_secret"]))
    _what_runs(page, base_url, folder)
    paths = pages_of(page, base_url)
    for language in ("id", "en"):
        page.goto(base_url)
        page.click(f"button[name=language][value={language}]")
        for name, path in paths.items():
            page.goto(base_url + path)
            _picture(page, folder, f"{name}-{language}")
    page.goto(base_url)
    page.click("button[name=language][value=id]")
    _in_the_dark(page, base_url, folder, {name: paths[name] for name in IN_THE_DARK})
    page.emulate_media(color_scheme="light", media="print")
    for name in PRINTED:
        page.goto(base_url + paths[name])
        page.pdf(path=folder / f"{name}-cetak.pdf", format="A4")


def _what_runs(page: Page, base_url: str, folder: Path) -> None:
    """An export that waits and a verification under way; both pages come again by themselves until it is done."""
    page.goto(f"{base_url}/perkara")
    page.click("form.take button[value=csv]")
    _picture(page, folder, "unduhan-menunggu")
    page.goto(f"{base_url}/log")
    page.click("form[action='/log/verifikasi'] button")
    _picture(page, folder, "log-berjalan")
    page.wait_for_selector("form[action='/log/verifikasi']", timeout=120_000)


def _take_for_a_manager(browser: Browser, base_url: str, folder: Path, person: Mapping[str, Any]) -> None:
    """The agency's people, and the way of somebody whom the manager invites."""
    page = browser.new_page()
    sign_in(page, base_url, person, code_now(person["totp_secret"]))
    for name, path in (("ringkasan-pemeriksa", "/"), ("tidak-diizinkan", "/akses"), ("keluar", "/keluar")):
        page.goto(base_url + path)
        _picture(page, folder, name)
    page.goto(f"{base_url}/orang")
    again = f"tr:has-text('{INVITED}') button[name=again]"
    if page.locator(again).count():
        page.click(again)
    else:
        page.fill("input[name=name]", "Layar Rekaan")
        page.fill("input[name=email]", INVITED)
        page.click("section[aria-labelledby=undang] button")
    _picture(page, folder, "orang-undangan")
    link = page.inner_text(".notice .mono")
    page.fill("input[name=name]", "Dua Kali")
    page.fill("input[name=email]", INVITED)
    page.click("section[aria-labelledby=undang] button")
    _picture(page, folder, "orang-salah")
    page.click(f"tr:has-text('{INVITED}') button[name=end]")
    _picture(page, folder, "orang-akhiri")
    page.click(f"tr:has-text('{INVITED}') button[name=role_of]")
    _picture(page, folder, "orang-diubah")
    for language in ("en", "id"):
        page.click(f"button[name=language][value={language}]")
        page.goto(f"{base_url}/orang")
        _picture(page, folder, f"orang-{language}")
    guest = browser.new_context().new_page()
    guest.goto(link)
    _picture(guest, folder, "undangan")
    for field in guest.query_selector_all("input[type=password]"):
        field.fill("layar-rekaan-lintas")
    guest.click("main button")
    guest.wait_for_selector("svg")
    guest.click("summary")
    _picture(guest, folder, "faktor-kedua")
    guest.fill("input[name=code]", code_now(guest.inner_text("details .mono")))
    guest.click("main button")
    guest.wait_for_selector(".codes")
    _picture(guest, folder, "kode-pemulihan")
    guest.goto(f"{base_url}/masuk/sekali-lagi")
    _picture(guest, folder, "ringkasan-pembaca-baru")


def _take_for_an_officer(page: Page, base_url: str, folder: Path, person: Mapping[str, Any]) -> None:
    """The desk: what waits, one casefile of it, the form of its first act, empty and refused, and that of a paper."""
    sign_in(page, base_url, person, code_now(person["totp_secret"]))
    for language in ("en", "id"):
        page.click(f"button[name=language][value={language}]")
        page.goto(f"{base_url}/meja")
        _picture(page, folder, f"meja-{language}")
        page.click("tbody th a")
        _picture(page, folder, f"meja-berkas-{language}")
        page.click(".acts a")
        _picture(page, folder, f"meja-formulir-{language}")
        page.click("button[value=check]:not([hidden])")
        _picture(page, folder, f"meja-ditolak-{language}")
        if page.locator("button[value=document]").count():
            page.click("button[value=document]")
            _picture(page, folder, f"meja-dokumen-{language}")


def _take_for_an_office(page: Page, base_url: str, folder: Path, person: Mapping[str, Any]) -> None:
    """The form of a finding, and the sheet of many."""
    sign_in(page, base_url, person, code_now(person["totp_secret"]))
    for name, path in (("meja-temuan", "/meja/temuan"), ("meja-daftar", "/meja/temuan/daftar")):
        page.goto(base_url + path)
        _picture(page, folder, name)


def _in_the_dark(page: Page, base_url: str, folder: Path, paths: Mapping[str, str]) -> None:
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 1600, "height": 900})
    for name, path in paths.items():
        page.goto(base_url + path)
        page.screenshot(path=folder / f"{name}-gelap.png", full_page=True)
    page.emulate_media(color_scheme="light")


def _picture(page: Page, folder: Path, name: str) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)


def code_now(secret: str) -> str:
    """The code of this half minute (RFC 6238); one that is about to end is waited out."""
    if time.time() % 30 > 27:
        time.sleep(4)
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1").digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06}"
