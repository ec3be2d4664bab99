"""`/statistics`: how many, of what, as of which place in the log, within whose sight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from django.http import HttpResponse

from api.contract.operations import Operation
from api.http.language import Language
from api.http.problems import ErrorItem, Problem
from api.http.view import DoorRequest, DoorView, shown
from api.v1 import presenting
from casefiles.shapes import AgencyCode, Between, Code, Date, Doc, Items
from casefiles.sight.casefiles import Outcomes, States
from casefiles.statistics import count, measures, sbt
from casefiles.statistics.count import Counted, Line, Question
from casefiles.statistics.disclosure import THRESHOLD
from casefiles.statistics.keys import FILTERS
from casefiles.statistics.measures import AGENCIES, DimensionName, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsQuery:
    """GET /statistics."""

    unit: Annotated[Unit, Doc(id="Satuan yang dihitung", en="What is counted", example="casefiles")] = "casefiles"
    by: Annotated[
        tuple[DimensionName, ...],
        Items(1, 2, unique=True),
        Doc(id="Paling banyak dua dimensi", en="Two dimensions at most", example="employer,outcome"),
    ] = ()
    as_of: (
        Annotated[
            int,
            Between(0, 10**15 - 1),
            Doc(
                id="Nomor log: keadaan sesudah entri itu; kosong: yang terbaru",
                en="Index of the log: as things stood after that entry; left out: the newest",
                example=10481,
            ),
        ]
        | None
    ) = None
    publish: Annotated[
        bool,
        Doc(
            id="true: bentuk untuk pers dan publik, tanpa sel 1-4; paling banyak satu dimensi, selain state, outcome, "
            "overdue, data_block, sanction, reason, lateness, sbt_status",
            en="true: the form for press and public, without cells of 1-4; one dimension at most, other than state, "
            "outcome, overdue, data_block, sanction, reason, lateness, sbt_status",
            example=True,
        ),
    ] = False
    state: States = ()
    outcome: Outcomes = ()
    election: Annotated[str, Code("elections"), Doc(id="Pemilihan", en="Election")] | None = None
    form: Annotated[str, Code("violations"), Doc(id="Bentuk", en="Form")] | None = None
    violation_class: Annotated[str, Code("violation_class"), Doc(id="Golongan", en="Class")] | None = None
    submitter: Annotated[AgencyCode, Doc(id="Pengirim", en="Submitter")] | None = None
    examiner: Annotated[AgencyCode, Doc(id="Pemeriksa", en="Examiner")] | None = None
    employer: Annotated[AgencyCode, Doc(id="Instansi pegawai", en="Employer")] | None = None
    submitted_from: (
        Annotated[
            Date,
            Doc(
                id="Tercatat masuk sejak hari ini, Asia/Jakarta",
                en="Recorded from this day on, in Asia/Jakarta",
                example="2024-09-01",
            ),
        ]
        | None
    ) = None
    submitted_until: (
        Annotated[
            Date,
            Doc(
                id="Tercatat masuk sebelum hari ini, Asia/Jakarta",
                en="Recorded before this day, in Asia/Jakarta",
                example="2024-12-01",
            ),
        ]
        | None
    ) = None


class StatisticsView(DoorView):
    """Numbers that say what they count."""

    required_scopes: ClassVar = {"get": "casefiles:read"}
    recorded: ClassVar = ("get",)
    queries: ClassVar = {"get": StatisticsQuery}
    operations: ClassVar = {
        "get": Operation(
            "count_casefiles",
            tag="statistics",
            id="Hitung perkara, temuan, atau pegawai",
            en="Count casefiles, findings or officers",
            description=(
                "Angka selalu menyebut satuan, definisi, nomor log, dan hak lihat yang dipakai. Pertanyaan yang sama "
                "pada `as_of` yang sama selalu memberi angka yang sama selama hak lihat tidak berubah; `digest` "
                "membandingkannya lewat telepon. Simpan `as_of.index` bersama angkanya bila mengutip.\n\n"
                "Numbers always say their unit, definitions, index of the log and whose sight they were counted with. "
                "The same question at the same `as_of` has the same numbers for as long as sight does not change; "
                "`digest` compares them by phone. Whoever quotes a number keeps `as_of.index` with it."
            ),
            answer="Statistics",
            refuses=("beyond-head",),
        )
    }

    def get(self, request: DoorRequest) -> HttpResponse:
        """The numbers; no casefile is named, and that somebody counted is recorded."""
        asked = request.asked(StatisticsQuery)
        question = _question(asked)
        counted = count.count(question, actor=request.actor)
        presenting.record_access(request, route="/statistics", shown=())
        return shown(request, _body(request, question, counted))


def _question(asked: StatisticsQuery) -> Question:
    """What was asked, for the domain. Raises Problem `invalid-query`."""
    errors = []
    if asked.publish and len(asked.by) > 1:
        errors.append(ErrorItem("published-by-one-dimension", parameter="by"))
    if asked.publish:
        # As a filter, one code after the other, it would make up the same table.
        named = [("by", name) for name in asked.by] + [(name, name) for name in FILTERS if getattr(asked, name)]
        errors += [
            ErrorItem(
                "not-published-by-standing",
                parameter=parameter,
                params={"dimension": name, "measures": ", ".join(measures.STANDING[name])},
            )
            for parameter, name in named
            if name in measures.STANDING
        ]
    if asked.submitted_from and asked.submitted_until and asked.submitted_until <= asked.submitted_from:
        errors.append(ErrorItem("period-is-empty", parameter="submitted_until"))
    if errors:
        raise Problem("invalid-query", errors=errors)
    given = {name: value for name in FILTERS if (value := getattr(asked, name))}
    return Question(
        unit=asked.unit,
        by=asked.by,
        filters={name: (value,) if isinstance(value, str) else tuple(map(str, value)) for name, value in given.items()},
        submitted_from=asked.submitted_from,
        submitted_until=asked.submitted_until,
        as_of=asked.as_of,
        publish=asked.publish,
    )


def _body(request: DoorRequest, question: Question, counted: Counted) -> dict[str, Any]:
    actor = request.actor
    return {
        "unit": question.unit,
        "by": list(question.by),
        "filters": question.plain(),
        "publish": question.publish,
        "as_of": {"index": counted.index, "at": counted.recorded_at},
        "head": counted.head,
        "sight": "all" if actor.is_auditor else "own",
        "counted_for": {"code": actor.agency_code, "name": actor.agency_name},
        "definitions": _definitions(question, request.language),
        "totals": {**counted.totals.numbers, "suppressed": counted.totals.suppressed},
        "data": [_row(question, line, counted) for line in counted.rows],
        "merged": counted.merged,
        "erased": counted.erased,
        "suppressed_below": THRESHOLD if question.publish else None,
        "digest": counted.digest,
    }


def _row(question: Question, line: Line, counted: Counted) -> dict[str, Any]:
    key = {
        name: presenting.named(part, counted.names)
        if name in AGENCIES and (part is None or isinstance(part, str))
        else part
        for name, part in zip(question.by, line.key, strict=True)
    }
    return {"key": key, **line.numbers, "suppressed": line.suppressed}


def _definitions(question: Question, language: Language) -> dict[str, Any]:
    def text(definition: measures.Definition) -> str:
        return definition.en if language == "en" else definition.id

    return {
        "edition": measures.EDITION,
        "unit": next(text(unit) for unit in measures.UNITS if unit.code == question.unit),
        "dimensions": [
            {"code": dimension.code, "text": text(dimension)}
            for dimension in measures.DIMENSIONS
            if dimension.code in question.by
        ],
        "measures": [{"code": measure.code, "text": text(measure)} for measure in measures.measures_of(question.unit)],
        "merged": text(measures.MERGED),
        "words": [
            {
                "code": word.code,
                "label": word.label_en if language == "en" else word.label_id,
                "states": list(word.states),
                "outcomes": list(word.outcomes),
                "reasons": list(word.reasons),
                "certainty": word.certainty,
                "source": word.source,
            }
            for word in (sbt.words() if "sbt_status" in question.by else ())
        ],
    }
