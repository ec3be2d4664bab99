"""What stands beside the cases of a sandbox: published figures, zero reports, and a vendor that reads for an employer.

For the pictures of the console, which would show empty pages without them. What is there is left as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx

from demo.client import Client, clients

AUDITOR: Final = "bpk"
NOTHING_TO_REPORT: Final = "pemkab-kotawaringin-timur"
"""No case of the sandbox is of its officers."""
VENDOR, EMPLOYER = "vendor-kepegawaian", "pemkot-padang"
_OFFICIAL: Final = {"name": "Yusra Rekaan", "nip": "197206151998031002", "position": "Kepala BKPSDM"}


def seed_beside(sandbox_file: Path) -> None:
    """See to it that they are there. Raises `client.Refused` where the service refuses one, and httpx.HTTPError."""
    said = json.loads(sandbox_file.read_text(encoding="utf-8"))
    with httpx.Client(base_url=said["base_url"], timeout=30) as http:
        parties = clients(sandbox_file, http)
        _figures(parties[AUDITOR])
        _zero_reports(parties[NOTHING_TO_REPORT])
        waits = [case["id"] for case in said["cases"] if (case["turn"] or {}).get("agency") == EMPLOYER]
        reader = _for_the_employer(parties, http)
        for casefile in waits:
            reader.casefile(casefile)


def _figures(auditor: Client) -> None:
    """Two published snapshots, so that the older one has its place, too.

    Where they are there already they are not sent again: the casefiles may have become a few more, and two published
    numbers that lie so close are refused.
    """
    there = {snapshot["name"] for snapshot in auditor.get("/statistics/snapshots").data["data"]}
    for name in ("Triwulan II 2026 (rekaan)", "Triwulan III 2026 (rekaan)"):
        if name not in there:
            auditor.post("/statistics/snapshots", {"name": name, "published": True})


def _zero_reports(employer: Client) -> None:
    """One that counts, and one that was withdrawn."""
    for month, last, wrong in ((1, 31, False), (2, 28, True)):
        period = {"from": f"2026-{month:02}-01", "until": f"2026-{month:02}-{last}"}
        given = {"agency": employer.agency, "subject": "sanctions", "period": period, "official": _OFFICIAL}
        listed = employer.get("/zero-reports", agency=employer.agency).data["data"]
        if any(one["period"] == period for one in listed):
            continue
        made = employer.post("/zero-reports", given).data
        if wrong:
            reason = "Satu keputusan bulan Februari terlewat pada laporan ini."
            employer.post(f"/zero-reports/{made['id']}/withdraw", {"reason": reason, "official": _OFFICIAL})


def _for_the_employer(parties: Mapping[str, Client], http: httpx.Client) -> Client:
    """The vendor's client for that employer, which is asked for it where it was not yet."""
    vendor, employer = parties[VENDOR], parties[EMPLOYER]
    live = [one for one in vendor.get("/delegations").data["data"] if one["status"] == "serves"]
    found = next((one for one in live if one["employer"]["code"] == EMPLOYER), None)
    if found is None:
        until = (datetime.now(UTC) + timedelta(days=365)).isoformat(timespec="milliseconds")
        rights = {"employer": EMPLOYER, "roles": ["employer"], "scopes": ["casefiles:read"], "valid_until": until}
        found = vendor.post("/delegations", rights).data
        signing = Client(replace(employer.identity, signs=True), http)
        signing.post(f"/delegations/{found['id']}/approve", {})
    return Client(vendor.identity, http, resource=found["resource"])
