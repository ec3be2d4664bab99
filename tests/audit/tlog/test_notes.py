"""Notes, checkpoints and cosignatures: what was signed stands, and no byte of it can change unnoticed."""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from agencies import keys as client_keys
from audit.tlog import notes
from audit.tlog.notes import COSIGNER, LOG, MAX_NOTE, BadNote, Checkpoint, Note, Signer, VerifierKey
from tests.audit.tlog.make_vectors import vkey

ORIGIN = "lintas.example/log/1"
P25519 = 2**255 - 19


def signer(name: str, type_: int = LOG, *, seed: int = 1) -> Signer:
    return Signer(name=name, type=type_, private=Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


LOG_KEY = signer(ORIGIN)
WITNESS = signer("ombudsman.example/w1", COSIGNER, seed=2)
CHECKPOINT = Checkpoint(origin=ORIGIN, size=40, root=bytes(range(32)))
SIGNED = CHECKPOINT.signed(LOG_KEY)
SEEN = replace(SIGNED, lines=(*SIGNED.lines, WITNESS.sign(SIGNED.text, time=1_795_143_845)))


def refused(said: str | bytes, *, key: VerifierKey = LOG_KEY.vkey) -> None:
    with pytest.raises(BadNote):
        notes.open_checkpoint(said, keys=[key])


# -- what is signed can be read ----------------------------------------------------------------------------------------


ORIGINS = st.from_regex(r"[a-zé/.0-9]{1,40}", fullmatch=True)
EXTENSIONS = st.lists(st.from_regex(r"[ -~éß]{1,40}", fullmatch=True), max_size=3).map(tuple)


@given(ORIGINS, st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32), EXTENSIONS)
def test_a_signed_checkpoint_opens_as_what_it_was(
    origin: str, size: int, root: bytes, extension: tuple[str, ...]
) -> None:
    said = Checkpoint(origin=origin, size=size, root=root, extension=extension)
    key = signer(origin)
    note = said.signed(key)

    for spelled in (str(note), str(note).encode()):
        assert notes.read_note(spelled) == note
        assert notes.open_checkpoint(spelled, keys=[key.vkey]) == (said, note)


def test_the_specification_s_example_opens() -> None:
    """The note printed in C2SP tlog-cosignature, by whoever holds those keys."""
    said = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+"
        "zyWE+xeMcTOAYQ8=\n"
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0"
        "xUe+mbIUBkBIfZ+qnA==\n"
    )

    note = notes.read_note(said)

    assert str(note) == said
    assert notes.read_checkpoint(note.text).size == 20_852_163
    assert len(note.lines) == 2


@given(st.sampled_from([LOG, COSIGNER]), ORIGINS, st.binary(min_size=32, max_size=32))
def test_a_vkey_reads_as_it_is_written(type_: int, name: str, secret: bytes) -> None:
    key = Signer(name=name, type=type_, private=Ed25519PrivateKey.from_private_bytes(secret)).vkey

    assert notes.read_vkey(str(key)) == key
    assert str(key) == vkey(name, key.raw, type_)


def test_a_cosignature_says_when() -> None:
    assert SEEN.signed_by(WITNESS.vkey) == 1_795_143_845
    assert SEEN.signed_by(LOG_KEY.vkey) == 0
    assert SIGNED.signed_by(WITNESS.vkey) is None


# -- what was changed is refused ---------------------------------------------------------------------------------------


def test_no_byte_of_a_signed_checkpoint_can_change() -> None:
    """Every byte in every other value that matters; a hit on the witness's line leaves the log's signature alone."""
    said = str(SEEN).encode()
    witness_from = said.rindex("\n—".encode()) + 1
    for at, byte in enumerate(said):
        for other in {byte ^ 1 << bit for bit in range(8)} | {0x0A, 0x0D, 0x20, 0x2B, 0x30, 0x41}:
            if other == byte:
                continue
            changed = said[:at] + bytes([other]) + said[at + 1 :]
            if at < witness_from:
                refused(changed)
                continue
            try:
                _, note = notes.open_checkpoint(changed, keys=[LOG_KEY.vkey])
            except BadNote:
                continue  # No note any more.
            assert note.text == SEEN.text
            with suppress(BadNote):
                assert note.signed_by(WITNESS.vkey) is None


