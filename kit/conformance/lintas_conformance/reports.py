"""The report, bound to the contract's digest and the partner's key: a page for people, and a signed file."""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from lintas_conformance.judging import SAYS, Result, is_passed
from lintas_simulator.contract import contract
from lintas_simulator.keys import PublicKey, SigningKey, opened
from lintas_simulator.log import canonical

VERSION: Final = "0.1.0"
TYPE: Final = "lintas-conformance+jwt"


class NotAReport(ValueError):
    """The file is no signed report, or its signature does not fit; the message says which."""


@dataclass(frozen=True)
class About:
    """For whom a run was: the agency, its system, and the thumbprint of the key that it signs its assertions with."""

    agency: str
    client: str
    key_thumbprint: str
    judged_at: datetime


def report(results: Sequence[Result], about: About) -> dict[str, Any]:
    """The report as data: verdicts, evidence and remedies; no personal data."""
    counts = Counter(one.verdict for one in results)
    return {
        "kit": f"lintas-conformance {VERSION}",
        "judged_at": about.judged_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "agency": about.agency,
        "client": about.client,
        "key_thumbprint": about.key_thumbprint,
        "openapi_version": contract()["openapi_version"],
        "openapi_digest": contract()["openapi_digest"],
        "flow_digest": contract()["flow_digest"],
        "passed": is_passed(results),
        "counts": {verdict: counts[verdict] for verdict in SAYS},
        "results": [
            {
                "id": one.assertion.id,
                "verdict": one.verdict,
                "scenario": one.assertion.scenario,
                "source": one.assertion.source,
                "mend": {"id": one.assertion.indonesian, "en": one.assertion.english},
                "evidence": list(one.evidence),
            }
            for one in results
        ],
    }


def signed(made: Mapping[str, Any], key: SigningKey) -> str:
    """The report as a compact JWS (ES256). Its header carries the public key, so that a reader sees whose it is."""
    return key.jws(canonical(made), typ=TYPE, jwk=dict(key.jwk)) + "\n"


def read_signed(text: str, key: PublicKey) -> dict[str, Any]:
    """The report in a signed file that this key has signed. Raises `NotAReport`."""
    try:
        payload = opened(text.strip(), key)
        told = json.loads(payload) if payload is not None else None
    except ValueError:
        raise NotAReport("This is no signed report (compact JWS).") from None
    if not isinstance(told, dict):
        raise NotAReport("The signature does not fit this key, or what it signs is no report.")
    return told


# -- for people --------------------------------------------------------------------------------------------------------

_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:62rem;padding:0 1rem;color:#1b1b1b;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}
dt{color:#555}dd{margin:0;overflow-wrap:anywhere}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #ccc}
td:first-child{font-family:ui-monospace,monospace;font-size:.85rem;overflow-wrap:anywhere}
.held{color:#0b5d2a}.broken{color:#9b1c1c;font-weight:600}.not-seen{color:#555}.en{color:#444}
@media print{body{margin:0;max-width:none}tr{break-inside:avoid}}
"""


def page(made: Mapping[str, Any]) -> str:
    """The report as one page that needs nothing else, in Indonesian and English, fit for printing."""
    say = html.escape
    verdict = ("Lulus", "Passed") if made["passed"] else ("Belum lulus", "Not passed")
    facts = [
        ("Hasil / Verdict", " / ".join(verdict)),
        ("Instansi / Agency", made["agency"]),
        ("Sistem / System", made["client"]),
        ("Diuji / Judged", made["judged_at"]),
        ("Kunci / Key (RFC 7638)", made["key_thumbprint"]),
        ("Kontrak / Contract", f"{made['openapi_version']}, SHA-256 {made['openapi_digest']}"),
        ("Alat / Kit", made["kit"]),
    ]
    counted = ", ".join(f"{SAYS[name][0]} / {SAYS[name][1]}: {made['counts'][name]}" for name in SAYS)
    body = [
        "<h1>Uji kesesuaian Lintas / Lintas conformance</h1>",
        "<dl>",
        *(f"<dt>{say(name)}</dt><dd>{say(str(value))}</dd>" for name, value in facts),
        f"<dt>Butir / Assertions</dt><dd>{say(counted)}</dd>",
        "</dl>",
    ]
    titles = {
        "broken": "Yang harus diperbaiki / To be mended",
        "not-seen": "Yang tidak teramati / Not seen",
        "held": "Yang dipenuhi / Held",
    }
    for name, title in titles.items():
        chosen = [one for one in made["results"] if one["verdict"] == name]
        if chosen:
            body += [f"<h2>{say(title)} ({len(chosen)})</h2>", *_table(chosen)]
    return (
        '<!doctype html>\n<html lang="id">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Uji kesesuaian Lintas: {say(made['client'])}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _table(chosen: Sequence[Mapping[str, Any]]) -> list[str]:
    say = html.escape
    rows = ["<table>", "<thead><tr><th>Butir / Assertion</th><th>Perbaikan / Remedy</th></tr></thead>", "<tbody>"]
    for one in chosen:
        evidence = "".join(f"<li>{say(line)}</li>" for line in one["evidence"])
        shown = f"<ul>{evidence}</ul>" if evidence else ""
        mend = f'{say(one["mend"]["id"])}<br><span class="en" lang="en">{say(one["mend"]["en"])}</span>'
        named = f'<td class="{one["verdict"]}">{say(one["id"])}<br><small>{say(one["source"])}</small></td>'
        rows.append(f"<tr>{named}<td>{mend}{shown}</td></tr>")
    return [*rows, "</tbody>", "</table>"]
