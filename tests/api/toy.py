"""A small API that stands behind the door in its tests: documents may be created, renumbered and listed."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from agencies.actor import Actor
from agencies.models import Client
from api.contract.pages import problem_list, problem_page
from api.http import pagination
from api.http.idempotency import Answer, Owner, once
from api.http.problems import Problem
from api.http.queries import Counted, Writing
from api.http.view import DoorRequest, DoorView, answer, identifier, shown
from casefiles.models import Document
from casefiles.shapes import Date, Doc, NotAfterToday, Text
from casefiles.transitions.unit import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A document as the toy takes it."""

    number: Annotated[str, Text(40), Doc(id="Nomor", en="Number", example="1/2024")]
    date: Annotated[Date, NotAfterToday()] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingList(Counted):
    number: Annotated[str, Text(40)] | None = None


class ToyAuthentication(BaseAuthentication):
    """`Bearer <client id> <scope> <scope>`: believes everybody."""

    def authenticate(self, request: Request) -> tuple[object, Actor]:
        words = request.headers.get("Authorization", "").split()
        if len(words) < 2:
            raise Problem("token-missing")
        client = Client.objects.select_related("agency").get(client_id=words[1])
        actor = Actor(
            client_pk=client.pk,
            client_id=client.client_id,
            agency_id=client.agency_id,
            agency_code=client.agency.code,
            agency_name=client.agency.name,
            roles=frozenset(client.agency.roles),
            scopes=frozenset(words[2:]),
            user_pk=client.user_id or 0,
            group_pk=client.agency.group_id,
            time_zone="Asia/Jakarta",
            ancestors=(),
            token_pk=0,
            key_thumbprint=None,
        )
        return client.user, actor


def _shown(thing: Document) -> dict[str, Any]:
    return {"id": thing.pk, "number": thing.number}


class Things(DoorView):
    """The list, and its growth."""

    authentication_classes = (ToyAuthentication,)
    required_scopes: ClassVar[Mapping[str, str | None]] = {"get": "documents:read", "post": "documents:write"}
    queries: ClassVar[Mapping[str, type[Any]]] = {"get": ThingList, "post": Writing}
    keyed = True

    def get(self, request: DoorRequest) -> HttpResponse:
        asked = request.asked(ThingList)
        mine = Document.objects.filter(owner=request.actor.agency_id)
        if asked.number:
            mine = mine.filter(number=asked.number)
        window = pagination.window(asked, path=request.path, agency=request.actor.agency_id)
        rows = pagination.after(mine, ("number", "pk"), window.after)[: window.fetch]
        body = pagination.page(
            list(rows),
            of=window,
            position=lambda thing: (thing.number, str(thing.pk)),
            shown=_shown,
            count=pagination.count(mine) if window.counts else None,
        )
        return shown(request, body)

    def post(self, request: DoorRequest) -> HttpResponse:
        def act(_: Unit, __: None) -> Answer:
            given = request.given(Thing)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(%s)", [float(request.headers.get("Toy-Slow", "0"))])
            thing = Document.objects.create(
                id=uuid.uuid4(),
                owner_id=request.actor.agency_id,
                type="other",
                number=given.number,
                date=given.date,
                media_type="application/pdf",
                size=1,
                sha256="0" * 64,
                signature_status="unknown",
                created_at=request.now,
            )
            return Answer(
                data=_shown(thing),
                owner=Owner("document", thing.pk),
                status=201,
                version=1,
                location=f"/api/v1/things/{thing.pk}",
                would={"number": given.number},
                warnings=["toy"],
                parting="Toy-Parting" in request.headers,
            )

        def sight(owner: Owner | None) -> None:
            if owner is not None and request.headers.get("Toy-Blind"):
                raise Problem("not-found")

        return once(request, act, sight=sight)


class OneThing(DoorView):
    """One of them."""

    authentication_classes = (ToyAuthentication,)
    required_scopes: ClassVar[Mapping[str, str | None]] = {"get": "documents:read", "post": "documents:write"}
    queries: ClassVar[Mapping[str, type[Any]]] = {"post": Writing}
    keyed = True
    versioned = True

    def get(self, request: DoorRequest, thing: str) -> HttpResponse:
        found = Document.objects.filter(pk=identifier(thing), owner=request.actor.agency_id).first()
        if found is None:
            raise Problem("not-found")
        return shown(request, _shown(found), version=9)

    def post(self, request: DoorRequest, thing: str) -> HttpResponse:
        return answer(b'{"version": %d}' % (request.expected_version or 0))


class Broken(DoorView):
    """Raises what no table knows, with something personal in its message."""

    authentication_classes = ()
    required_scopes: ClassVar[Mapping[str, str | None]] = {"get": None}

    def get(self, request: DoorRequest) -> HttpResponse:
        raise ZeroDivisionError("198501012010011001")


def broken_plain_view(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("198501012010011001")


urlpatterns = [
    path("api/v1/things", Things.as_view()),
    path("api/v1/things/<str:thing>", OneThing.as_view()),
    path("api/v1/things/<str:thing>/renumber", OneThing.as_view()),
    path("api/v1/broken", Broken.as_view()),
    path("api/v1/broken-plain", broken_plain_view),
    path("api/v1/problems", problem_list),
    path("problems/<str:code>", problem_page),
]
