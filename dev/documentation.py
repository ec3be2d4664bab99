"""`./run docs`: the documentation as one site, in `.run/docs/site`, which the register serves under `/docs`.

The pages stay where they are: they are staged as they lie, so that their links hold, with the files that they link to.
A link to nothing, a warning of Sphinx, or what the site's content policy would refuse fails the build.
"""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path

from dev.ground import ROOT, RUN_DIR
from dev.screen import Stop, paint, say, step, tail

HOME = RUN_DIR / "docs"
SITE, STAGE = HOME / "site", HOME / "pages"
LOCK = ROOT / "locks" / "docs.lock"
ENTRIES = ("index.md", "index.en.md")
"""The first pages, of `docs/site`; they stand at the root."""
_OUTSIDE = (".github/", "tests/", "docs/site/")
# A link of Markdown to a file: no address, no place on the same page.
_LINK = re.compile(r"(?<!!)\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<target>[^)\s#:]+)(?P<place>#[^)\s]*)?\)")
_FENCE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1[ \t]*$", re.MULTILINE | re.DOTALL)
_PLURAL = re.compile(r'"plural_expr": "([n0-9 %()<>=!&|?:+-]+)"')
_MADE = re.compile(r"new Function\(\s*\"n\",\s*`return \(\$\{catalog\.plural_expr\}\)`,?\s*\)")
_CODE = re.compile(r"`[^`\n]*`")


def docs(arguments: list[str]) -> int:
    """Build the documentation as one site, with search; served under /docs."""
    if arguments:
        raise Stop("`./run docs` takes no arguments.")
    HOME.mkdir(parents=True, exist_ok=True)
    python = _environment()
    with step("Staging the pages"):
        faults = stage(_tracked(), root=ROOT, to=STAGE)
    if faults:
        raise Stop("Links to nothing:\n" + "\n".join(faults))
    made, log = HOME / "made", HOME / "sphinx.log"
    shutil.rmtree(made, ignore_errors=True)
    command = [str(python), "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", "-j", "1"]
    with step("Building the site"), log.open("wb") as out:
        command += ["-c", str(ROOT / "docs" / "site"), "-d", str(HOME / "doctrees"), str(STAGE), str(made)]
        code = subprocess.call(command, cwd=ROOT, stdout=out, stderr=out)
    if code:
        raise Stop(f"Sphinx found faults ({log}):\n{tail(log, 60)}")
    pages = sorted(made.rglob("*.html"))
    for page in pages:
        page.write_text(with_icon(without_styles(page.read_text(encoding="utf-8"))), encoding="utf-8")
    for script in made.glob("_static/doctools.js"):
        catalogue = (made / "_static" / "translations.js").read_text(encoding="utf-8")
        script.write_text(without_eval(script.read_text(encoding="utf-8"), catalogue), encoding="utf-8")
    if faults := [f"{page.relative_to(made)}: {fault}" for page in pages for fault in refused(page)]:
        raise Stop("The content policy would refuse:\n" + "\n".join(faults))
    (made / "policy.json").write_text(json.dumps(policy(pages), indent=1) + "\n", encoding="ascii")
    shutil.rmtree(SITE, ignore_errors=True)
    made.rename(SITE)
    say(f"  {len(pages)} pages in {paint('bold', str(SITE))}. `./run serve` shows them under /docs.")
    return 0


def with_icon(page: str) -> str:
    """The page with an empty icon, so that no browser asks for one that is not there."""
    return page.replace("<head>", '<head><link rel="icon" href="data:,">', 1)


def without_eval(script: str, catalogue: str) -> str:
    """Sphinx's script with the catalogue's rule for plurals, which it makes of text: the content policy refuses that.

    Raises `Stop` where either is not as it was.
    """
    rule = _PLURAL.search(catalogue)
    made, times = _MADE.subn(f"(n) => ({rule[1]})", script) if rule else (script, 0)
    if times != 1 or "new Function" in made:
        raise Stop("Sphinx's doctools.js makes a function of text in another way; mend dev/documentation.py.")
    return made


# -- what Sphinx runs on ----------------------------------------------------------------------------------------------


def _environment() -> Path:
    """The Python of an environment of its own, equal to its lock."""
    home = HOME / "venv"
    python, stamp = home / "bin" / "python", home / ".lock-stamp"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest() + sys.version
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    log = HOME / "install.log"
    with step("Installing locks/docs.lock"), log.open("wb") as out:
        venv.create(home, clear=True, with_pip=True)
        command = [str(python), "-m", "pip", "install", "--require-hashes", "-r", str(LOCK)]
        if subprocess.call(command, stdout=out, stderr=out):
            raise Stop(f"Could not install {LOCK.name} ({log}):\n{tail(log)}")
    stamp.write_text(wanted)
    return python


# -- pages and their links --------------------------------------------------------------------------------------------


