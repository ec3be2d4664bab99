"""Why a deadline ends on its day, in Indonesian and English: sentences made of what a referral keeps about its rule.

Pure. Days in a rule are ISO text, because it is kept as JSON.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

_MONTHS_ID = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


_COUNTED_ANEW = frozenset({"recompute", "correct"})


def explained(rule: Mapping[str, Any]) -> dict[str, Any]:
    """The rule with both explanations made anew: the count, then what happened to it, in order."""
    with_words = {**rule, "explanation_id": _count_id(rule), "explanation_en": _count_en(rule)}
    for event in sorted((*rule["resumed"], *rule["pauses"], *rule["moved"]), key=lambda event: int(event["seq"])):
        with_words = also(with_words, event)
    return with_words


def also(rule: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """The rule with a sentence more in both explanations: a pause, a resumption, or a move by a new count.

    A move that a pause or a resumption brought about is told by that one.
    """
    if "due_from" in event and event.get("cause", "recompute") not in _COUNTED_ANEW:
        return dict(rule)
    indonesian, english = _sentences(event, working=rule["day_basis"] == "working")
    return {
        **rule,
        "explanation_id": f"{rule['explanation_id']} {indonesian}",
        "explanation_en": f"{rule['explanation_en']} {english}",
    }


def _sentences(event: Mapping[str, Any], *, working: bool) -> tuple[str, str]:
    if "until" in event and event["days"] == 0:
        until, reason = event["until"], event["reason"]
        return (
            f"Ditetapkan sampai {_day_id(until)} dengan tindakan ({reason}).",
            f"Set until {_day_en(until)} by a measure ({reason}).",
        )
    if "until" in event:
        until, days = event["until"], event["days"]
        return (
            f"Perpanjangan oleh pemeriksa sampai {_day_id(until)} ({days} hari).",
            f"Extended by the examiner until {_day_en(until)} ({_days_en(days)}).",
        )
    if "away_from" in event:
        left, back, due, days = event["away_from"], event["away_until"], event["due_on"], event["days"]
        kind_id, kind_en = ("hari kerja", "working ") if working else ("hari kalender", "calendar ")
        return (
            (
                f"Berkas berada pada pihak lain sejak {_day_id(left)} sampai {_day_id(back)}; {days} {kind_id} itu "
                f"tidak dihitung, sehingga berakhir pada akhir {_day_id(due)}."
            ),
            (
                f"The file was with somebody else from {_day_en(left)} to {_day_en(back)}; {_days_en(days, kind_en)} "
                f"do not count, so that it ends with {_day_en(due)}."
            ),
        )
    before, after = event["due_from"], event["due_to"]
    if event.get("cause") == "correct":
        return (
            (
                f"Dihitung ulang karena tanggal awalnya dibetulkan: tenggat berpindah dari {_day_id(before)} ke "
                f"{_day_id(after)}."
            ),
            (
                f"Counted anew because the day it starts from was corrected: the due day moved from {_day_en(before)} "
                f"to {_day_en(after)}."
            ),
        )
    calendars = f"{event['calendar_from']} -> {event['calendar_to']}"
    return (
        (
            f"Dihitung ulang karena kalender berubah ({calendars}): tenggat berpindah dari {_day_id(before)} ke "
            f"{_day_id(after)}."
        ),
        (
            f"Counted anew because the calendar changed ({calendars}): the due day moved from {_day_en(before)} to "
            f"{_day_en(after)}."
        ),
    )


def _count_id(rule: Mapping[str, Any]) -> str:
    working = rule["day_basis"] == "working"
    kind = "hari kerja" if working else "hari kalender"
    text = [f"{rule['days']} {kind} sejak {_day_id(rule['clock_from'])} (hari itu tidak dihitung)"]
    if working:
        text.append("Sabtu dan Minggu dilewati")
    if skipped := rule["skipped"]:
        text.append("juga dilewati: " + ", ".join(f"{_day_id(day['date'])} ({_reason(day)})" for day in skipped))
    text.append(f"berakhir pada akhir {_day_id(rule['counted_to'])}")
    end = f" Kalender {rule['calendar_version']}." if working else ""
    gap = " Hari libur untuk tahun itu belum lengkap dalam kalender." if rule["beyond_calendar"] else ""
    return "; ".join(text) + "." + end + gap


def _count_en(rule: Mapping[str, Any]) -> str:
    working = rule["day_basis"] == "working"
    kind = "working " if working else "calendar "
    text = [f"{_days_en(rule['days'], kind)} from {_day_en(rule['clock_from'])} (that day is not counted)"]
    if working:
        text.append("Saturdays and Sundays are skipped")
    if skipped := rule["skipped"]:
        text.append("also skipped: " + ", ".join(f"{_day_en(day['date'])} ({_reason(day)})" for day in skipped))
    text.append(f"it ends with {_day_en(rule['counted_to'])}")
    end = f" Calendar {rule['calendar_version']}." if working else ""
    gap = " The days off of that year are not all in the calendar yet." if rule["beyond_calendar"] else ""
    return "; ".join(text) + "." + end + gap


def _reason(day: Mapping[str, Any]) -> str:
    return f"{day['name_id']}, {day['decree']}" if day["decree"] else str(day["name_id"])


def _day_id(text: str) -> str:
    day = dt.date.fromisoformat(text)
    return f"{day.day} {_MONTHS_ID[day.month - 1]} {day.year}"


def _day_en(text: str) -> str:
    day = dt.date.fromisoformat(text)
    return f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}"


def _days_en(number: int, kind: str = "") -> str:
    return f"{number} {kind}day" if number == 1 else f"{number} {kind}days"
