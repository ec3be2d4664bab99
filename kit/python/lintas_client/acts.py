"""Generated from the OpenAPI document by `./run openapi`. Do not edit. One method for each transition."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from lintas_client.outbox import Accepted
    from lintas_client.shapes import (
        Acceptance,
        Acknowledgement,
        Annulment,
        Clearance,
        Closing,
        Completion,
        Contesting,
        Correction,
        CorrectionDemand,
        DataBlock,
        DataUnblock,
        Delivery,
        Disownment,
        Dispute,
        Execution,
        Extension,
        Identity,
        IdentityRequest,
        Measure,
        Merging,
        Note,
        Reassignment,
        Recall,
        Recommendation,
        Redirection,
        Rejection,
        Reopening,
        Retraction,
        Return,
        SanctionReport,
        Serving,
        Settlement,
        Termination,
        Transfer,
        Unmerging,
        Upholding,
        Withdrawal,
    )


class Acts:
    """The transitions. Each performs on the version of the casefile seen last, or on the one that is named."""

    def __init__(self, act: Callable[..., Accepted]) -> None:
        self._act = act

    def request_identity(
        self, casefile: str, given: IdentityRequest, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Identitas diminta / Identity asked"""
        return self._act(casefile, 'request-identity', given, reference=reference, version=version)

    def identify(
        self, casefile: str, given: Identity, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Pegawai diidentifikasi / Officer identified"""
        return self._act(casefile, 'identify', given, reference=reference, version=version)

    def disown(
        self, casefile: str, given: Disownment, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Bukan pegawai kami / Officer disowned"""
        return self._act(casefile, 'disown', given, reference=reference, version=version)

    def recall(
        self, casefile: str, given: Recall, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Berkas ditarik kembali / File recalled"""
        return self._act(casefile, 'recall', given, reference=reference, version=version)

    def return_(
        self, casefile: str, given: Return, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Berkas dikembalikan / File returned"""
        return self._act(casefile, 'return', given, reference=reference, version=version)

    def complete(
        self, casefile: str, given: Completion, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Berkas dilengkapi / File completed"""
        return self._act(casefile, 'complete', given, reference=reference, version=version)

    def withdraw(
        self, casefile: str, given: Withdrawal, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Temuan dicabut / Finding withdrawn"""
        return self._act(casefile, 'withdraw', given, reference=reference, version=version)

    def reject(
        self, casefile: str, given: Rejection, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Temuan ditolak / Finding rejected"""
        return self._act(casefile, 'reject', given, reference=reference, version=version)

    def accept(
        self, casefile: str, given: Acceptance, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Temuan diterima / Finding accepted"""
        return self._act(casefile, 'accept', given, reference=reference, version=version)

    def clear(
        self, casefile: str, given: Clearance, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Tidak terbukti / Not proven"""
        return self._act(casefile, 'clear', given, reference=reference, version=version)

    def recommend(
        self, casefile: str, given: Recommendation, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Rekomendasi diterbitkan / Recommended"""
        return self._act(casefile, 'recommend', given, reference=reference, version=version)

    def redirect(
        self, casefile: str, given: Redirection, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Dialihkan ke instansi berwenang / Redirected"""
        return self._act(casefile, 'redirect', given, reference=reference, version=version)

    def terminate(
        self, casefile: str, given: Termination, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Perkara dihentikan / Terminated"""
        return self._act(casefile, 'terminate', given, reference=reference, version=version)

    def note(
        self, casefile: str, given: Note, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Catatan / Noted"""
        return self._act(casefile, 'note', given, reference=reference, version=version)

    def acknowledge(
        self, casefile: str, given: Acknowledgement, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Rekomendasi diterima / Recommendation received"""
        return self._act(casefile, 'acknowledge', given, reference=reference, version=version)

    def dispute(
        self, casefile: str, given: Dispute, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Rekomendasi disanggah / Recommendation disputed"""
        return self._act(casefile, 'dispute', given, reference=reference, version=version)

    def uphold(
        self, casefile: str, given: Upholding, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Rekomendasi dipertahankan / Recommendation upheld"""
        return self._act(casefile, 'uphold', given, reference=reference, version=version)

    def retract(
        self, casefile: str, given: Retraction, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Rekomendasi dicabut / Recommendation retracted"""
        return self._act(casefile, 'retract', given, reference=reference, version=version)

    def report_sanction(
        self, casefile: str, given: SanctionReport, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Hukuman dilaporkan / Sanction reported"""
        return self._act(casefile, 'report-sanction', given, reference=reference, version=version)

    def record_delivery(
        self, casefile: str, given: Delivery, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Keputusan disampaikan / Decree delivered"""
        return self._act(casefile, 'record-delivery', given, reference=reference, version=version)

    def require_correction(
        self, casefile: str, given: CorrectionDemand, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Perbaikan diminta / Correction required"""
        return self._act(casefile, 'require-correction', given, reference=reference, version=version)

    def close(
        self, casefile: str, given: Closing, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Perkara ditutup / Closed"""
        return self._act(casefile, 'close', given, reference=reference, version=version)

    def contest(
        self, casefile: str, given: Contesting, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Upaya administratif atau gugatan diajukan / Sanction contested"""
        return self._act(casefile, 'contest', given, reference=reference, version=version)

    def settle(
        self, casefile: str, given: Settlement, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Upaya administratif atau gugatan diputus / Contest settled"""
        return self._act(casefile, 'settle', given, reference=reference, version=version)

    def annul(
        self, casefile: str, given: Annulment, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Hukuman dibatalkan / Sanction annulled"""
        return self._act(casefile, 'annul', given, reference=reference, version=version)

    def record_execution(
        self, casefile: str, given: Execution, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Hukuman dilaksanakan / Sanction carried out"""
        return self._act(casefile, 'record-execution', given, reference=reference, version=version)

    def measure(
        self, casefile: str, given: Measure, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Tindakan pengendalian diambil / Measure taken"""
        return self._act(casefile, 'measure', given, reference=reference, version=version)

    def block_data(
        self, casefile: str, given: DataBlock, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Data pegawai diblokir / Personnel data blocked"""
        return self._act(casefile, 'block-data', given, reference=reference, version=version)

    def unblock_data(
        self, casefile: str, given: DataUnblock, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Blokir data dibuka / Personnel data unblocked"""
        return self._act(casefile, 'unblock-data', given, reference=reference, version=version)

    def serve(
        self, casefile: str, given: Serving, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Rekomendasi disampaikan dengan bukti / Recommendation served"""
        return self._act(casefile, 'serve', given, reference=reference, version=version)

    def transfer(
        self, casefile: str, given: Transfer, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Instansi pegawai beralih / Transferred to another agency"""
        return self._act(casefile, 'transfer', given, reference=reference, version=version)

    def reassign(
        self, casefile: str, given: Reassignment, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Penanganan berpindah kantor / Reassigned to another office"""
        return self._act(casefile, 'reassign', given, reference=reference, version=version)

    def extend(
        self, casefile: str, given: Extension, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Tenggat diperpanjang / Deadline extended"""
        return self._act(casefile, 'extend', given, reference=reference, version=version)

    def merge(
        self, casefile: str, given: Merging, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Perkara digabungkan / Merged into another casefile"""
        return self._act(casefile, 'merge', given, reference=reference, version=version)

    def unmerge(
        self, casefile: str, given: Unmerging, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Penggabungan dibatalkan / Merge undone"""
        return self._act(casefile, 'unmerge', given, reference=reference, version=version)

    def reopen(
        self, casefile: str, given: Reopening, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Perkara dibuka kembali / Reopened"""
        return self._act(casefile, 'reopen', given, reference=reference, version=version)

    def correct(
        self, casefile: str, given: Correction, *,
        reference: str | None = None, version: int | None = None
    ) -> Accepted:
        """Fakta dibetulkan / Fact corrected"""
        return self._act(casefile, 'correct', given, reference=reference, version=version)