def _tracked() -> list[str]:
    """The files of the project, as git knows them, or all of them where there is no git."""
    found = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if found.returncode:
        skipped = {".venv", ".run", ".git"}
        return [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if not skipped & set(path.parts)]
    return found.stdout.splitlines()


def stage(tracked: Sequence[str], *, root: Path, to: Path) -> list[str]:
    """Copy the pages among these files there, and what they link to; returns the links that lead nowhere."""
    shutil.rmtree(to, ignore_errors=True)
    pages = {name: root / name for name in tracked if name.endswith(".md") and not name.startswith(_OUTSIDE)}
    pages |= {name: root / "docs" / "site" / name for name in ENTRIES}
    faults: list[str] = []
    for name, source in sorted(pages.items()):
        text = source.read_text(encoding="utf-8")
        for linked in dict.fromkeys(_linked(text)):
            where = _target(name, linked)
            if where not in pages and not (root / where).exists():
                faults.append(f"{name}: {linked}")
            elif (root / where).is_file() and where not in pages:
                _write(to / where, (root / where).read_bytes())
        _write(to / name, _as_page(text, name=name, pages=pages, root=root).encode())
    return faults


def _linked(text: str) -> Iterator[str]:
    """The files that a page links to, outside of code."""
    plain = _CODE.sub("", _FENCE.sub("", text))
    for found in _LINK.finditer(plain):
        if not found["target"].startswith(("/", "<")):
            yield found["target"]


def _target(page: str, linked: str) -> str:
    """The name of a file or folder that a page links to."""
    parts: list[str] = list(Path(page).parent.parts)
    for part in linked.rstrip("/").split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def _as_page(text: str, *, name: str, pages: dict[str, Path], root: Path) -> str:
    """The page as Sphinx takes it: a folder's link is its first page's, and no lexer is asked for a diagram."""

    def link(found: re.Match[str]) -> str:
        linked = found["target"]
        where = _target(name, linked)
        if linked.startswith(("/", "<")) or not (root / where).is_dir():
            return found[0]
        if f"{where}/README.md" not in pages:
            return found[0][1 : found[0].rindex("](")]
        begins, ends = found.start("target") - found.start(), found.end("target") - found.start()
        return f"{found[0][:begins]}{linked.rstrip('/')}/README.md{found[0][ends:]}"

    out, at = [], 0
    for fence in _FENCE.finditer(text):
        out += [_LINK.sub(link, text[at : fence.start()]), fence[0].replace("```mermaid", "```text", 1)]
        at = fence.end()
    return "".join([*out, _LINK.sub(link, text[at:])])


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


# -- the content policy -----------------------------------------------------------------------------------------------


_ICON = re.compile(r"<(?:svg|path|line|circle)\b[^>]*>")
_STYLE = re.compile(r' style="([^"]*)"')


def without_styles(text: str) -> str:
    """A page whose icons say as attributes what the theme's say as styles, which no hash allows."""

    def attributes(style: re.Match[str]) -> str:
        said = (part.partition(":") for part in style[1].split(";") if ":" in part)
        return "".join(f' {name.strip()}="{value.strip()}"' for name, _, value in said)

    return _ICON.sub(lambda tag: _STYLE.sub(attributes, tag[0]), text)


class _Inline(html.parser.HTMLParser):
    """Collects what stands in a page itself: scripts, styles, and attributes that no hash allows."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, set[str]] = {"script": set(), "style": set()}
        self.faults: list[str] = []
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag begins."""
        given = dict(attrs)
        self._within = tag if tag in self.found and "src" not in given else ""
        self.faults += [f"<{tag} {name}>" for name in given if name == "style" or name.startswith("on")]
        for name in ("src", "href"):
            address = given.get(name) or ""
            if tag in {"script", "img", "link", "iframe"} and address.startswith(("http:", "https:", "//")):
                self.faults.append(f"<{tag} {name}={address}>")

    def handle_data(self, data: str) -> None:
        """The content of a tag."""
        if self._within:
            self.found[self._within].add(data)

    def handle_endtag(self, tag: str) -> None:
        """A tag ends."""
        self._within = ""


def _read(page: Path) -> _Inline:
    inline = _Inline()
    inline.feed(page.read_text(encoding="utf-8"))
    return inline


def refused(page: Path) -> list[str]:
    """What no policy without `unsafe-inline` lets through, and what comes from elsewhere."""
    return list(dict.fromkeys(_read(page).faults))


def policy(pages: Sequence[Path]) -> dict[str, list[str]]:
    """The hashes of the scripts and styles that stand in these pages, by directive."""
    found: dict[str, set[str]] = {"script": set(), "style": set()}
    for page in pages:
        for kind, texts in _read(page).found.items():
            found[kind] |= texts
    return {f"{kind}-src": sorted(_hash(text) for text in texts) for kind, texts in found.items()}


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
