"""Requests are counted once, over all worker processes, by route template; lines and traces hold nothing personal."""

from __future__ import annotations

import http.client
import json
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import resolve
from pytest_django import Settings

from api.http import arriving, traffic
from api.http.traffic import BOUNDS_MS, Traffic
from config import seeing
from tests.conftest import Copies
from tests.live_server import ROOT, Server, serving

TOKEN = "m" * 32


def cells(found: traffic.Counted, method: str, route: str) -> tuple[list[int], list[int]]:
    """Answers by class of status, and by bucket."""
    row = found[method, route]
    return row[:5], row[6:]


def test_an_answer_is_counted_by_class_and_bucket(tmp_path: Path) -> None:
    counts = Traffic(tmp_path)
    for status, took_s in ((200, 0.05), (201, 0.0501), (409, 0.3), (500, 99.0), (503, 0.0)):
        counts.note("POST", "/api/v1/findings", status=status, took_s=took_s)
    by_class, buckets = cells(counts.counted(), "POST", "/api/v1/findings")
    assert by_class == [0, 2, 0, 1, 2]
    # A duration of exactly a bound is within it, as Prometheus has it (`le`).
    assert buckets == [2, 1, 0, 1, 0, 0, 0, 0, 1]


COUNTS_A_THOUSAND = """
import sys, threading
from pathlib import Path
from api.http.traffic import Traffic
counts = Traffic(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
def some() -> None:
    for _ in range(250):
        counts.note("GET", "/api/v1/me", status=200, took_s=0.01)
threads = [threading.Thread(target=some) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print("done", flush=True)
sys.stdin.readline()
"""


def test_processes_and_their_threads_lose_no_count_and_the_next_process_goes_on(tmp_path: Path) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", COUNTS_A_THOUSAND, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    try:
        for said in ("ready\n", "done\n"):
            for child in children:
                assert child.stdout is not None
                assert child.stdin is not None
                assert child.stdout.readline() == said
                if said == "ready\n":
                    child.stdin.write("\n")
                    child.stdin.flush()
    finally:
        for child in children:
            child.kill()
            child.communicate()
    # Both were killed. A third process takes over a file, and counts on.
    counts = Traffic(tmp_path)
    assert cells(counts.counted(), "GET", "/api/v1/me")[0][1] == 2000
    counts.note("GET", "/api/v1/me", status=200, took_s=0.01)
    assert cells(counts.counted(), "GET", "/api/v1/me")[0][1] == 2001
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_of_another_form_is_begun_anew_and_not_added(tmp_path: Path) -> None:
    (tmp_path / "000.counts").write_bytes(b"of another release")
    (tmp_path / "007.counts").write_bytes(b"x" * traffic._SIZE)
    counts = Traffic(tmp_path)
    counts.note("GET", "/status", status=200, took_s=0)
    assert list(counts.counted()) == [("GET", "/status")]


def test_routes_without_end_do_not_fill_the_file(tmp_path: Path) -> None:
    counts = Traffic(tmp_path)
    for number in range(traffic._ROWS + 5):
        counts.note("GET", f"/{number}", status=200, took_s=0)
    found = counts.counted()
    assert sum(cells(found, *key)[0][1] for key in found) == traffic._ROWS + 5
    assert ("GET", traffic.OTHER) in found


def test_a_folder_that_cannot_be_had_is_told_and_stops_nobody(
    tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LINTAS_METRICS_TOKEN = TOKEN
    (tmp_path / "file").touch()
    settings.LINTAS_METRICS_DIR = tmp_path / "file" / "traffic"
    traffic.of_this_process.cache_clear()
    try:
        with caplog.at_level(logging.WARNING, "lintas.traffic"):
            assert traffic.exposition() == ""
        assert "LINTAS_METRICS_DIR" in caplog.text
    finally:
        traffic.of_this_process.cache_clear()


@pytest.mark.parametrize(
    ("method", "route", "kind"),
    [
        ("GET", "/api/v1/casefiles/{casefile}", "read"),
        ("POST", "/api/v1/casefiles/search", "read"),
        ("POST", "/api/v1/findings", "write"),
        ("POST", "/oauth/token", "write"),
        ("GET", "/api/v1/events", "long"),
        ("PUT", "/api/v1/documents/{document}/content", "long"),
        ("GET", "/readyz", "page"),
        ("GET", traffic.OTHER, "page"),
    ],
)
def test_a_call_is_held_to_its_part_of_the_contract(method: str, route: str, kind: str) -> None:
    assert traffic.kind(method, route) == kind
    if route != traffic.OTHER:
        asked = RequestFactory().generic(method, re.sub(r"\{\w+\}", "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10", route))
        asked.resolver_match = resolve(asked.path)
        assert seeing.route_of(asked) == route


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", None),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", None),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", None),
        # Reads as a NIP.
        ("00-a198503302003121002bcdefabcdefab-00f067aa0ba902b7-01", None),
        ("Budi Santoso", None),
        ("", None),
    ],
)
def test_a_callers_trace_is_kept_where_it_is_one(sent: str, kept: str | None) -> None:
    assert seeing.trace_of(RequestFactory().get("/", headers={"traceparent": sent})) == kept