def test_no_byte_can_be_left_out_or_said_twice() -> None:
    said = str(SIGNED).encode()
    for at in range(len(said)):
        refused(said[:at] + said[at + 1 :])
        refused(said[: at + 1] + said[at:])
        refused(said[:at])


def test_the_time_of_a_cosignature_is_signed() -> None:
    head, _, blob = SEEN.lines[1].rpartition(" ")
    raw = base64.b64decode(blob)
    for bit in range(64):
        bent = raw[:4] + (int.from_bytes(raw[4:12], "big") ^ 1 << bit).to_bytes(8, "big") + raw[12:]
        note = replace(SEEN, lines=(f"{head} {base64.b64encode(bent).decode()}",))
        with pytest.raises(BadNote):
            note.signed_by(WITNESS.vkey)


def test_a_cosignature_from_beyond_time_is_refused_though_signed() -> None:
    key = WITNESS
    message = f"cosignature/v1\ntime {2**63}\n{SIGNED.text}".encode()
    blob = key.vkey.id + (2**63).to_bytes(8, "big") + key.private.sign(message)
    note = replace(SIGNED, lines=(f"— {key.name} {base64.b64encode(blob).decode()}",))

    with pytest.raises(BadNote, match="impossible time"):
        note.signed_by(key.vkey)
    with pytest.raises(ValueError, match="time"):
        key.sign(SIGNED.text, time=2**63)
    with pytest.raises(ValueError, match="time"):
        key.sign(SIGNED.text)


def test_a_cosignature_of_another_length_is_refused() -> None:
    head, _, blob = SEEN.lines[1].rpartition(" ")
    raw = base64.b64decode(blob)
    for wrong in (raw[:-1], raw + b"\x00", raw[:12], raw[:5]):
        note = replace(SEEN, lines=(f"{head} {base64.b64encode(wrong).decode()}",))
        with pytest.raises(BadNote):
            note.signed_by(WITNESS.vkey)


def test_a_log_s_signature_is_no_cosignature_and_the_reverse() -> None:
    as_cosigner = signer(ORIGIN, COSIGNER)
    only_seen = replace(SIGNED, lines=(as_cosigner.sign(SIGNED.text, time=1),))

    refused(str(only_seen))
    refused(str(only_seen), key=as_cosigner.vkey)
    assert SIGNED.signed_by(as_cosigner.vkey) is None
    # Not even under the other's key id.
    disguised = base64.b64encode(LOG_KEY.vkey.id + base64.b64decode(only_seen.lines[0].split(" ")[2])[4:]).decode()
    refused(str(replace(SIGNED, lines=(f"— {ORIGIN} {disguised}",))))


def test_another_key_and_another_name_are_refused() -> None:
    refused(str(SIGNED), key=signer(ORIGIN, seed=9).vkey)
    refused(str(SIGNED), key=signer("other.example/log").vkey)
    other = signer("other.example/log")
    for key in (LOG_KEY, other):
        refused(str(CHECKPOINT.signed(other)), key=key.vkey)
    with pytest.raises(BadNote, match="no key is known"):
        notes.open_checkpoint(str(SIGNED), keys=[])


def test_one_line_that_does_not_fit_is_enough_whatever_the_order_of_the_keys() -> None:
    second = signer(ORIGIN, seed=9)
    forged = second.sign("something else\n")
    note = str(replace(SIGNED, lines=(*SIGNED.lines, forged)))
    for known in ([LOG_KEY.vkey, second.vkey], [second.vkey, LOG_KEY.vkey]):
        with pytest.raises(BadNote, match="does not fit"):
            notes.open_checkpoint(note, keys=known)
    assert notes.open_checkpoint(note, keys=[LOG_KEY.vkey])[0] == CHECKPOINT


# -- what is no note ---------------------------------------------------------------------------------------------------

