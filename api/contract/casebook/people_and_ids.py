"""The persons of the published story, and the ids that the server draws in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# -- who takes part ---------------------------------------------------------------------------------------------------

SUPERVISOR, PROVINCE = "bawaslu-kota-padang", "bawaslu-sumatera-barat"
EXAMINER = "bkn"
CITY, NEXT_EMPLOYER = "pemkot-padang", "pemprov-sumatera-barat"
APPEAL_BOARD = "bpasn"

NIP: Final = "198501012010011001"
NAME: Final = "Contoh Nama"
DIRECTOR = {
    "name": "Nama Direktur",
    "nip": "197001011995032001",
    "position": "Direktur Pengawasan dan Pengendalian",
}
HEAD_OF_PERSONNEL = {"name": "Nama Pejabat", "nip": "197206151998031002", "position": "Kepala BKPSDM Kota Padang"}
REGISTRAR = {"name": "Nama Penerima", "nip": "198403032008012003", "position": "Pengelola surat"}

# -- what the server draws --------------------------------------------------------------------------------------------

FINDING: Final = "0193e1f2-8a0f-7b3c-9e11-7a5d3c2b1f40"
SECOND_FINDING: Final = "0193e1f2-8a0f-7b3c-9e11-7a5d3c2b1f41"
CASEFILE: Final = "0193e1f2-8a10-7c44-a1d0-5b0e6c7f3a21"
SECOND_CASEFILE: Final = "0193e1f2-8a10-7c44-a1d0-5b0e6c7f3a22"
NUMBER: Final = "LTS/2026/000123"
SECOND_NUMBER: Final = "LTS/2026/000124"
ASSESSMENT: Final = "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10"
SECOND_ASSESSMENT: Final = "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d11"
DECISION: Final = "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d12"
EXECUTION_PROOF: Final = "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d13"
DELIVERY_PROOF: Final = "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d14"
RULING: Final = "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d15"
ANNULMENT: Final = "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d16"
EVIDENCE: Final = "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d17"

ZERO_REPORT: Final = "0193e1f2-6c00-7bb2-9d22-5e6f708192a3"
WEBHOOK: Final = "0193e1f2-9a00-7c11-8d21-6a7b8c9d0e1f"

# Per example, where in its answer stands what the later bodies and addresses say in its place.
DRAWN: Mapping[str, Mapping[str, str]] = {
    "register_document": {"#/id": ASSESSMENT},
    "register_document.second_assessment": {"#/id": SECOND_ASSESSMENT},
    "register_document.decision": {"#/id": DECISION},
    "register_document.execution_proof": {"#/id": EXECUTION_PROOF},
    "register_document.delivery_proof": {"#/id": DELIVERY_PROOF},
    "register_document.ruling": {"#/id": RULING},
    "register_document.annulment": {"#/id": ANNULMENT},
    "register_document.evidence": {"#/id": EVIDENCE},
    "record_zero_report": {"#/id": ZERO_REPORT},
    "register_webhook": {"#/id": WEBHOOK},
    "submit_finding": {"#/id": FINDING, "#/casefiles/0/id": CASEFILE, "#/casefiles/0/number": NUMBER},
    "submit_finding.report": {
        "#/id": SECOND_FINDING,
        "#/casefiles/0/id": SECOND_CASEFILE,
        "#/casefiles/0/number": SECOND_NUMBER,
    },
}
