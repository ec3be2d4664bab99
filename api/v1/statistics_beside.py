"""`/statistics/obligations`, `/statistics/disparity`, `/statistics/preventions`: who owes what, and what differs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar

from django.http import HttpResponse

from api.contract.operations import Operation
from api.http.view import DoorRequest, DoorView, shown
from api.v1 import presenting
from casefiles.catalogue.law import local_day
from casefiles.shapes import Code, Doc, Items
from casefiles.statistics import disparity, obligations, prevention

_SIGHT = {True: "all", False: "own"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationsQuery:
    """GET /statistics/obligations."""

    by: Annotated[
        tuple[obligations.By, ...],
        Items(1, 2, unique=True),
        Doc(id="Menurut apa, paling banyak dua", en="By what, two at most", example="agency"),
    ] = ("agency",)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisparityQuery:
    """GET /statistics/disparity."""

    by: Annotated[
        disparity.By,
        Doc(id="Menurut instansi atau jenis jabatan", en="By agency or kind of position", example="employer"),
    ] = "employer"
    form: Annotated[str, Code("violations"), Doc(id="Hanya bentuk ini", en="This form only")] | None = None
    election: Annotated[str, Code("elections"), Doc(id="Pemilihan", en="Election")] | None = None
    all: Annotated[
        bool,
        Doc(
            id="true: juga bentuk yang hukumannya sama",
            en="true: also forms for which all sanctions are the same",
            example=True,
        ),
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PreventionsBesideQuery:
    """GET /statistics/preventions."""

    by: Annotated[
        prevention.By,
        Doc(id="Menurut kantor, bulan, atau pemilihan", en="By office, month or election", example="office"),
    ] = "office"


class ObligationsView(DoorView):
    """Whose turn it is, how long turns took, and how late they are: a league table that spares nobody."""

    required_scopes: ClassVar = {"get": "casefiles:read"}
    recorded: ClassVar = ("get",)
    queries: ClassVar = {"get": ObligationsQuery}
    operations: ClassVar = {
        "get": Operation(
            "count_obligations",
            tag="statistics",
            id="Kewajiban: menunggu, terlambat, lamanya",
            en="Obligations: waiting, late, how long",
            description=(
                "Giliran semua pihak dalam perkara yang Anda lihat, yang paling terlambat dahulu; pemeriksa pun ada di "
                "dalamnya. Keterlambatan dihitung terhadap tenggat semula (`…_at_first`) dan tenggat yang terakhir "
                "ditetapkan. Lamanya dalam hari kalender, tanpa hari jeda yang diizinkan. Giliran yang salah alamat "
                "tidak dihitung. Keadaan saat ini, bukan pada suatu nomor log.\n\n"
                "The turns of all parties in the casefiles that you see, the most overdue first; an examiner who is "
                "late stands there as well. Lateness is told against the due day that was set first (`…_at_first`) and "
                "the one that was set last. Durations are calendar days, granted pauses taken off. Turns that were "
                "addressed wrongly do not count. As of now, not of an index of the log."
            ),
            answer="Obligations",
        )
    }

    def get(self, request: DoorRequest) -> HttpResponse:
        """The table; no casefile is named, and that somebody counted is recorded."""
        asked = request.asked(ObligationsQuery)
        rows = obligations.obligations(request.actor, by=asked.by, now=request.now)
        presenting.record_access(request, route="/statistics/obligations", shown=())
        return shown(
            request,
            {
                "by": list(asked.by),
                "sight": _SIGHT[request.actor.is_auditor],
                "at": request.now,
                "data": [_obligation(asked.by, row) for row in rows],
            },
        )


class DisparityView(DoorView):
    """The same form of violation, different sanctions."""

    required_scopes: ClassVar = {"get": "casefiles:read"}
    recorded: ClassVar = ("get",)
    queries: ClassVar = {"get": DisparityQuery}
    operations: ClassVar = {
        "get": Operation(
            "compare_sanctions",
            tag="statistics",
            id="Bentuk sama, hukuman berbeda",
            en="Same form, different sanction",
            description=(
                "Hukuman yang berlaku sekarang, menurut bentuk pelanggaran, lalu menurut instansi atau jenis jabatan, "
                "beserta bandingannya dengan rekomendasi. Tidak untuk diumumkan: angkanya tidak ditahan.\n\n"
                "Sanctions in force now, by form of violation, then by agency or kind of position, with how they "
                "compare with what was recommended. Not for publication: nothing is withheld."
            ),
            answer="Disparity",
        )
    }

    def get(self, request: DoorRequest) -> HttpResponse:
        """The forms, those with one sanction only where they are asked for."""
        asked = request.asked(DisparityQuery)
        forms = disparity.disparity(
            request.actor, by=asked.by, form=asked.form, election=asked.election, with_one=asked.all
        )
        presenting.record_access(request, route="/statistics/disparity", shown=())
        data = [
            {
                "form": form.form,
                "sanctions": _counted(form.sanctions, "sanction"),
                "groups": [
                    {
                        "key": group.key,
                        "name": group.name,
                        "sanctions": _counted(group.sanctions, "sanction"),
                        "comparisons": _counted(group.comparisons, "comparison"),
                    }
                    for group in form.groups
                ],
            }
            for form in forms
        ]
        return shown(request, {"by": asked.by, "sight": _SIGHT[request.actor.is_auditor], "data": data})


class PreventionsBesideView(DoorView):
    """What was prevented beside what was found."""

    required_scopes: ClassVar = {"get": "casefiles:read"}
    recorded: ClassVar = ("get",)
    queries: ClassVar = {"get": PreventionsBesideQuery}
    operations: ClassVar = {
        "get": Operation(
            "count_preventions",
            tag="statistics",
            id="Pencegahan di samping pelanggaran",
            en="Prevention beside violations",
            description=(
                "Pencegahan menurut hari diadakannya, temuan dan perkara menurut hari registernya. Berdampingan tidak "
                "berarti yang satu menyebabkan yang lain.\n\nPreventions by the day on which they were held, findings "
                "and casefiles by the day of the register. Side by side does not mean that one brought the other about."
            ),
            answer="PreventionsBeside",
        )
    }

    def get(self, request: DoorRequest) -> HttpResponse:
        """By key, in a fixed order."""
        asked = request.asked(PreventionsBesideQuery)
        rows = prevention.beside(request.actor, by=asked.by, on=local_day(request.now, request.actor.time_zone))
        presenting.record_access(request, route="/statistics/preventions", shown=())
        return shown(
            request,
            {"by": asked.by, "sight": _SIGHT[request.actor.is_auditor], "data": [asdict(row) for row in rows]},
        )


def _obligation(by: tuple[str, ...], row: obligations.Obligation) -> dict[str, Any]:
    told = asdict(row)
    key, name = told.pop("key"), told.pop("name")
    named = {one: {"code": part, "name": name} if one == "agency" else part for one, part in zip(by, key, strict=True)}
    return {"key": named, **told}


def _counted(numbers: Any, called: str) -> list[dict[str, Any]]:
    return [{called: code, "casefiles": number} for code, number in numbers.items()]
