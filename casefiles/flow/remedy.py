"""Remedy: the officer contests the sanction, and somebody rules on it.

An objection goes to the authority that imposed it, an appeal to the appeal board, a lawsuit to a court that is no party
here: what it decided is recorded by the addressee. A late filing is flagged and left to whoever rules. A ruling that
changes the sanction makes a new version, which is delivered anew; what it binds afterwards says `binding`. An
objection on which nobody rules within its days is granted. PP 79/2021; UU 5/1986.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from casefiles.file import AnnulledBy, SettledContest, there
from casefiles.flow.binding import DEEMED_GRANTED, NOT_RULED_ON, binding, bound_by, not_bound
from casefiles.flow.closing import delivered
from casefiles.flow.contesting import (
    LATE_WARNINGS,
    Contesting,
    contested,
    kind_is_the_remedy,
    lodged_where_it_belongs,
    not_settled_before,
    only_a_court_after_a_ruling,
    opened_by_contest,
    some_remedy_is_open,
    something_may_still_be_filed,
    there_is_a_board,
)
from casefiles.flow.dates import Tells
from casefiles.flow.examination import sanction_fits_employment
from casefiles.flow.given import Act, Decree, Official
from casefiles.flow.grammar import CaseView, Changes, Party, Referral, Refusal, State, Transition
from casefiles.flow.sanction import Decision, Delivered, proof_of
from casefiles.flow.silence import (
    SILENCE_WARNINGS,
    silence_has_lasted,
    silence_warning,
    voids_by_silence,
)
from casefiles.flow.versions import (
    EFFECT_WARNINGS,
    decree_of,
    effect_warnings,
    imposed,
    remedy_of,
    review_counted_from,
    superseded,
    warned,
    weight,
)
from casefiles.shapes import Code, Doc

# Rulings that put another sanction in the old one's place. `deemed_granted` may; without one it annuls.
CHANGING = frozenset({"lightened", "aggravated", "changed"})

# --- what each transition takes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement(Act):
    """settle: what was ruled on the contest; another sanction where the ruling changes it."""

    ruling: Annotated[str, Code("reasons/settle"), Doc(id="Amar putusan", en="Ruling", example="lightened")]
    decision: Annotated[Decision, Tells("ruled"), Doc(id="Putusan", en="The ruling's decree")]
    official: Annotated[Official, Doc(id="Pejabat yang memutus", en="Official who decided")]
    sanction: (
        Annotated[
            str,
            Code("sanctions"),
            Doc(id="Hukuman baru, bila berubah", en="New sanction, if changed", example="demotion_one_level_12m"),
        ]
        | None
    ) = None
    delivery: Annotated[Delivered, Tells("ruling_delivered"), Doc(id="Penyampaian", en="Delivery")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Annulment(Act):
    """annul: the sanction was annulled; the case ends."""

    decision: Annotated[Decree, Tells("ruled"), Doc(id="Putusan pembatalan", en="Decree that annuls it")]
    official: Annotated[Official, Doc(id="Pejabat yang memutus", en="Official who decided")]


# --- what each requires ---------------------------------------------------------------------------------------------


def rules_on(case: CaseView) -> Party:
    """Who rules on the contest that is open; of a lawsuit the addressee records what the court decided."""
    contest = case.facts.get("contest") or {}
    return Party.APPEAL_BOARD if contest.get("kind") == "appeal" else Party.ADDRESSEE


def settled_by_whose_turn_it_is(case: CaseView, given: Any) -> Refusal | None:
    """Nobody rules on a contest that lies before another."""
    if rules_on(case) in case.acts_as:
        return None
    return Refusal(
        "not-yours-to-settle",
        "Upaya ini diputus oleh pihak lain: keberatan oleh instansi penerima rekomendasi (yang juga mencatat putusan "
        "pengadilan), banding administratif oleh BPASN.",
        "This contest lies before another: objections before the addressee (who also records what a court decided), "
        "appeals before the appeal board.",
        pointer="#/contest/kind",
    )


def binds_whoever_decides(case: CaseView, given: Any) -> Refusal | None:
    """What a ruling binds is changed by a court only: any other contest ends without a decision on it."""
    if there(case.facts["contest"])["kind"] == "lawsuit" or getattr(given, "ruling", "") in NOT_RULED_ON:
        return None
    return not_bound(case, given)


def sanction_goes_with_the_ruling(case: CaseView, given: Settlement) -> Iterable[Refusal]:
    """A new sanction exactly where the ruling changes it; only then there is something to deliver."""
    if given.sanction is None and given.ruling in CHANGING:
        yield Refusal(
            "sanction-missing",
            "Putusan ini mengubah hukuman; sebutkan hukuman yang baru pada sanction.",
            "This ruling changes the sanction; name the new one under sanction.",
            pointer="#/sanction",
        )
    if given.sanction is not None and given.ruling not in CHANGING | {DEEMED_GRANTED}:
        yield Refusal(
            "sanction-not-expected",
            "Putusan ini tidak mengubah hukuman; kosongkan sanction, atau pilih putusan yang mengubahnya.",
            "This ruling does not change the sanction; leave sanction out, or choose a ruling that changes it.",
            pointer="#/sanction",
        )
    if given.sanction is None and given.delivery is not None:
        yield Refusal(
            "delivery-not-expected",
            "Hukuman tidak berubah, sehingga tidak ada keputusan baru yang disampaikan; kosongkan delivery.",
            "The sanction stays as it is, so that there is nothing new to deliver; leave delivery out.",
            pointer="#/delivery",
        )


def ruling_is_borne_out(case: CaseView, given: Settlement) -> Refusal | None:
    """Lightened is lighter, aggravated heavier, changed another; what was granted is not heavier."""
    if given.sanction is None or given.ruling not in CHANGING | {DEEMED_GRANTED}:
        return None
    old, new = there(case.facts["sanction"])["sanction"], given.sanction
    before, after = weight(case, old), weight(case, new)
    agrees = {
        "lightened": after < before,
        "aggravated": after > before,
        "changed": new != old,
        DEEMED_GRANTED: new != old and after <= before,
    }
    if agrees[given.ruling]:
        return None
    return Refusal(
        "ruling-contradicts",
        f"Hukuman baru ({new}) tidak cocok dengan amar {given.ruling} terhadap hukuman semula ({old}).",
        f"The new sanction ({new}) does not agree with the ruling {given.ruling} on the earlier one ({old}).",
        pointer="#/sanction",
    )


# --- what becomes of the file ---------------------------------------------------------------------------------------


def _history(case: CaseView, *, ruling: str, decision: Decree) -> Changes:
    """The contest leaves its place and stays in the history, with what was ruled."""
    done: SettledContest = {
        **there(case.facts["contest"]),
        "ruling": ruling,
        "decision": decree_of(decision),
        "settled_on": case.today.isoformat(),
    }
    return {
        "contest": None,
        "contests": [*case.facts.get("contests", ()), done],
        "warnings": warned(case.facts, LATE_WARNINGS),
    }


def contest_settled(case: CaseView, given: Settlement) -> Changes:
    """The contest is history; a changed sanction is a new version, for the reason that a ruling ordered it."""
    if voids_by_silence(given):
        return undone(case, ruling=given.ruling, decision=given.decision)
    kind = there(case.facts["contest"])["kind"]
    changes = _history(case, ruling=given.ruling, decision=given.decision)
    changes["warnings"] = warned(changes, SILENCE_WARNINGS, silence_warning(case, given))
    bound = bound_by(case.facts, ruling=given.ruling, decision=decree_of(given.decision))
    if given.sanction is None:
        if bound != binding(case.facts):
            # It was upheld: nothing is left to file against it but with a court.
            changes["sanction"] = {**there(case.facts["sanction"]), "bound_by": bound, "remedy_until": None}
        return changes
    sanction = imposed(
        case,
        sanction=given.sanction,
        decision=given.decision,
        stated_on=given.decision.effective_on,
        delivered_on=given.delivery.delivered_on if given.delivery else None,
        # A ruling does not hear the officer again: how they were heard stays said.
        examination=there(case.facts["sanction"]).get("examination"),
        reason={"code": "ordered_by_ruling", "text": None},
        ruling={"kind": kind, "ruling": given.ruling},
        bound_by=bound,
    )
    sanction["delivery_document"] = proof_of(given.delivery)
    return {
        **changes,
        "sanction": sanction,
        "sanction_versions": superseded(case, kind=kind, decision=given.decision),
        "warnings": warned(changes, EFFECT_WARNINGS, effect_warnings(case, sanction)),
    }


def annulled(case: CaseView, given: Annulment) -> Changes:
    """The sanction stays in the file, marked annulled by that decree."""
    return undone(case, ruling="annulled", decision=given.decision)


def undone(case: CaseView, *, ruling: str, decision: Decree) -> Changes:
    """The sanction was annulled, by a ruling or by silence: it stays in the file, marked so."""
    by: AnnulledBy = {"kind": there(case.facts["contest"])["kind"], "decision": decree_of(decision)}
    return {
        **_history(case, ruling=ruling, decision=decision),
        "sanction": {
            **there(case.facts["sanction"]),
            "bound_by": bound_by(case.facts, ruling=ruling, decision=by["decision"]),
            "annulled_on": decision.date.isoformat(),
            "annulled_by": by,
        },
        "closing": {"decision": by["decision"]},
    }


def settled_to(case: CaseView, given: Settlement) -> State:
    """Back to whoever delivers or reviews what stands; closed where silence left nothing standing."""
    return State.CLOSED if voids_by_silence(given) else State.SANCTION_REPORTED


def opened_by_ruling(case: CaseView, given: Settlement) -> Referral:
    """A changed sanction is delivered first; whatever the officer holds already is reviewed."""
    if given.sanction is None:
        return Referral(to=Party.EXAMINER, purpose="review")
    if given.delivery is None:
        return Referral(to=Party.ADDRESSEE, purpose="deliver", runs_from=lambda case, given: given.decision.date)
    return Referral(to=Party.EXAMINER, purpose="review", runs_from=review_starts_after_ruling)


def review_starts_after_ruling(case: CaseView, given: Settlement) -> date:
    """Review is counted from the end of what may still be filed against the new version, else from its delivery."""
    return review_counted_from(there(contest_settled(case, given)["sanction"])) or given.decision.date


def appeal_board_where_the_ruling_dismisses(case: CaseView, given: Settlement) -> tuple[Party, ...]:
    """A sanction that was aggravated to a dismissal may be appealed: the board sees the file from then on."""
    if given.sanction is None:
        return ()
    decision = given.decision
    remedy = remedy_of(case, given.sanction, decided_on=decision.date, imposed_by=decision.imposed_by)
    return (Party.APPEAL_BOARD,) if remedy == "appeal" else ()


# --- the rows -------------------------------------------------------------------------------------------------------

REMEDY = (
    Transition(
        name="contest",
        title_id="Upaya administratif atau gugatan diajukan",
        title_en="Sanction contested",
        source=(State.SANCTION_REPORTED,),
        target=State.CONTESTED,
        by=(Party.ADDRESSEE, Party.APPEAL_BOARD),
        takes=Contesting,
        requires=(delivered, something_may_still_be_filed, some_remedy_is_open),
        weighs=(
            lodged_where_it_belongs,
            not_settled_before,
            only_a_court_after_a_ruling,
            kind_is_the_remedy,
            there_is_a_board,
        ),
        records=contested,
        opens=opened_by_contest,
        announces="casefile.contested",
        article="PP 79/2021; UU 5/1986",
    ),
    Transition(
        name="settle",
        title_id="Upaya administratif atau gugatan diputus",
        title_en="Contest settled",
        source=(State.CONTESTED,),
        target=settled_to,
        target_states=(State.SANCTION_REPORTED, State.CLOSED),
        outcome="annulled",
        by=(Party.ADDRESSEE, Party.APPEAL_BOARD),
        takes=Settlement,
        requires=(settled_by_whose_turn_it_is,),
        weighs=(
            binds_whoever_decides,
            silence_has_lasted,
            sanction_goes_with_the_ruling,
            sanction_fits_employment,
            ruling_is_borne_out,
        ),
        records=contest_settled,
        opens=opened_by_ruling,
        grants=appeal_board_where_the_ruling_dismisses,
        announces="casefile.contest_settled",
        article="PP 79/2021; UU 5/1986",
    ),
    Transition(
        name="annul",
        title_id="Hukuman dibatalkan",
        title_en="Sanction annulled",
        source=(State.CONTESTED,),
        target=State.CLOSED,
        outcome="annulled",
        by=(Party.ADDRESSEE, Party.APPEAL_BOARD),
        takes=Annulment,
        requires=(settled_by_whose_turn_it_is, binds_whoever_decides),
        records=annulled,
        announces="casefile.annulled",
        article="PP 79/2021; UU 5/1986",
    ),
)
