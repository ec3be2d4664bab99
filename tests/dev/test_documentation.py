"""Pages are staged with what they link to, a link to nothing is named, and inline code is counted for the policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from dev import documentation
from dev.ground import ROOT
from dev.screen import Stop


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small project with pages."""
    root = tmp_path / "project"
    for name, text in {
        "README.md": "# A\n\n[flow](docs/flow.md#here), [kit/](kit/), [records](docs/adr), [law](law.txt), "
        "`[x](no.md)`\n",
        "docs/flow.md": "# Flow\n\n```mermaid\nflowchart\n[a](b.md)\n```\n\n[up](../README.md)\n",
        "docs/adr/0001.md": "# 1\n",
        "docs/site/index.md": "# First\n\n[A](README.md)\n",
        "docs/site/index.en.md": "# First\n",
        "kit/README.md": "# Kit\n\n[site](https://example.org/x.md) [all](/api/docs)\n",
        "law.txt": "text",
        "beside.txt": "not linked",
        "tests/README.md": "# Not for readers\n\n[x](none.md)\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def staged(root: Path, to: Path) -> list[str]:
    names = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
    return documentation.stage(names, root=root, to=to)


def test_pages_lie_as_they_did_with_the_files_they_link_to(root: Path, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    assert staged(root, pages) == []
    assert {str(path.relative_to(pages)) for path in pages.rglob("*") if path.is_file()} == {
        "README.md", "docs/flow.md", "docs/adr/0001.md", "index.md", "index.en.md", "kit/README.md", "law.txt",
    }  # fmt: skip
    text = (pages / "README.md").read_text()
    # A folder is its first page's, or only a word where it has none.
    assert "[kit/](kit/README.md), records, [law](law.txt), `[x](no.md)`" in text
    assert "```text\nflowchart\n[a](b.md)" in (pages / "docs/flow.md").read_text()


@pytest.mark.parametrize("link", ["docs/gone.md", "../above.md", "kit/gone.sh"])
def test_a_link_to_nothing_is_named(root: Path, tmp_path: Path, link: str) -> None:
    (root / "kit" / "README.md").write_text(f"# Kit\n\n[somewhere](../{link})\n")
    assert staged(root, tmp_path / "pages") == [f"kit/README.md: ../{link}"]


def test_the_projects_own_pages_link_to_what_is_there(tmp_path: Path) -> None:
    assert documentation.stage(documentation._tracked(), root=ROOT, to=tmp_path / "pages") == []


def test_the_policy_has_the_hash_of_each_inline_part_and_refuses_attributes(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text(
        "<style>a{}</style><script>1</script><script src='x.js'></script><script>1</script><p class='x'>b</p>"
    )
    assert documentation.refused(page) == []
    # SHA-256 of "1" and of "a{}".
    assert documentation.policy([page]) == {
        "script-src": ["'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='"],
        "style-src": [documentation._hash("a{}")],
    }
    page.write_text('<p style="color:red" onclick="x()">b</p><script src="https://example.org/x.js"></script>')
    assert documentation.refused(page) == ["<p style>", "<p onclick>", "<script src=https://example.org/x.js>"]


def test_an_icon_says_by_attributes_what_its_style_said() -> None:
    icon = '<svg class="i" style="fill: none; stroke-width: 2"><path style="color:red" d="M"/></svg><p style="a:b">'
    assert documentation.without_styles(icon) == (
        '<svg class="i" fill="none" stroke-width="2"><path color="red" d="M"/></svg><p style="a:b">'
    )


def test_a_page_names_its_icon_and_plurals_are_made_of_no_text() -> None:
    assert documentation.with_icon("<html><head><meta>") == '<html><head><link rel="icon" href="data:,"><meta>'
    script = 'PLURAL = new Function(\n      "n",\n      `return (${catalog.plural_expr})`,\n    );'
    assert documentation.without_eval(script, '"plural_expr": "n != 1"') == "PLURAL = (n) => (n != 1);"
    for changed, rule in ((script, "alert(n)"), ("PLURAL = new Function(text);", "0"), (script + script, "0")):
        with pytest.raises(Stop, match=r"doctools\.js"):
            documentation.without_eval(changed, f'"plural_expr": "{rule}"')
