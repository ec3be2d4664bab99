"""How numbers and names are compared, however they are written. Pure: standard library only.

The register keeps what it was given and compares a key made of it; the verifier makes the same key again from the file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

# Characters that show nothing although Unicode counts them among letters, marks and symbols: grapheme joiner, fillers
# of Hangul, inherent vowels of Khmer, variation selectors, the blank of Braille.
_INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
# Control, format, surrogate, private use, not assigned, separators of lines and paragraphs.
_NO_TEXT: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_SLASHES: Final = "\\\u2044\u2215\u2216\u2571\u2572\u27cb\u27cd\u29f5\u29f8\u29f9\U0001f67c"
# Besides the category Pd: minus and what is drawn like one.
_DASHES: Final = "\u02d7\u2043\u2212\u2500\u2501\u2796"
# Besides the categories Pi and Pf: what is typed for an apostrophe or a quotation mark.
_QUOTES: Final = (
    "'\"`\u00a8\u00b4\u02b9-\u02bf\u02c8\u02ca\u02cb\u02ee\u055a\u05f3\u05f4\u07f4\u07f5"
    "\u1fbd\u1fbf\u1ffd\u1ffe\u201a\u201e\u2032-\u2037\u275b-\u275e\u301d-\u301f\ua78b\ua78c"
)
_IS_QUOTE: Final = re.compile(f"[{_QUOTES}]")
_IS_SLASH: Final = re.compile(f"[{re.escape(_SLASHES)}]")


def unwritable(text: str) -> str | None:
    """The first character that nobody can write down or see: control, format, surrogate, private use; else None.

    Blanks of every width can be written down; tabs and line breaks cannot.
    """
    return next((char for char in text if _shows_nothing(char)), None)


def number_key(raw: str) -> str:
    """A number of a register as it is compared: `006/TM/PL/KAB/27.09/IV/2024`, `LTS/2026/000123`.

    Folded are: compatibility forms (NFKC: full-width letters, Roman numerals of one character), what cannot be seen,
    blanks, case (in capitals), decimal digits of every script, every dash to `-`, every slash to `/`. So is a
    backslash, which no office uses beside the slash. Not folded are letters that only look alike (Cyrillic `\u0422`),
    leading zeros and all other punctuation.
    """
    if raw.isascii() and raw.isprintable():
        return "".join(raw.split()).upper().replace("\\", "/")
    visible = _visible(unicodedata.normalize("NFKC", _visible(raw)))
    plain = "".join(_plain_sign(char) for char in visible if not char.isspace())
    return unicodedata.normalize("NFKC", plain.casefold().upper())


def reference_key(value: str) -> str:
    """A number of another system as it is compared: as `number_key`, in small letters and without punctuation."""
    return re.sub(r"[\W_]+", "", number_key(value)).casefold()


def rekeyed(kept: Iterable[str]) -> list[str]:
    """Keys `system:key` as a file keeps them, made anew: a file of long ago keeps them as they were made then."""
    parts = (key.partition(":") for key in kept)
    return sorted({f"{system}:{reference_key(value)}" for system, _, value in parts})


def name_key(name: str) -> str:
    """A person's name as search and merge compare it: small letters, single blanks, 200 characters at most.

    Folded are: compatibility forms (NFKC), what cannot be seen, case, blanks; apostrophes and quotation marks of every
    kind (`Nur'aini` is `Nuraini`); hyphens and dots (`Abdul-Rahman`, `M.Nur` are two words each); titles in front
    (`Dr. H.`), and academic degrees behind a comma or written with dots (`, S.Pd., M.Si`). An initial `H.` in front
    counts as the title of a hajji. Never folded are the order of the words, initials against whole names (`M.` and
    `Muhammad`), letters with and without marks, other spellings (`Ahmad`, `Achmad`), degrees without comma and dots.
    A name of which nothing would be left is compared as it stands.
    """
    own, *behind = _letters_and_dots(name).split(",")
    words = _without_titles(own.split())
    for part in behind:
        words += _without_degrees(part.split())
    key = " ".join(re.sub(r"[-.\u00b7\u2022\u2027\u30fb]", " ", " ".join(words)).split())
    return (key or " ".join(name.casefold().split()))[:200]


# --- characters -----------------------------------------------------------------------------------------------------


def _shows_nothing(char: str) -> bool:
    return unicodedata.category(char) in _NO_TEXT or _INVISIBLE.match(char) is not None


def _visible(text: str) -> str:
    """The text without what cannot be seen; tabs and line breaks become blanks."""
    return "".join(" " if char.isspace() else char for char in text if char.isspace() or not _shows_nothing(char))


def _plain_sign(char: str) -> str:
    if _IS_SLASH.match(char):
        return "/"
    if _is_dash(char):
        return "-"
    digit = unicodedata.decimal(char, None)
    return char if digit is None else str(digit)


def _letters_and_dots(name: str) -> str:
    """A name in small letters, with `-` for every dash and without quotation marks."""
    if name.isascii() and name.isprintable():
        return re.sub("['\"`]", "", name.casefold())
    text = unicodedata.normalize("NFKC", _without_quotes(_visible(name)))
    text = unicodedata.normalize("NFKC", _without_quotes(_visible(text)).casefold())
    return "".join("-" if _is_dash(char) else char for char in text)


def _is_dash(char: str) -> bool:
    return unicodedata.category(char) == "Pd" or char in _DASHES


def _without_quotes(text: str) -> str:
    """The text without apostrophes and quotation marks. Before NFKC too, which makes a blank of an acute accent."""
    return "".join(
        char for char in text if unicodedata.category(char) not in {"Pi", "Pf"} and not _IS_QUOTE.match(char)
    )


# --- titles ---------------------------------------------------------------------------------------------------------

# Before the name, with or without a dot. From practice; nobility (R., Rr., Tb.) is a part of the name.
_TITLES: Final = frozenset(
    {"prof", "dr", "drs", "dra", "drg", "drh", "ir", "h", "hj", "kh", "apt", "ns", "ners", "bdn"}
)
# Behind the name, without their dots. From practice and not complete: a degree that is missing stays in the key.
_DEGREES: Final = frozenset(
    re.findall(
        "[a-z]+",
        """
        ak ama amd amdak amdkeb amdkep amdkom amdt amp apd ba bba bcip bsc ca cpa gr lc ma mak map mars mba
        mbiomed mcs md mecdev meng mh mhum mi mif mikom mip mkeb mkep mkes mkm mkn mkom mkp mling mm mmpd
        mmt mp mpar mpd mpdi mph mpp mpsi ms msa msc mse msi msm msn msos mst mt mti mtp mtr mtrap phd qia
        sab sag sak san sap sds se sei sesy sfarm sgz sh shi shum shut si sia sif sikom sip sipem sipi skeb
        sked skep skg skh skm skom skpm sling sos sp spa spar spb spd spdaud spdi spdsd spi spjp spkj spm
        spn spog spot sppd spsi spt sptht spto spu ss ssi ssit ssn ssos ssosi sst sstp ssy st sthan sthi stp
        str strak strap strip strkeb strkep strsos
        """,
    )
)


def _without_titles(words: list[str]) -> list[str]:
    """The words before the first comma, without titles in front and degrees with dots at the end."""
    while len(words) > 1 and _letters(words[0]) in _TITLES:
        words = words[1:]
    if words:
        words = [*_unglued(words[0]), *words[1:]]
    while len(words) > 1 and _is_degree_with_dots(words[-1]):
        words = words[:-1]
    if len(words) > 2 and words[-2].endswith(".") and _is_degree_with_dots("".join(words[-2:])):
        words = words[:-2]
    return words


def _unglued(word: str) -> list[str]:
    """`dr.h.ahmad` without its titles."""
    parts = [part for part in word.split(".") if part]
    while len(parts) > 1 and parts[0] in _TITLES:
        parts = parts[1:]
    return parts


def _is_degree_with_dots(word: str) -> bool:
    return "." in word and _letters(word) in _DEGREES


def _without_degrees(words: list[str]) -> list[str]:
    """The words between two commas, or behind the last, that are neither degrees nor titles."""
    if _letters("".join(words)) in _DEGREES | _TITLES:
        return []
    return [word for word in words if _letters(word) not in _DEGREES | _TITLES]


def _letters(word: str) -> str:
    return word.replace(".", "")
