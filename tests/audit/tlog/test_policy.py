"""Policy files: the rules of C2SP tlog-policy, and the arithmetic of quorums."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.tlog import policy
from audit.tlog.policy import BadPolicy, Policy, read_policy
from tests.audit.tlog.make_vectors import (
    LOG_KEY,
    OTHER_LOG,
    READABLE_POLICIES,
    WITNESSES,
    checkpoint,
    noted,
    policies,
    signer,
)

LOG = f"log {LOG_KEY.vkey}\n"
NAMES = tuple("abcdef")
KEYS = {name: signer(f"{name}.example", 0x04) for name in NAMES}
ALL = "".join(f"witness {name} {KEYS[name].vkey}\n" for name in NAMES)


def subsets() -> list[frozenset[str]]:
    return [frozenset(some) for count in range(7) for some in combinations(NAMES, count)]


# -- what the format allows --------------------------------------------------------------------------------------------


def test_the_example_of_the_specification_counts_as_it_says() -> None:
    said = read_policy(
        f"{ALL}group X-witnesses 2 a b c\ngroup Y-witnesses any d e f\n"
        "group both all X-witnesses Y-witnesses\nquorum both\n"
    )
    for names in subsets():
        assert said.is_met_by(names) == (len(names & set("abc")) >= 2 and bool(names & set("def")))


@given(st.integers(1, 6), st.integers(1, 6))
def test_k_of_n(n: int, k: int) -> None:
    text = f"{ALL}group g {k} {' '.join(NAMES[:n])}\nquorum g\n"
    if k > n:
        with pytest.raises(BadPolicy, match="cannot be asked for"):
            read_policy(text)
        return
    said = read_policy(text)
    for names in subsets():
        assert said.is_met_by(names) == (len(names & set(NAMES[:n])) >= k)


def test_any_and_all() -> None:
    either, every = (read_policy(f"{ALL}group g {word} a b c\nquorum g\n") for word in ("any", "all"))
    for names in subsets():
        assert either.is_met_by(names) == bool(names & set("abc"))
        assert every.is_met_by(names) == (names >= set("abc"))


def test_one_witness_is_a_quorum_and_none_is_too() -> None:
    one, none = read_policy(f"{ALL}quorum c\n"), read_policy("quorum none\n")
    for names in subsets():
        assert one.is_met_by(names) == ("c" in names)
        assert none.is_met_by(names)
    assert policy.NONE.is_met(noted(checkpoint()))


def test_order_blanks_tabs_and_comments_mean_nothing() -> None:
    said = read_policy(
        f"# kebijakan\n\n \t \n\t#quorum none\n  witness\ta  {KEYS['a'].vkey} \t https://a.example/ \n{LOG}"
        f"witness b {KEYS['b'].vkey}\n\tgroup g  1\tb a\nlog {OTHER_LOG.vkey} https://other.example\nquorum g"
    )

    assert [key.name for key in said.logs] == [LOG_KEY.name, OTHER_LOG.name]
    assert [(one.name, one.url) for one in said.witnesses] == [("a", "https://a.example"), ("b", None)]
    assert said.groups == {"g": (1, ("b", "a"))}
    assert said.quorum == "g"


def test_names_are_opaque() -> None:
    kelvin = "\u212a"
    text = f"witness K {KEYS['a'].vkey}\nwitness {kelvin} {KEYS['b'].vkey}\ngroup any any K\nquorum {kelvin}\n"

    said = read_policy(text)

    assert said.is_met_by(frozenset({kelvin}))
    assert not said.is_met_by(frozenset({"K"}))


def test_thirty_two_of_each_are_read() -> None:
    lines = [f"log {signer(f'log{i}.example').vkey}" for i in range(32)]
    lines += [f"witness w{i} {signer(f'w{i}.example', 0x04).vkey}" for i in range(32)]
    lines += [f"group g{i} 1 w{i}" + (f" g{i - 1}" if i else "") for i in range(32)]

    said = read_policy("\n".join([*lines, "quorum g31"]))

    assert all(said.is_met_by(frozenset({f"w{i}"})) for i in range(32))
    assert not said.is_met_by(frozenset())


# -- what it refuses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("group g 1 a\nquorum g\n", 7),
        ("group g 1 g\nquorum g\n", 7),
        ("quorum g\ngroup g 1 a\n", 7),
        ("group g 1 h\ngroup h 1 a\nquorum g\n", 7),
        ("group g 0 a\nquorum g\n", 7),
        ("group g 3 a b\nquorum g\n", 7),
        ("group g 01 a\nquorum g\n", 7),
        ("group g +1 a\nquorum g\n", 7),
        ("group g \u0661 a\nquorum g\n", 7),
        ("group g 1.0 a\nquorum g\n", 7),
        ("group g most a\nquorum g\n", 7),
        ("group g ALL a\nquorum g\n", 7),
        ("group g all\nquorum g\n", 7),
        ("group g\nquorum g\n", 7),
        ("group g 2 a a\nquorum g\n", 7),
        ("group g 1 a b\ngroup h 1 b c\nquorum h\n", 8),
        ("group g 1 a\ngroup h any g\ngroup i any g\nquorum i\n", 9),
        ("group g 1 a none\nquorum g\n", 7),
        ("group none 1 a\nquorum none\n", 7),
        ("group a 1 b\nquorum a\n", 7),
        ("group g 1 a\ngroup g 1 b\nquorum g\n", 8),
        ("quorum\n", 7),
        ("quorum a b\n", 7),
        ("quorum A\n", 7),
        ("quorum none\nquorum none\n", 8),
        ("quorum a\nquorum b\n", 8),
        ("log\n", 7),
        ("witness w\n", 7),
        ("Quorum none\n", 7),
        ("quorum\u00a0none\n", 7),
        ("quorum none\r\n", 7),
        ("quorum none \x0b\n", 7),
        ("quorum none # \x7f\n", 7),
        ("# \x00\nquorum none\n", 7),
    ],
)
def test_a_fault_is_refused_and_its_line_named(text: str, line: int) -> None:
    witnesses = ALL
    if text.startswith("group g 1 a\nquorum g"):
        witnesses = ALL.replace("witness a ", "witness aa ")
    with pytest.raises(BadPolicy, match=f"^line {line}: "):
        read_policy(witnesses + text)


def test_a_policy_without_quorum_is_refused() -> None:
    for text in ("", "\n", LOG, ALL, f"{ALL}group g 1 a\n"):
        with pytest.raises(BadPolicy, match="no quorum"):
            read_policy(text)


def test_a_key_stands_once_even_under_another_name() -> None:
    twin = replace(KEYS["a"], name="twin.example")
    with pytest.raises(BadPolicy, match="second time"):
        read_policy(f"{ALL}witness twin {twin.vkey}\nquorum none\n")
    with pytest.raises(BadPolicy, match="second time"):
        read_policy(f"{LOG}log {replace(LOG_KEY, name='twin.example').vkey}\nquorum none\n")


def test_a_log_is_no_witness() -> None:
    with pytest.raises(BadPolicy, match="wrong type"):
        read_policy(f"log {KEYS['a'].vkey}\nquorum none\n")
    with pytest.raises(BadPolicy, match="wrong type"):
        read_policy(f"witness w {LOG_KEY.vkey}\nquorum w\n")


@pytest.mark.parametrize("name", sorted(set(policies()) - set(READABLE_POLICIES)))
def test_the_shared_vectors_faults_are_refused(name: str) -> None:
    with pytest.raises(BadPolicy):
        read_policy(policies()[name])


@given(st.text() | st.text(alphabet="loginesquruwp 1\n\t#+=A\ud800\r", max_size=80))
def test_any_text_is_a_policy_or_a_bad_policy(said: str) -> None:
    for text in (said, f"{ALL}{said}\nquorum none\n", f"{ALL}group g 1 {said}\nquorum g\n", f"log {said}\nquorum none"):
        with suppress(BadPolicy):
            assert isinstance(read_policy(text), Policy)


# -- notes under a policy ----------------------------------------------------------------------------------------------

RULES = read_policy(policies()["two of three"])


def seen_by(*names: str) -> list[str]:
    note = noted(checkpoint(), seen_by=names)
    return [witness.name for witness in RULES.seen_by(note)]


def test_only_the_policy_s_witnesses_count_and_each_once() -> None:
    assert seen_by() == []
    assert seen_by("univ", "ombudsman") == ["ombudsman", "univ"]
    assert seen_by("univ", "univ", "stranger") == ["univ"]
    assert not RULES.is_met(noted(checkpoint(), seen_by=("univ", "univ", "stranger")))
    assert RULES.is_met(noted(checkpoint(), seen_by=("univ", "bkn", "stranger")))


def test_a_cosignature_of_another_checkpoint_counts_for_nothing() -> None:
    note = noted(checkpoint(), seen_by=("univ", "bkn"))
    older = noted(checkpoint(39), seen_by=("bkn",))
    borrowed = replace(note, lines=(*note.lines[:2], older.lines[1]))

    assert RULES.is_met(note)
    assert not RULES.is_met(borrowed)
    assert [witness.name for witness in RULES.seen_by(borrowed)] == ["univ"]


def test_a_witness_under_another_s_name_counts_for_nothing() -> None:
    text = checkpoint().text
    posing = replace(WITNESSES["stranger"], name=WITNESSES["bkn"].name)
    note = noted(checkpoint(), seen_by=("univ",))

    assert not RULES.is_met(replace(note, lines=(*note.lines, posing.sign(text, time=1))))