TEXT = SIGNED.text
LINE = SIGNED.lines[0]
BLOB = LINE.rpartition(" ")[2]
# 68 bytes leave the last digit before the padding two or four bits that mean nothing.
SPARE = BLOB[:-2] + chr(ord(BLOB[-2]) + 1) + "="


@pytest.mark.parametrize(
    "said",
    [
        "",
        "\n",
        "\n\n",
        "\n\n\n",
        TEXT,
        TEXT + "\n",
        LINE + "\n",
        f"\n{LINE}\n",
        f"\n\n{LINE}\n",
        f"{TEXT}{LINE}\n",
        f"{TEXT}\n{LINE}",
        f"{TEXT}\n{LINE}\n{LINE}",
        f"{TEXT}\n{LINE}\n\n",
        f"{TEXT}\n {LINE}\n",
        f"{TEXT}\n{LINE} \n",
        f"{TEXT}\n{LINE}\nhallo\n",
        f"{TEXT}\n{LINE}\n".replace("\n", "\r\n"),
        f"{TEXT}\r\n{LINE}\n",
        f"{TEXT}\n{LINE}\n".replace("40", "40\t"),
        f"{TEXT}\n{LINE}\n".replace("40", "40\x00"),
        f"{TEXT}\n{LINE}\n".replace("40", "40\x1b[2K"),
        f"{TEXT}\n{LINE.replace('—', '-')}\n",
        f"{TEXT}\n{LINE.replace('—', '–')}\n",  # noqa: RUF001 - an en dash is the point
        f"{TEXT}\n{LINE.replace('— ', '—')}\n",
        f"{TEXT}\n{LINE.replace('— ', '—  ')}\n",
        str(SIGNED).replace("— ", "—\u00a0"),
        f"{TEXT}\n{LINE[:-1]}\n",
        f"{TEXT}\n{LINE}=\n",
        f"{TEXT}\n{LINE.replace(BLOB, SPARE)}\n",
        f"{TEXT}\n{LINE.replace(BLOB, BLOB[:40] + '*' + BLOB[41:])}\n",
        f"{TEXT}\n{LINE.replace(BLOB, 'AAAAAA==')}\n",
        f"{TEXT}\n— {ORIGIN} \n",
        f"{TEXT}\n—  {BLOB}\n",
        f"{TEXT}\n— a+b {BLOB}\n",
        f"{TEXT}\n— {'x' * 201} {BLOB}\n",
        f"{TEXT}\n" + f"{LINE}\n" * 101,
        f"{TEXT}{'x' * MAX_NOTE}\n\n{LINE}\n",
        f"{TEXT}{'é' * (MAX_NOTE // 2)}\n\n{LINE}\n",
        f"{TEXT}\ud800\n\n{LINE}\n",
    ],
)
def test_this_is_no_note(said: str) -> None:
    for spelled in (said, said.encode(errors="surrogatepass")):
        with pytest.raises(BadNote):
            notes.read_note(spelled)
        refused(spelled)


def test_a_note_may_hold_empty_lines_and_a_checkpoint_may_not() -> None:
    """As the note printed in C2SP signed-note."""
    text = "Ognuno sta solo\ntrafitto da un raggio di sole:\n\ned è subito sera.\n"
    said = Note(text=text, lines=(LOG_KEY.sign(text),))

    assert notes.read_note(str(said)) == said
    assert said.signed_by(LOG_KEY.vkey) == 0
    for text in (TEXT + "\n", "\n" + TEXT, TEXT.replace("\n40\n", "\n\n40\n")):
        note = Note(text=text, lines=(LOG_KEY.sign(text),))
        assert notes.read_note(str(note)) == note
        refused(str(note))


def test_the_log_signs_what_it_signs_without_a_byte_order_mark() -> None:
    refused("\ufeff" + str(SIGNED))


