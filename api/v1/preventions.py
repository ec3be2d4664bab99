"""`/preventions`: record what was done before anything happened, read it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse

from agencies import queries as directory
from api.contract.operations import Operation
from api.http import pagination
from api.http.idempotency import Answer, Owner, once, owner_seen
from api.http.idempotency_key import request_facts
from api.http.problems import Problem
from api.http.queries import Paged, Writing
from api.http.view import DoorRequest, DoorView, identifier, shown
from api.v1 import presenting
from casefiles.intake import preventions
from casefiles.intake.preventions import PreventionFilters, PreventionGiven
from casefiles.models import Prevention
from casefiles.queries import PreventionQuerySet
from casefiles.transitions.unit import Unit


@dataclass(frozen=True, kw_only=True)
class PreventionList(PreventionFilters, Paged):
    """GET /preventions."""


class PreventionsView(DoorView):
    """Record a prevention, or list those the caller may see."""

    required_scopes: ClassVar = {"get": "casefiles:read", "post": "findings:write"}
    recorded: ClassVar = ("get",)
    queries: ClassVar = {"get": PreventionList, "post": Writing}
    operations: ClassVar = {
        "get": Operation(
            "list_preventions", tag="preventions", id="Daftar pencegahan", en="Preventions", answer="PreventionPage"
        ),
        "post": Operation(
            "record_prevention",
            tag="preventions",
            id="Catat pencegahan",
            en="Record a prevention",
            description=(
                "Sosialisasi, surat imbauan, atau peringatan lisan oleh kantor sendiri atau di bawahnya. Pemeriksa "
                "melihat pada perkara bahwa terlapor pernah diperingatkan.\n\nA socialisation, a letter or a warning "
                "by one's own office or one below it. In a casefile the examiner sees that its officer had been warned."
            ),
            body=PreventionGiven,
            answer="PreventionRecorded",
            status=201,
            tagged=True,
            located=True,
            refuses=("wrong-party", "not-your-office"),
        ),
    }
    keyed: ClassVar = True

    def get(self, request: DoorRequest) -> HttpResponse:
        """One page, newest first; nobody's name stands in it."""
        asked = request.asked(PreventionList)
        window = pagination.window(asked, path=request.path, agency=request.actor.agency_id)
        rows = preventions.preventions_seen(request.actor, asked, now=request.now)
        page = list(pagination.after(rows, ("-pk",), window.after)[: window.fetch])
        body = pagination.page(page, of=window, position=lambda row: (str(row.pk),), shown=_public)
        presenting.record_access(request, route="/preventions", shown=[UUID(item["id"]) for item in body["data"]])
        return shown(request, body)

    def post(self, request: DoorRequest) -> HttpResponse:
        """Record it; like a document it moves no casefile."""

        def act(_: Unit, __: None) -> Answer:
            given = request.given(PreventionGiven)
            sealed = preventions.record(
                actor=request.actor, given=given, now=request.now, request=request_facts(request)
            )
            return Answer(
                data={
                    **_whole(request, _visible(request).get(pk=sealed.stream)),
                    "receipt": presenting.receipt(sealed),
                },
                owner=Owner("prevention", sealed.stream),
                status=201,
                version=1,
                location=f"{presenting.API}/preventions/{sealed.stream}",
            )

        return once(request, act, sight=owner_seen(lambda: _visible(request)))


class PreventionView(DoorView):
    """One prevention."""

    required_scopes: ClassVar = {"get": "casefiles:read"}
    recorded: ClassVar = ("get",)
    operations: ClassVar = {
        "get": Operation(
            "read_prevention", tag="preventions", id="Satu pencegahan", en="One prevention", answer="Prevention",
            tagged=True,
        )
    }  # fmt: skip

    def get(self, request: DoorRequest, prevention: str) -> HttpResponse:
        """What was done and whom it named; an agency it was addressed to reads of its own officers only."""
        ident = identifier(prevention)
        row = _visible(request).filter(pk=ident).first()
        if row is None:
            raise Problem("not-found")
        data = _whole(request, row)
        presenting.record_access(request, route="/preventions/{id}", shown=[ident])
        return shown(request, data, version=1)


def _visible(request: DoorRequest) -> PreventionQuerySet:
    return preventions.visible_preventions(request.actor, now=request.now)


def _public(row: Prevention) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "held_on": row.held_on,
        "office": {"code": row.office.code, "name": row.office.name},
        "election": row.election or None,
        "region": row.region or None,
        "addressed": {"code": row.addressed.code, "name": row.addressed.name} if row.addressed else None,
        "created_at": row.created_at,
        "href": f"{presenting.API}/preventions/{row.pk}",
    }


def _whole(request: DoorRequest, row: Any) -> dict[str, Any]:
    content, named = preventions.content_of(row.pk)
    seen = preventions.officers_for(request.actor, named, sees_all=row.sees_all)
    names = directory.names({officer["employer"] for officer in seen if officer["employer"]})
    return {
        **_public(row),
        "audience": content.get("audience"),
        "letter": presenting.in_order(content.get("letter"), ("number", "date", "document")),
        "officers": [
            {
                "nip": officer["nip"],
                "name": officer["name"],
                "employer": presenting.named(officer["employer"], names),
            }
            for officer in seen
        ],
        "text": content.get("text"),
        "withheld": ["#/officers"] if len(seen) < len(named) else [],
    }