def test_an_upload_is_counted_when_its_body_has_come_and_not_when_it_is_asked_for(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LINTAS_METRICS_TOKEN, settings.LINTAS_METRICS_DIR = TOKEN, tmp_path
    traffic.of_this_process.cache_clear()
    try:
        handler = seeing.SeeingHandler()
        upload = arriving.Upload()

        def answered(_: object, request: HttpRequest) -> HttpResponse:
            upload.draft = upload.draft or object()  # type: ignore[assignment]  # that there is one is all
            return HttpResponse()

        monkeypatch.setattr(WSGIHandler, "get_response", answered)
        asked = RequestFactory().put("/api/v1/documents/x/content", **{arriving.UPLOAD: upload})  # type: ignore[arg-type]
        counts = traffic.of_this_process()
        assert counts is not None
        handler.get_response(asked)
        assert counts.counted() == {}
        handler.get_response(asked)
        assert cells(counts.counted(), "PUT", traffic.OTHER)[0][1] == 1
    finally:
        traffic.of_this_process.cache_clear()


# -- a real server with two workers, a log and a collector -------------------------------------------------------------


class Collector(ThreadingHTTPServer):
    """What an OpenTelemetry collector is to us: it takes what is posted."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                collector.taken.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Nothing on stderr."""

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def ask(server: Server, path: str, **headers: str) -> tuple[int, str, str]:
    """Status, body and request id, over a connection of its own, so that both workers are asked."""
    asked = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        asked.request("GET", path, headers=headers)
        answer = asked.getresponse()
        return answer.status, answer.read().decode(), answer.headers.get("X-Request-Id", "")
    finally:
        asked.close()


def told(server: Server) -> dict[str, float]:
    """What `/metrics` says of requests."""
    status, text, _ = ask(server, "/metrics", Authorization=f"Bearer {TOKEN}")
    assert status == 200, text
    lines = [line.rpartition(" ") for line in text.splitlines() if line.startswith("lintas_http_")]
    return {name: float(value) for name, _, value in lines}


TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SECRET = "198503302010011002"


def test_a_server_of_two_workers_tells_one_sum_and_nothing_personal(
    copies: Copies, transactional_db: None, tmp_path: Path, collector: Collector
) -> None:
    folder = tmp_path / "traffic"
    with serving(
        copies.roles.on(connection.settings_dict["NAME"]), log=tmp_path / "log", workers=2,
        LINTAS_METRICS_TOKEN=TOKEN, LINTAS_METRICS_DIR=str(folder),
        LINTAS_REQUEST_LOG="yes", LINTAS_TRACES_URL=f"http://127.0.0.1:{collector.server_address[1]}/v1/traces",
        OTEL_BSP_SCHEDULE_DELAY="100",
    ) as server:  # fmt: skip
        ids = []
        for _ in range(12):
            status, _, ident = ask(
                server, f"/api/v1/casefiles/{SECRET}?q={SECRET}", traceparent=TRACEPARENT, **{"X-Request-Id": "job-7"}
            )
            ids.append(ident)
            assert status == 401
        assert ask(server, f"/{SECRET}")[0] == 404
        counted = told(server)
        route = 'method="GET",route="/api/v1/casefiles/{casefile}",kind="read"'
        assert counted[f'lintas_http_requests_total{{{route},status="4xx"}}'] == 12
        assert counted[f"lintas_http_request_seconds_count{{{route}}}"] == 12
        assert counted['lintas_http_requests_total{method="GET",route="other",kind="page",status="4xx"}'] == 1
        buckets = [value for name, value in counted.items() if f"_bucket{{{route}" in name]
        assert len(buckets) == len(BOUNDS_MS) + 1
        assert buckets == sorted(buckets)
        assert buckets[-1] == 12
        # Whoever has no token learns nothing.
        assert ask(server, "/metrics")[0] == 404
        assert len(list(folder.iterdir())) == 2
    log = (tmp_path / "log").read_text()
    lines = [json.loads(line) for line in log.splitlines() if '"lintas.request"' in line]
    found = {line["request_id"]: line for line in lines if line.get("route") == "/api/v1/casefiles/{casefile}"}
    assert set(found) == set(ids)
    line = found[ids[0]]
    assert (line["method"], line["status"], line["caller_request_id"]) == ("GET", 401, "job-7")
    assert line["trace_id"] == TRACEPARENT.split("-")[1]
    assert line["duration_ms"] >= 0
    assert line["statements"] >= 0
    spans = b"".join(body for path, body in collector.taken if path == "/v1/traces")
    assert b"GET /api/v1/casefiles/{casefile}" in spans
    assert bytes.fromhex(TRACEPARENT.split("-")[1]) in spans
    assert ids[0].encode() in spans
    for place in (log.encode(), spans, repr(counted).encode()):
        assert SECRET.encode() not in place