def test_a_hundred_lines_are_read_and_sixteen_surely() -> None:
    strangers = [signer(f"w{i}.example", COSIGNER, seed=i + 10).sign(TEXT, time=i) for i in range(99)]
    note = Note(text=TEXT, lines=(*strangers, LINE))

    assert notes.open_checkpoint(str(note), keys=[LOG_KEY.vkey])[0] == CHECKPOINT


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    said = str(SIGNED).encode()
    for wrong in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x8a"):
        refused(said.replace(b"\n40\n", b"\n40" + wrong + b"\n"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "a\n1\n",
        "a\n1\nAAAA",
        f"\n1\n{'A' * 43}=\n",
        f"a\n\n{'A' * 43}=\n",
        f"a\n01\n{'A' * 43}=\n",
        f"a\n-1\n{'A' * 43}=\n",
        f"a\n+1\n{'A' * 43}=\n",
        f"a\n 1\n{'A' * 43}=\n",
        f"a\n1_0\n{'A' * 43}=\n",
        f"a\n\u0661\n{'A' * 43}=\n",
        f"a\n1.0\n{'A' * 43}=\n",
        f"a\n{'9' * 20}\n{'A' * 43}=\n",
        f"a\n{2**63}\n{'A' * 43}=\n",
        f"a\n1\n{'A' * 42}B=\n",
        f"a\n1\n{'A' * 42}==\n",
        f"a\n1\n{'A' * 44}\n",
        f"a\n1\n{'A' * 43}=",
        f"a\n1\n{'A' * 43}=\nb",
        f"a\n1\n{'A' * 43}=\n\n",
        f"a\n1\n{'A' * 43}=\n\nb\n",
    ],
)
def test_this_is_no_checkpoint(text: str) -> None:
    with pytest.raises(BadNote):
        notes.read_checkpoint(text)


# -- a witness's answer ------------------------------------------------------------------------------------------------


def test_a_witness_answers_with_lines_and_nothing_else() -> None:
    line = WITNESS.sign(TEXT, time=7)
    assert notes.read_signature_lines(line + "\n", text=TEXT).signed_by(WITNESS.vkey) == 7

    other = "another.example\n1\n" + "A" * 43 + "=\n"
    for said in (
        "",
        line,
        f"\n{line}\n",
        f"{line}\n\n",
        f"{line}\n\n{line}\n",
        f"smuggled\n\n{line}\n",
        f"{other}\n{WITNESS.sign(other, time=7)}\n",
        "404 page not found\n",
    ):
        with pytest.raises(BadNote):
            notes.read_signature_lines(said, text=TEXT)


# -- keys --------------------------------------------------------------------------------------------------------------

# Every 32 bytes that a decoder may take for one of the eight points whose order divides 8.
TORSION_Y = (
    0,
    1,
    P25519 - 1,
    2707385501144840649318225287225658788936804267575313519463743609750303402022,
    55188659117513257062467267217118295137698188065244968500265048394206261417927,
)
SMALL_ORDER = [
    (spelled | sign << 255).to_bytes(32, "little")
    for y in TORSION_Y
    for spelled in (y, y + P25519)
    if spelled < 2**255
    for sign in (0, 1)
]


def test_there_are_fourteen_keys_that_fit_every_text() -> None:
    assert len(set(SMALL_ORDER)) == 14


@pytest.mark.parametrize("raw", SMALL_ORDER, ids=[raw.hex()[:8] + "…" + raw.hex()[-2:] for raw in SMALL_ORDER])
def test_keys_of_small_order_are_refused_here_as_at_registration(raw: bytes) -> None:
    for type_ in (LOG, COSIGNER):
        with pytest.raises(BadNote, match="usable"):
            VerifierKey(name=ORIGIN, type=type_, raw=raw)
        with pytest.raises(BadNote, match="usable"):
            notes.read_vkey(vkey(ORIGIN, raw, type_))
    x = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    with pytest.raises(client_keys.KeyRefused, match="small order"):
        client_keys.accept({"kty": "OKP", "crv": "Ed25519", "x": x})


def test_the_trap_is_real_below_us() -> None:
    """The library takes the neutral element for a key, and one signature for every text."""
    neutral = bytes([1]) + bytes(31)
    Ed25519PublicKey.from_public_bytes(neutral).verify(neutral + bytes(32), b"whatever you like")


