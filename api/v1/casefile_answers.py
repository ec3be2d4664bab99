"""A casefile in an answer: as it stands now, as it was recorded, and after an act. Several routes show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from agencies import queries as directory
from agencies.tokens import Further
from api.http.idempotency_key import request_facts
from api.http.problems import ErrorItem, Problem
from api.http.view import DoorRequest, identifier
from api.v1 import presenting
from audit import access
from casefiles import nip
from casefiles.catalogue.book import load as load_catalogue
from casefiles.catalogue.law import LawBook, local_day, open_book
from casefiles.queries import Sight
from casefiles.sight import first_readings, projection
from casefiles.sight.casefiles import SIGHT_OF_CALLER, agencies_in, sight_of, sight_within
from casefiles.transitions import duplicates, pair
from casefiles.transitions.load import load, load_recorded, preventions_of
from casefiles.transitions.loaded import Loaded


def sight_of_path(casefile: str) -> Further | None:
    """What a view asks with the token about the casefile in its path, for `reading`; nothing where that is no id."""
    try:
        return Further(SIGHT_OF_CALLER, {"casefile": identifier(casefile)})
    except Problem:
        return None


def reading(request: DoorRequest, ident: UUID) -> Sight:
    """How the caller reads that casefile, now or as it left it. Raises Problem `not-found` where it may not at all."""
    # Where the view asked for it with the token it is there already.
    sight = sight_of(request.actor, ident) if request.answer is None else sight_within(request.answer)
    if sight is None:
        raise Problem("not-found")
    return sight


def require_sight(request: DoorRequest, ident: UUID) -> None:
    """Raise Problem `not-found` unless the caller sees that casefile now; a former party does not."""
    if reading(request, ident).is_former:
        raise Problem("not-found")


def shown_casefile(request: DoorRequest, ident: UUID, *, read: access.Read | None = None) -> dict[str, Any]:
    """The casefile as the caller sees it now; a `read` is recorded with it. Sight has been checked."""
    actor = request.actor
    today = local_day(request.now, actor.time_zone)
    loaded = load(ident, actor=actor.agency_id, auditor=actor.is_auditor, today=today, read=read)
    turn = loaded.facts.get("turn")
    if read is not None and turn and turn["agency"] == actor.agency_code and loaded.written_by != actor.agency_id:
        loaded = _opened(request, loaded)
    return present(request, loaded, law=open_book(calendar_version=loaded.context.calendar_version))


def _opened(request: DoorRequest, loaded: Loaded) -> Loaded:
    """The casefile, opened by whose turn it is, where it was not before."""
    mine = (request.actor.agency_code, loaded.version)
    if any((opened["agency"], opened["version"]) == mine for opened in loaded.opened):
        return loaded
    fresh = first_readings.note(
        casefile=loaded.id,
        version=loaded.version,
        actor=request.actor,
        now=request.now,
        request=request_facts(request),
    )
    return loaded if fresh is None else replace(loaded, opened=(*loaded.opened, fresh))


def present(request: DoorRequest, loaded: Loaded, *, law: LawBook, beside: Loaded | None = None) -> dict[str, Any]:
    """A loaded casefile as the caller sees it; `beside` is the other casefile of an act just performed."""
    actor = request.actor
    viewer = projection.viewer_of(actor, loaded.facts)
    candidates = duplicates.candidates(actor, casefile=loaded.id, facts=loaded.facts) if viewer.sees_duplicates else ()
    case = pair.shown(loaded, candidates, actor=actor, law=law, now=request.now, beside=beside)
    telling = presenting.Telling(
        viewer=viewer,
        names=with_owners(names_of(loaded), loaded.facts["documents"], also=agencies_in(loaded.facts)),
        catalogue=law.catalogue,
        now=request.now,
        language=request.language,
        rule=loaded.referral.rule if loaded.referral else None,
    )
    shown = presenting.casefile(
        loaded.id,
        loaded.facts,
        telling,
        created_at=loaded.columns.created_at,
        updated_at=loaded.columns.updated_at,
        available=presenting.available(case, ident=loaded.id, parties=case.acts_as, language=request.language),
        duplicates=duplicates.among(
            candidates, casefile=loaded.id, finding=loaded.columns.finding_id, facts=loaded.facts
        )
        if viewer.sees_duplicates
        else None,
        identities=loaded.identities,
    )
    return {
        **shown,
        "prior_preventions": presenting.prior_preventions(_preventions(loaded)),
        "opened": presenting.opened(loaded.opened),
        "as_of": None,
        "former": False,
    }


def _preventions(loaded: Loaded) -> Sequence[Mapping[str, Any]] | None:
    """The preventions loaded with the casefile; looked up again where the act just performed changed the NIP."""
    subject = loaded.facts["subject"]
    if loaded.preventions is None or (subject.get("nip") or "") == loaded.prevented:
        return loaded.preventions
    last_act = max(violation["act_date"] for violation in loaded.facts["violations"])
    return preventions_of(nip.all_of(subject), until=date.fromisoformat(last_act))


def recorded_casefile(
    request: DoorRequest, ident: UUID, *, as_of: datetime | None, sight: Sight, read: access.Read
) -> dict[str, Any]:
    """The casefile as recorded at that instant, or as the caller left it; the `read` is recorded with it.

    Sight has been checked.

    The caller's parties of today decide what is shown; for a former party, those that it had when it left.
    Raises Problem `invalid-query` where nothing was recorded yet.
    """
    moments = [moment for moment in (as_of, sight.left_at) if moment is not None]
    moment = min(moments, default=request.now)
    recorded = load_recorded(ident, at=moment, until=sight.until, actor=request.actor, read=read)
    if recorded is None:
        raise Problem("invalid-query", errors=[ErrorItem("before-it-began", parameter="as_of")])
    telling = presenting.Telling(
        viewer=projection.viewer_of(request.actor, recorded.parties),
        names=with_owners(recorded.names, recorded.facts["documents"], also=agencies_in(recorded.facts)),
        catalogue=load_catalogue(),
        now=moment,
        language=request.language,
    )
    shown = presenting.casefile(
        ident,
        recorded.facts,
        telling,
        created_at=recorded.created_at,
        updated_at=recorded.recorded_at,
        identities=recorded.identities,
    )
    return {
        **shown,
        "prior_preventions": presenting.prior_preventions(recorded.preventions),
        "opened": presenting.opened(recorded.opened),
        "as_of": moment,
        "former": sight.is_former,
    }


def names_of(loaded: Loaded) -> dict[str, str]:
    """The names by code of the agencies loaded with a casefile."""
    return {agency.code: agency.name for agency in loaded.context.agencies.values()}


def with_owners(
    names: Mapping[str, str], documents: Iterable[Mapping[str, Any]], *, also: Iterable[str] = ()
) -> Mapping[str, str]:
    """These names and those of the documents' owners and of `also`; one statement where one is not among them yet."""
    missing = {document["owner"] for document in documents}.union(also) - names.keys() - {None}
    return {**names, **directory.names(missing)} if missing else names
