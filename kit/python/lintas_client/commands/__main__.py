"""`lintas`: exit 0 done, 1 refused or not found, 2 not decided, 3 nobody answered."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from lintas_client.client import Client
from lintas_client.commands import explaining, logging_in, verbs
from lintas_client.commands.bodies import BadFile
from lintas_client.commands.words import LANGUAGES, Words, chosen
from lintas_client.identity import DEFAULT, BadProfile
from lintas_client.keys import BadKey
from lintas_client.problems import LintasError, Problem, StaleVersion, Unanswered


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    say = chosen(given)
    options = _parser(say).parse_args(given)
    try:
        if options.verb is None:  # the one command that needs no profile
            return logging_in.login(options, say)
        with Client.open(options.profile, language=say.language) as client:
            code: int = options.verb(client, options, say)
            return code
    except Problem as refused:
        _print_problem(refused, say)
        return 1
    except (Unanswered, httpx.HTTPError) as why:
        print(why if isinstance(why, Unanswered) else type(why).__name__, file=sys.stderr)
        print(
            say(
                "Register tidak menjawab. Yang ditulis tersimpan: `lintas outbox --send` mengirimnya lagi.",
                "The register did not answer. What was written is kept: `lintas outbox --send` sends it again.",
            ),
            file=sys.stderr,
        )
        return 3
    except BadFile as why:
        print(say(why.indonesian, why.english), file=sys.stderr)
    except (BadProfile, BadKey, LintasError, ValueError) as why:
        print(why, file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0
    return 1


def _print_problem(refused: Problem, say: Words) -> None:
    print(f"{refused.status} {refused.code}: {refused.detail or refused.title}", file=sys.stderr)
    for error in refused.errors:
        where = error.get("pointer") or error.get("parameter") or ""
        print(f"  {where} {error['code']}: {error['detail']}".replace("   ", "  "), file=sys.stderr)
        helps = [error.get("did_you_mean", ""), *error.get("resolve_with", ())]
        if any(helps):
            print(f"    -> {', '.join(word for word in helps if word)}", file=sys.stderr)
    if "existing" in refused.members:
        print(f"  -> {refused.members['existing']['href']}", file=sys.stderr)
    if isinstance(refused, StaleVersion):
        print(
            say(
                "Perkara sudah dibaca lagi. Periksa, lalu ulangi perintah yang sama.",
                "The casefile was read again. Look at it, then give the same command again.",
            ),
            file=sys.stderr,
        )
    print(say("Penjelasan:", "Explained by:"), f"lintas explain {refused.code}", file=sys.stderr)


class _Commands:
    """The commands below `lintas`, each with the options that all have."""

    def __init__(self, say: Words) -> None:
        self.say = say
        self.parser = argparse.ArgumentParser(
            prog="lintas",
            parents=[self._shared(profile=DEFAULT, language=say.language)],
            add_help=False,
            description=say(
                "Klien register Lintas. Mulai dengan `lintas login`. Setiap tulisan disimpan dulu, baru dikirim: "
                "perintah yang terputus boleh diketik lagi, dan terjadi satu kali.",
                "A client of the Lintas register. Begin with `lintas login`. Every write is kept before it is sent: a "
                "command that was cut off may be typed again, and happens once.",
            ),
        )
        self._top = self.parser.add_subparsers(
            title=say("perintah", "commands"), required=True, metavar=say("PERINTAH", "COMMAND")
        )

    def add(self, name: str, verb: object, indonesian: str, english: str) -> argparse.ArgumentParser:
        """A command with its sentence in both languages."""
        return self._made(self._top, name, verb, self.say(indonesian, english))

    def add_below(self, group: str, name: str, verb: object, *sentences: str) -> argparse.ArgumentParser:
        """A command of two words; `sentences` are the group's and the command's, Indonesian and English."""
        above = self._made(self._top, group, None, self.say(*sentences[:2]))
        return self._made(above.add_subparsers(required=True, metavar=name), name, verb, self.say(*sentences[2:]))

    def _made(self, within: Any, name: str, verb: object, text: str) -> argparse.ArgumentParser:
        # Without defaults of its own, which would undo what stood before the command's name.
        shared = self._shared(profile=argparse.SUPPRESS, language=argparse.SUPPRESS)
        made: argparse.ArgumentParser = within.add_parser(
            name, parents=[shared], add_help=False, help=text, description=text
        )
        made.set_defaults(verb=verb)
        return made

    def _shared(self, *, profile: str, language: str) -> argparse.ArgumentParser:
        say = self.say
        shared = argparse.ArgumentParser(add_help=False)
        shared.add_argument("-h", "--help", action="help", help=say("tampilkan bantuan ini", "show this help"))
        shared.add_argument(
            "--lang", choices=LANGUAGES, default=language, help="Bahasa / language: id, en (LINTAS_LANG)"
        )
        profile_help = say("profil yang dibuat `lintas login`", "the profile that `lintas login` made")
        shared.add_argument("--profile", default=profile, help=profile_help)
        return shared


def _parser(say: Words) -> argparse.ArgumentParser:
    commands = _Commands(say)
    add = commands.add
    logging_in.add_arguments(
        add("login", None, "Simpan siapa Anda, sesudah dicoba", "Keep who you are, after trying it"), say
    )
    add("me", verbs.me, "Siapa saya bagi register", "Who I am for the register")
    _takes_body(
        commands.add_below(
            "findings", "submit", verbs.submit,
            "Temuan", "Findings", "Teruskan temuan dari berkas", "Forward a finding from a file",
        ),
        say,
    )  # fmt: skip
    _describes(
        commands.add_below(
            "documents", "register", verbs.document,
            "Dokumen", "Documents", "Daftarkan sebuah berkas; mencetak id-nya", "Register a file; prints its id",
        ),
        say,
    )  # fmt: skip
    inbox = add("inbox", verbs.inbox, "Yang menunggu instansi Anda", "What waits for your agency")
    inbox.add_argument("--overdue", action="store_true", help=say("hanya yang terlambat", "only what is overdue"))
    acknowledge = add(
        "acknowledge", verbs.act, "Nyatakan rekomendasi diterima", "Acknowledge that a recommendation was received"
    )
    _names_casefile(acknowledge, say)
    acknowledge.set_defaults(transition="acknowledge")
    _takes_body(acknowledge, say)
    act = add("act", verbs.act, "Lakukan langkah lain pada perkara", "Perform another transition on a casefile")
    _names_casefile(act, say)
    act.add_argument("transition", help=say("langkah, seperti dalam `available`", "transition, as in `available`"))
    _takes_body(act, say)
    follow = add(
        "follow", verbs.follow, "Ikuti peristiwa, satu baris JSON tiap butir", "Follow events, a line of JSON each"
    )
    follow.add_argument("--once", action="store_true", help=say("berhenti di ujung", "stop at the end"))
    after_help = say(
        "mulai sesudah nomor ini, bukan di tempat terakhir", "begin after this index, not where it stopped"
    )
    follow.add_argument("--after", type=int, metavar="N", help=after_help)
    add("receipts", verbs.receipts, "Tagih dan periksa tanda terima", "Redeem and verify receipts")
    outbox = add("outbox", verbs.outbox, "Tulisan yang belum selesai", "Writes that are not settled")
    outbox.add_argument("--send", action="store_true", help=say("kirim yang tertunda", "send what is pending"))
    outbox.add_argument("--dismiss", metavar="KEY", help=say("buang satu niat", "take one intention away"))
    explain = add(
        "explain", explaining.explain, "Jelaskan kode masalah, asersi, atau tanda tangan",
        "Explain a problem's code, the assertion or the signature",
    )  # fmt: skip
    explain.add_argument("what", help=say("kode, `assertion` atau `signature`", "a code, `assertion` or `signature`"))
    return commands.parser


def _names_casefile(parser: argparse.ArgumentParser, say: Words) -> None:
    parser.add_argument("casefile", help=say("id atau nomor perkara", "id or number of the casefile"))


def _takes_body(parser: argparse.ArgumentParser, say: Words) -> None:
    parser.add_argument(
        "file", help=say("berkas YAML atau JSON; - masukan baku", "file of YAML or JSON; - standard input")
    )
    parser.add_argument(
        "--validate-only", action="store_true", help=say("coba saja, tanpa menyimpan", "try only, store nothing")
    )
    parser.add_argument(
        "--again", action="store_true", help=say("sengaja lagi, sebagai niat baru", "once more, as a new intention")
    )


def _describes(parser: argparse.ArgumentParser, say: Words) -> None:
    parser.add_argument("file", type=Path, help=say("berkas yang didaftarkan", "the file to register"))
    parser.add_argument("--type", required=True, help=say("jenis, dari katalog", "type, of the catalogue"))
    parser.add_argument("--title", required=True, help=say("judul", "title"))
    parser.add_argument("--media-type", default="application/pdf", help="application/pdf")
    parser.add_argument("--number", help=say("nomor", "number"))
    parser.add_argument("--date", help=say("tanggal, 2026-11-30", "date, 2026-11-30"))


if __name__ == "__main__":
    sys.exit(main())