@given(st.integers(P25519, 2**255 - 1), st.integers(0, 1))
def test_a_key_has_one_spelling(y: int, sign: int) -> None:
    with pytest.raises(BadNote, match="usable"):
        VerifierKey(name=ORIGIN, type=LOG, raw=(y | sign << 255).to_bytes(32, "little"))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\u2003b", "x" * 201, "a\ud800"])
def test_a_name_that_cannot_stand_in_a_note_is_refused(name: str) -> None:
    with pytest.raises(BadNote):
        VerifierKey(name=name, type=LOG, raw=LOG_KEY.vkey.raw)


GOOD = str(LOG_KEY.vkey)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "+",
        "++",
        ORIGIN,
        GOOD.rpartition("+")[0],
        GOOD.replace(LOG_KEY.vkey.id.hex(), "00000000"),
        GOOD.replace(LOG_KEY.vkey.id.hex(), LOG_KEY.vkey.id.hex().upper() + "0"),
        GOOD.replace(ORIGIN, "other.example"),
        GOOD[:-1],
        GOOD + "=",
        vkey(ORIGIN, LOG_KEY.vkey.raw[:31]),
        vkey(ORIGIN, LOG_KEY.vkey.raw + b"\x00"),
        vkey(ORIGIN, b""),
        vkey(ORIGIN, LOG_KEY.vkey.raw, 2),
        vkey(ORIGIN, LOG_KEY.vkey.raw, 6),
        f"{ORIGIN}+{LOG_KEY.vkey.id.hex()}+",
        "\ud800" + GOOD,
    ],
)
def test_this_is_no_vkey(said: str) -> None:
    with pytest.raises(BadNote):
        notes.read_vkey(said)


# -- anything at all ---------------------------------------------------------------------------------------------------

ANYTHING = st.text() | st.text(alphabet="—\n +=A1é\x00\r\ud800", max_size=80)


def only_bad_note(read: object, *said: object, **named: object) -> None:
    assert callable(read)
    with suppress(BadNote):
        read(*said, **named)


@given(ANYTHING)
def test_reading_any_text_raises_nothing_but_bad_note(said: str) -> None:
    for text in (said, f"{TEXT}{said}\n\n{LINE}\n", f"{TEXT}\n{said}\n{LINE}\n", f"{TEXT}\n— {said} {BLOB}\n"):
        only_bad_note(notes.read_note, text)
        only_bad_note(notes.open_checkpoint, text, keys=[LOG_KEY.vkey])
    for text in (said, f"a\n{said}\n{'A' * 43}=\n", f"a\n1\n{said}\n"):
        only_bad_note(notes.read_checkpoint, text)
    for text in (said, f"{said}+00000000+AAAA", f"{ORIGIN}+{said}+{GOOD.rpartition('+')[2]}", f"a+b+{said}"):
        only_bad_note(notes.read_vkey, text)
    only_bad_note(notes.decode, said)
    only_bad_note(notes.decode_hash, said)
    only_bad_note(notes.read_signature_lines, said, text=TEXT)


@given(st.binary() | st.binary(max_size=40).map(lambda raw: str(SEEN).encode()[:120] + raw + str(SEEN).encode()[120:]))
def test_reading_any_bytes_raises_nothing_but_bad_note(said: bytes) -> None:
    only_bad_note(notes.read_note, said)
    only_bad_note(notes.open_checkpoint, said, keys=[LOG_KEY.vkey])


@given(st.binary(max_size=100))
def test_bytes_have_one_base64(raw: bytes) -> None:
    said = base64.b64encode(raw).decode()
    assert notes.decode(said) == raw
    if said.endswith("="):
        only = said.rstrip("=")
        for other in (
            only,
            only[:-1] + chr(ord(only[-1]) + 1) + said[len(only) :],
            said + "=",
            said + "\n",
            " " + said,
        ):
            with pytest.raises(BadNote):
                notes.decode(other)
