"""What is to be said against the log, in the reader's language. Empty while all is well."""

from __future__ import annotations

from django.utils.translation import gettext as _

from audit.status import SOON_S, WARN_AFTER_S, Health


def complaints(health: Health, *, has_witnesses: bool = True) -> list[str]:
    """As sentences; `audit.status` says the same to operators, with what to type."""
    pulse = health.pulse
    if pulse is None:
        return [_("Log belum dibuka.")]
    found = []
    if pulse.refused:
        found.append(_("Pohon log ditolak: isinya tidak cocok dengan yang sudah ditandatangani."))
    if pulse.contested:
        found.append(_("Pohon log dipersoalkan oleh saksi."))
    if health.oldest_s > WARN_AFTER_S:
        found.append(
            _("%(waiting)s entri menunggu tempatnya, yang tertua %(seconds)s detik.")
            % {"waiting": health.waiting, "seconds": round(health.oldest_s)}
        )
    elif pulse.silent_s > SOON_S:
        found.append(_("Penyusun log diam selama %(seconds)s detik.") % {"seconds": round(pulse.silent_s)})
    if pulse.unwitnessed_s > SOON_S:
        found.append(_("Saksi belum cukup selama %(seconds)s detik.") % {"seconds": round(pulse.unwitnessed_s)})
    if not has_witnesses:
        found.append(_("Tidak ada saksi dari luar yang diminta menandatangani log ini."))
    return found
