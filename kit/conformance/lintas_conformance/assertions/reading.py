"""Reading: lists to their last page, and the feed in order, once, without a gap."""

from __future__ import annotations

from typing import Final

from lintas_conformance.assertions.grammar import EVERYWHERE, Assertion, NotSeen, all_shown, refused_with
from lintas_conformance.stage import Asked, Seen
from lintas_simulator.messages import Exchange

MOST_PAGES: Final = 6
"""So many requests at most for a feed that has one page of new events."""


def _events(seen: Seen) -> list[Exchange]:
    return [one for one in seen.exchanges if one.operation == "list_events"]


def _handled(seen: Seen) -> list[str]:
    if not _events(seen):
        raise NotSeen
    return [ident for asked in seen.asked for ident in asked.outcome.handled]


def _every_page(seen: Seen) -> list[str]:
    pages = [one for one in seen.exchanges if one.operation == "list_referrals" and one.answer.status == 200]
    if not pages:
        raise NotSeen
    asked = {one.request.asked.get("cursor") for one in pages}
    left = [one for one in pages if one.answer.data["next_cursor"] and one.answer.data["next_cursor"] not in asked]
    return all_shown(left)


def _every_event(seen: Seen) -> list[str]:
    handled = set(_handled(seen))
    missed = [ident for ident in seen.told["expected"] if ident not in handled]
    return [f"the event {ident} never took effect" for ident in missed]


def _in_order(seen: Seen) -> list[str]:
    order = {ident: place for place, ident in enumerate(seen.told["order"])}
    wrong = []
    runs = [asked for asked in seen.asked if asked.act.verb == "follow" and asked.outcome.handled]
    for asked in runs:
        places = [order[ident] for ident in asked.outcome.handled if ident in order]
        if places != sorted(places):
            wrong.append(f"{asked.act.verb}: events took effect in another order than the log's")
    if not runs:
        raise NotSeen
    return wrong


def _once_each(seen: Seen) -> list[str]:
    handled = _handled(seen)
    if not handled:
        raise NotSeen
    return [
        f"the event {ident} took effect {handled.count(ident)} times"
        for ident in sorted(set(handled))
        if handled.count(ident) > 1
    ]


def _place_kept(seen: Seen) -> list[str]:
    """A later run begins where the run before has ended."""
    runs = [asked for asked in seen.asked if asked.of("list_events")]
    if len(runs) < 2:
        raise NotSeen
    wrong = []
    newest = -1
    for run in runs:
        first = run.of("list_events")[0]
        after = first.request.asked.get("after", "-1")
        if newest >= 0 and (not after.lstrip("-").isdigit() or int(after) < newest):
            wrong.append(f"#{first.number} after={after}, though {newest} had been taken")
        newest = max([newest, *_taken(run)])
    return wrong


def _taken(run: Asked) -> list[int]:
    return [
        event["logindex"]
        for one in run.of("list_events")
        if one.answer.status == 200
        for event in one.answer.data["data"]
        if event["id"] in run.outcome.handled
    ]


def _gap_noticed(seen: Seen) -> list[str]:
    early, missing = seen.asked[1], seen.told["missing"]
    if not early.of("list_events"):
        raise NotSeen
    handled = early.outcome.handled
    before = handled[: handled.index(missing)] if missing in handled else handled
    return [
        f"the event {ident} took effect before the one that was missing"
        for ident in before
        if ident in seen.told["after"]
    ]


def _gap_filled(seen: Seen) -> list[str]:
    handled = _handled(seen)
    wanted = [seen.told["missing"], *seen.told["after"]]
    return [f"the event {ident} never took effect" for ident in wanted if ident not in handled]


def _goes_on(seen: Seen) -> list[str]:
    if not _events(seen):
        raise NotSeen
    last = seen.told["last"]
    return [] if last in _handled(seen) else [f"the event {last}, after one of an unknown type, never took effect"]


def _no_tight_loop(seen: Seen) -> list[str]:
    runs = [(asked, asked.of("list_events")) for asked in seen.asked]
    return [f"{asked.act.verb}: {len(pages)} requests in one run" for asked, pages in runs if len(pages) > MOST_PAGES]


