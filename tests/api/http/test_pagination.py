"""Pages by keyset: complete, in order, and a cursor good only for whom and what it was made."""

import json
import uuid
from typing import Any

import pytest
from django.db.models.query import QuerySet
from django.utils import timezone

from agencies.models import Client
from api.http import pagination
from api.http.problems import Problem
from api.http.queries import Counted, Paged
from casefiles.models import Document
from tests import callers
from tests.api.conftest import Caller


def things(count: int, client_id: str = "padang-pengawasan") -> list[uuid.UUID]:
    owner = Client.objects.get(client_id=client_id).agency
    now = timezone.now()
    made = [
        Document(
            id=uuid.uuid4(), owner=owner, type="other", number=f"{place // 3:04}", media_type="application/pdf",
            size=place % 2, sha256="0" * 64, signature_status="unknown", created_at=now,
        )
        for place in range(count)
    ]  # fmt: skip
    Document.objects.bulk_create(made)
    return [one.pk for one in sorted(made, key=lambda one: (one.number, one.pk))]


def walk(call: Caller, path: str | None) -> list[dict[str, Any]]:
    pages: list[dict[str, Any]] = []
    while path:
        answered = call("GET", path)
        assert answered.status_code == 200, answered.content
        pages.append(json.loads(answered.content))
        path = pages[-1]["next"]
    return pages


def test_a_walk_through_the_pages_sees_every_row_once_in_order(padang: Caller) -> None:
    made = things(23)
    pages = walk(padang, "/api/v1/things?limit=5")
    assert [uuid.UUID(one["id"]) for page in pages for one in page["data"]] == made
    assert [len(page["data"]) for page in pages] == [5, 5, 5, 5, 3]
    assert pages[-1]["next"] is pages[-1]["next_cursor"] is None
    assert "count" not in pages[0]
    assert f"cursor={pages[0]['next_cursor']}" in pages[0]["next"]


def test_a_last_page_that_is_just_full_has_no_next(padang: Caller) -> None:
    things(10)
    assert [len(page["data"]) for page in walk(padang, "/api/v1/things?limit=5")] == [5, 5]


def test_rows_that_come_and_go_meanwhile_neither_double_nor_hide_others(padang: Caller) -> None:
    made = things(10)
    first = json.loads(padang("GET", "/api/v1/things?limit=4").content)
    things(2)
    rest = walk(padang, first["next"])
    seen = [uuid.UUID(one["id"]) for page in (first, *rest) for one in page["data"]]
    assert len(seen) == len(set(seen))
    assert set(made) <= set(seen)


def test_a_count_comes_when_asked_and_stops_at_its_cap(padang: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    things(7)
    assert json.loads(padang("GET", "/api/v1/things?count=exact&limit=1").content)["count"] == {
        "value": 7,
        "capped": False,
    }
    monkeypatch.setattr(pagination, "COUNT_CAP", 6)
    assert pagination.count(Document.objects.all()) == {"value": 6, "capped": True}


def test_a_cursor_is_good_for_its_filters_its_list_and_its_agency_only(padang: Caller) -> None:
    things(6)
    cursor = json.loads(padang("GET", "/api/v1/things?limit=2").content)["next_cursor"]
    assert padang("GET", f"/api/v1/things?cursor={cursor}&limit=3").status_code == 200
    refused = padang("GET", f"/api/v1/things?cursor={cursor}&number=0001")
    assert (refused.status_code, json.loads(refused.content)["code"]) == (400, "invalid-cursor")
    with callers.as_owner():
        callers.register_agency("bawaslu-kota-solok")
        callers.register_system("solok", agency="bawaslu-kota-solok")
    assert Caller("solok")("GET", f"/api/v1/things?cursor={cursor}").status_code == 400


def window(cursor: str | None, **changed: Any) -> pagination.Window:
    return pagination.window(Paged(cursor=cursor), **{"path": "/x", "agency": 1, **changed})


def made_cursor() -> str:
    body = pagination.page(
        list(range(101)), of=window(None), position=lambda row: (row, "é"), shown=lambda row: row, linked=False
    )
    assert body["next"] is None
    return str(body["next_cursor"])


def test_every_change_to_a_cursor_is_noticed() -> None:
    cursor = made_cursor()
    assert window(cursor).after == (99, "é")
    for place in range(len(cursor)):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        with pytest.raises(Problem, match="invalid-cursor"):
            window(changed)
    for garbage in ("", "c1", "c1..", "c2." + cursor[3:], cursor[3:], cursor + "=", "é" * 9, cursor[:-4], "c1.a.b.c"):
        with pytest.raises(Problem, match="invalid-cursor"):
            window(garbage)
    for other in ({"path": "/y"}, {"agency": 2}, {"filters": {"nip": "1"}}):
        with pytest.raises(Problem, match="invalid-cursor"):
            window(cursor, **other)


def test_a_cursor_outlives_the_key_it_was_sealed_with(settings: Any) -> None:
    cursor = made_cursor()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret of more than thirty-two characters"
    assert window(cursor).after == (99, "é")
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Problem):
        window(cursor)


def test_a_cursor_reveals_no_filter() -> None:
    sealed = pagination.page(
        [1, 2],
        of=pagination.window(Counted(limit=1), path="/x", agency=1, filters={"nip": "198501012010011001"}),
        position=lambda row: (row,),
        shown=lambda row: row,
    )
    assert "nip" not in json.dumps(sealed)


def sql(rows: QuerySet[Document]) -> str:
    return str(rows.query)


def test_the_next_page_is_sought_never_counted_off() -> None:
    begun = sql(
        pagination.after(
            Document.objects.all(), ("-created_at", "pk"), ("2024-10-03T00:00:00+00:00", str(uuid.uuid4()))
        )
    )
    assert "OFFSET" not in begun
    assert "<=" in begun
    assert sql(pagination.after(Document.objects.all(), ("number", "pk"), None)).count("WHERE") == 0


def test_three_fields_are_compared_like_words_in_a_dictionary(padang: Caller) -> None:
    things(12)
    fields = ("number", "-size", "pk")
    rows = list(pagination.after(Document.objects.all(), fields, None))
    for place, row in enumerate(rows):
        rest = pagination.after(Document.objects.all(), fields, (row.number, row.size, str(row.pk)))
        assert list(rest) == rows[place + 1 :]
