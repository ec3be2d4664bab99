"""`/events`: the feed, gap-free and in log order; a caller may wait up to 30 s for the next event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from api.contract.operations import Operation
from api.http import authentication, quotas, waiting
from api.http.problems import Problem
from api.http.queries import DEFAULT_LIMIT
from api.http.view import DoorRequest, DoorView, answer
from api.v1 import presenting
from casefiles.shapes import Between, Doc
from casefiles.sight import feed

BUSY_FOR = 2
"""Seconds after which a caller may ask again who found all places to wait taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsQuery:
    """GET /events."""

    after: Annotated[
        int,
        Between(-1, 10**15 - 1),
        Doc(
            id="Sesudah nomor ini; next_after halaman sebelumnya; -1: dari awal",
            en="After this index; next_after of the page before; -1: from the beginning",
            example=10483,
        ),
    ] = -1
    limit: Annotated[int, Between(1, 500), Doc(id="Butir per halaman", en="Items per page", example=100)] = (
        DEFAULT_LIMIT
    )
    wait: Annotated[
        int,
        Between(0, 30),
        Doc(
            id="Menunggu sekian detik bila belum ada apa-apa", en="Wait so many seconds if there is nothing", example=0
        ),
    ] = 0


class EventsView(DoorView):
    """What happened in the casefiles the caller sees, as CloudEvents."""

    required_scopes: ClassVar = {"get": "events:read"}
    queries: ClassVar = {"get": EventsQuery}
    operations: ClassVar = {
        "get": Operation(
            "list_events",
            tag="events",
            id="Ikuti peristiwa",
            en="Follow the events",
            description=(
                "Simpan `next_after`, lalu minta lagi dengan `after` itu. `previous` tiap butir adalah nomor butir "
                "Anda sebelumnya: bila tidak cocok, ada yang terlewat. Isinya hanya id; baca perkaranya lewat `href`. "
                "Butir yang mengakhiri hak lihat Anda adalah butir terakhir, dengan `turn` null. Bila `source` "
                "berubah, log bercabang: mulai lagi dari nomor yang disebut operator.\n\n"
                "Keep `next_after` and ask again with it as `after`. Each item's `previous` is the index of your item "
                "before: if they do not match, one was missed. Items hold ids only; read the casefile at `href`. The "
                "item that ends your sight of a casefile is the last one of it, with `turn` null. An answer with "
                "`Retry-After` did not wait, because too many were waiting already. When `source` changes, the log was "
                "forked: begin again from the index that the operator names."
            ),
            answer="EventPage",
            refuses=("beyond-head", "too-many-waiters"),
        )
    }

    def get(self, request: DoorRequest) -> HttpResponse:
        """One page; an empty one where the wait was in vain. It holds ids only, so no read is recorded."""
        asked = request.asked(EventsQuery)

        def read() -> feed.Page:
            return feed.page(
                agency=request.actor.agency_id,
                after=asked.after,
                limit=asked.limit,
                base_url=settings.LINTAS_BASE_URL,
                casefiles=f"{presenting.API}/casefiles/",
            )

        page, retry_after = read(), 0
        if asked.after > page.head:
            raise Problem("beyond-head", params={"head": page.head})
        if asked.wait and not page.count and request.method != "HEAD":
            actor = request.actor
            places = settings.LINTAS_FEED_WAITERS
            with waiting.watcher.place(actor.agency_id, client=actor.client_pk, of=places) as is_free:
                if is_free:
                    page = waiting.wait(
                        page,
                        whose=quotas.holder_of(actor),
                        agency=actor.agency_id,
                        seconds=asked.wait,
                        read=read,
                        gone=request.META.get("lintas.gone"),
                    )
                    if page.count:
                        # Who may not read any more is told nothing of what has happened meanwhile.
                        request.auth = authentication.again(request, now=timezone.now())
                        self._check_scope(request, "get")
                else:
                    retry_after = BUSY_FOR
        response = answer(_body(page, asked, request.path))
        if retry_after:
            response["Retry-After"] = str(retry_after)
        return response


def _body(page: feed.Page, asked: EventsQuery, path: str) -> bytes:
    following = {"after": page.next_after}
    if asked.limit != DEFAULT_LIMIT:
        following["limit"] = asked.limit
    if asked.wait:
        following["wait"] = asked.wait
    link = f"{path}?{urlencode(following)}"
    return (
        f'{{"data": {page.items}, "next_after": {page.next_after}, "next": "{link}", "head": {page.head}}}'
    ).encode()
