"""`/sandbox/clock`: time passes. `/sandbox/casefiles/{id}/advance` and `/sandbox/partners/{role}`: other parties act.

So a client meets deadlines, reminders and other agencies' steps in minutes, not in weeks.

Open to everybody, and only in a sandbox that nobody else reaches (`LINTAS_SANDBOX_CONTROL`): elsewhere there is no such
route. A body must be JSON by its media type, so that no page of another site posts one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from django.http import HttpRequest
from django.utils.duration import duration_iso_string

from agencies.system import NoOperator
from agencies.systems import NoSystem
from api.http import problems
from api.http.language import Wording
from api.http.problems import ErrorItem, Problem
from api.http.sandboxes import controlling, given
from api.http.view import identifier, in_milliseconds, now_of, wall_of
from audit import status
from casefiles import register_time
from casefiles.errors import Erased, NotVisible
from casefiles.flow import State
from casefiles.operations import clock as clocks
from casefiles.operations import counterparts, moods, travelling
from casefiles.shapes import Doc

AT_ONCE: Final = timedelta(days=92)
"""So much time passes by one call at the most: each day of it is a round of the clock."""
_DURATION: Final = re.compile(
    r"P(?:(?P<weeks>\d{1,2})W|(?:(?P<days>\d{1,3})D)?(?:T(?=\d)(?:(?P<hours>\d{1,4})H)?(?:(?P<minutes>\d{1,5})M)?)?)",
    re.ASCII,
)
_WANTED: Final = Wording(
    id="Tulis lama waktu menurut ISO 8601, dari PT1M sampai P92D, misalnya P14D (14 hari), P2W atau PT6H.",
    en="Write a duration (ISO 8601) from PT1M to P92D, for example P14D (14 days), P2W or PT6H.",
)
_TOO_FAR: Final = Wording(
    id="Kotak pasir paling jauh 366 hari di depan waktu nyata. Mulai lagi: ./run serve --sandbox --fresh.",
    en="A sandbox is at most 366 days ahead of the real time. Begin anew: ./run serve --sandbox --fresh.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """How much time is to pass."""

    advance: Annotated[str, Doc(id="Lama waktu yang berlalu", en="How much time passes", example="P14D")]


@dataclass(frozen=True, slots=True, kw_only=True)
class To:
    """Where a case is to stand."""

    to: Annotated[
        Literal["under_examination", "recommended", "awaiting_sanction", "sanction_reported", "closed"],
        Doc(id="Status yang dituju", en="The state that it is to reach", example="recommended"),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Minded:
    """How a party acts from now on."""

    mood: Annotated[moods.Mood, Doc(id="Sikap", en="Mood", example="late")]


# -- the clock --------------------------------------------------------------------------------------------------------


def _told(request: HttpRequest) -> dict[str, Any]:
    return {
        "now": now_of(request),
        "real_now": wall_of(request),
        "ahead": duration_iso_string(register_time.ahead()),
        "most_ahead": duration_iso_string(register_time.MOST),
    }


def _advanced(request: HttpRequest) -> dict[str, Any]:
    """Let time pass, and say what the clock did meanwhile: reminders and levels reached, lapsed returns given back."""
    by = _duration(given(request, Advance).advance)
    try:
        done = travelling.advance(by)
    except register_time.TooFar as far:
        raise _refused(_TOO_FAR) from far
    except (clocks.Adrift, NoOperator) as why:
        raise Problem("temporarily-unavailable", detail=Wording(id=str(why), en=str(why))) from why
    return {
        **_told(request),
        "rounds": done.rounds,
        "escalated": done.escalated,
        "given_back": done.given_back,
        "refused": done.refused,
        "answered": done.answered,
        "paused": done.paused or None,
    }


def _duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    by = timedelta(**{name: int(number) for name, number in found.groupdict("0").items()}) if found else timedelta()
    if not timedelta() < by <= AT_ONCE:
        raise _refused(_WANTED)
    return by


def _refused(why: Wording) -> Problem:
    return Problem("invalid-body", errors=[ErrorItem("wrong-form", pointer="#/advance", detail=why)])


clock = controlling(get=_told, post=_advanced)


# -- the other parties ------------------------------------------------------------------------------------------------


def _walked(request: HttpRequest, casefile: str) -> dict[str, Any]:
    """Have whoever has the turn act, step by step; where a step is refused, its problem says how far the case came."""
    ident, to = identifier(casefile), State(given(request, To).to)
    if paused := status.why_paused():
        raise Problem("writes-paused", errors=[ErrorItem(f"log-{paused}")])
    try:
        loaded = counterparts.standing(ident, now=now_of(request))
        if loaded.state is not to and to not in (ahead := counterparts.ahead(loaded)):
            raise Problem(
                "invalid-body",
                errors=[
                    ErrorItem("not-among-choices", pointer="#/to", members={"allowed": [str(one) for one in ahead]})
                ],
            )
        done = counterparts.advance(ident, to=to, now=lambda: in_milliseconds(register_time.now()))
    except (NotVisible, Erased, NoOperator) as why:
        raise problems.from_exception(why) from why
    told = {
        "id": str(ident),
        "number": done.number,
        "version": done.version,
        "state": str(done.state),
        "walked": [{"transition": name, "agency": agency} for name, agency in done.steps],
    }
    if done.refused is not None:
        problem = _no_system() if isinstance(done.refused, NoSystem) else problems.from_exception(done.refused)
        problem.members = {**problem.members, **told}
        raise problem
    return told


def _no_system() -> Problem:
    return Problem("temporarily-unavailable", detail=_SYSTEMLESS)


_SYSTEMLESS: Final = Wording(
    id="Instansi yang mendapat giliran tidak mempunyai sistem di kotak pasir ini, atau sistemnya wajib menandatangani. "
    "Pakai instansi dari .run/sandbox.json.",
    en="The agency that has the turn has no system in this sandbox, or one that must sign what it sends. Use an agency "
    "of .run/sandbox.json.",
)
casefile = controlling(post=_walked)


# -- moods ------------------------------------------------------------------------------------------------------------


def _minded(request: HttpRequest, role: str) -> dict[str, Any]:
    if role not in moods.ROLES:
        raise Problem("not-found", members={"allowed": list(moods.ROLES)})
    mood = given(request, Minded).mood
    if mood == "disputes" and role != "addressee":
        raise Problem("invalid-body", errors=[ErrorItem("not-among-choices", pointer="#/mood", detail=_NO_DISPUTE)])
    return {"partners": moods.take(role, mood, now=now_of(request))}


def _moods(request: HttpRequest) -> dict[str, Any]:
    return {"partners": moods.moods()}


_NO_DISPUTE: Final = Wording(
    id="Hanya addressee yang menyanggah rekomendasi.", en="Only the addressee disputes a recommendation."
)
partner = controlling(post=_minded)
partners = controlling(get=_moods)