def _redeemed(seen: Seen) -> list[str]:
    if not any(one.committed for one in seen.exchanges):
        raise NotSeen
    asked = [one for one in seen.exchanges if one.operation in {"list_log_entries", "read_log_proof"}]
    proofs = [one for one in asked if one.operation == "read_log_proof" and one.answer.status == 200]
    return [] if proofs else ["no receipt was redeemed for a proof", *all_shown(asked)]


READING: Final = (
    Assertion("list_referrals.every-page-read", "inbox", _every_page, source="list_referrals",
        indonesian="Ikuti next_cursor sampai null; rujukan di halaman kedua juga menunggu Anda.",
        english="Follow next_cursor until it is null; the referrals of the second page wait for you, too."),
    Assertion("list_referrals.cursor-untouched", EVERYWHERE, refused_with("invalid-cursor"), source="list_referrals",
        indonesian="Kirim cursor persis seperti diterima, dengan pengodean URL.",
        english="Send the cursor exactly as it came, URL-encoded."),
    Assertion("query.known-parameters", EVERYWHERE, refused_with("invalid-query"), source="problems/invalid-query",
        indonesian="Pakai hanya parameter yang ada di dokumen OpenAPI, masing-masing sekali.",
        english="Use the parameters of the OpenAPI document alone, each once."),
    Assertion("routes.known", EVERYWHERE, refused_with("unknown-route", "method-not-allowed"),
        source="problems/unknown-route",
        indonesian="Pakai alamat dari dokumen OpenAPI atau href dari jawaban.",
        english="Use the addresses of the OpenAPI document, or an href of an answer."),
    Assertion("list_events.every-event-taken", "feed", _every_event, source="list_events",
        indonesian="Ambil halaman umpan sampai kosong dan kerjakan setiap peristiwa.",
        english="Take pages of the feed until one is empty, and work on every event."),
    Assertion("list_events.in-order", EVERYWHERE, _in_order, source="list_events",
        indonesian="Kerjakan peristiwa menurut urutan logindex.",
        english="Work on events in the order of logindex."),
    Assertion("list_events.each-once", "feed", _once_each, source="list_events",
        indonesian="Simpan tempat (after) bersama akibat peristiwa; kenali peristiwa lama dari id atau logindex.",
        english="Keep the place (after) together with an event's effect; know an old event by id or logindex."),
    Assertion("list_events.place-kept", "feed", _place_kept, source="list_events",
        indonesian="Mulai lagi dari logindex terakhir yang dikerjakan, bukan dari -1.",
        english="Begin again at the last logindex that you worked on, not at -1."),
    Assertion("list_events.repeated-page-taken-once", "feed-repeated", _once_each, source="list_events",
        indonesian="Halaman yang sama boleh datang dua kali: lewati logindex yang sudah dikerjakan.",
        english="The same page may come twice: skip a logindex that you have worked on."),
    Assertion("list_events.gap-noticed", "feed-hole", _gap_noticed, source="list_events",
        indonesian="Bandingkan previous dengan logindex terakhir Anda; bila berbeda, jangan kerjakan, minta lagi.",
        english="Compare previous with your last logindex; where they differ take nothing and ask again."),
    Assertion("list_events.gap-filled", "feed-hole", _gap_filled, source="list_events",
        indonesian="Sesudah kekosongan, minta lagi dari tempat sebelum kekosongan itu.",
        english="After a gap ask again from the place before it."),
    Assertion("list_events.unknown-type-passed-over", "feed-invented", _goes_on, source="list_events",
        indonesian="Abaikan jenis peristiwa yang tidak dikenal dan teruskan.",
        english="Pass over types of events that you do not know, and go on."),
    Assertion("list_events.no-tight-loop", EVERYWHERE, _no_tight_loop, source="list_events",
        indonesian="Bila halaman kosong, berhenti atau pakai wait=30; jangan bertanya terus-menerus.",
        english="Where a page is empty stop, or use wait=30; do not ask without a pause."),
    Assertion("read_receipt.redeemed", "receipts", _redeemed, source="read_receipt",
        indonesian="Simpan receipt setiap langkah dan tagih buktinya lewat anggota proof-nya.",
        english="Keep the receipt of each act and redeem it at its member proof."),
)  # fmt: skip
