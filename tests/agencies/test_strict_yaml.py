"""What officials write in files is read as it stands, or refused with its line."""

from datetime import date
from pathlib import Path

import pytest

from agencies import strict_yaml
from agencies.strict_yaml import Members, UnreadableYaml


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "protocol.yaml"


def test_words_stay_words_and_mappings_know_their_line(file: Path) -> None:
    file.write_text("answer: no\nday: 2024-09-12\n\ncases:\n  LTS/2024/000017: return\nclosed_too: true\n")
    said = strict_yaml.read(file)
    assert isinstance(said, Members)
    assert said == {
        "answer": "no",
        "day": date(2024, 9, 12),
        "cases": {"LTS/2024/000017": "return"},
        "closed_too": True,
    }
    assert isinstance(said["cases"], Members)
    assert (said.line, said["cases"].line) == (1, 5)


@pytest.mark.parametrize(
    ("written", "line", "reason"),
    [
        ("a: 1\ncases:\n  x: return\n  x: continue\n", 4, "the key x stands twice"),
        ("a: 1\ndate: 2024-02-30\n", 2, "2024-02-30 is no date"),
        ("a: 1\n2: b\n", 2, "the key 2 is not a word"),
        ("a: [1\n", 2, "did not find expected|expected ',' or ']'"),
        ("a: !!python/object:os.system x\n", 1, "the tag tag:yaml.org,2002:python/object:os.system is not read here"),
        ("a: 1\nb: !!set {x: null}\n", 2, "the tag tag:yaml.org,2002:set is not read here"),
        ("a: !!binary aGFsbG8=\n", 1, "the tag tag:yaml.org,2002:binary is not read here"),
        ("a: !!timestamp soon\n", 1, "soon is no date"),
        ("a: !!bool soon\n", None, "soon"),
        ("a: !!int ''\n", None, "index|invalid"),
        ("a: &a {x: 1}\nb:\n  <<: *a\n", 3, "<< \\(a merge\\) is not read here"),
        ("a: &a [*a]\n", 1, "recursive|found unconstructable"),
        ("a: 1\x00\n", None, "control characters|not allowed"),
    ],
)
def test_a_fault_is_named_with_its_line(file: Path, written: str, line: int | None, reason: str) -> None:
    file.write_text(written)
    with pytest.raises(UnreadableYaml, match=reason) as refused:
        strict_yaml.read(file)
    assert refused.value.line == line


@pytest.mark.parametrize("word", ["010", "0x1F", "0b11", "1:30", "1_000", ".inf", "Yes", "TRUE", "off", "1e3", "~x"])
def test_what_only_looks_like_a_number_or_a_boolean_is_a_word(file: Path, word: str) -> None:
    """So that whoever wants a number refuses it, instead of counting eight where 010 was written."""
    file.write_text(f"a: {word}\n")
    assert strict_yaml.read(file) == {"a": word}


def test_numbers_booleans_days_and_nothing(file: Path) -> None:
    file.write_text("[0, -17, 400, 13.71, true, false, null, ~, 2024-09-12, '2024-09-12', \"010\"]\n")
    said = strict_yaml.read(file)
    assert said == [0, -17, 400, 13.71, True, False, None, None, date(2024, 9, 12), "2024-09-12", "010"]
    file.write_text('{"code": "pemkot-padang", "keys": [{"jwk": {"kty": "EC"}}], "caretaker": false}')
    assert strict_yaml.read(file) == {"code": "pemkot-padang", "keys": [{"jwk": {"kty": "EC"}}], "caretaker": False}


def test_what_is_no_text_is_refused(file: Path) -> None:
    file.write_bytes(b"a: \xff\n")
    with pytest.raises(UnreadableYaml, match="utf-8"):
        strict_yaml.read(file)
