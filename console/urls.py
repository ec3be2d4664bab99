"""The pages, by their Indonesian names. None is open but those that `sign_in.middleware` names."""

from allauth.account.views import login, logout
from allauth.mfa.base.views import authenticate, reauthenticate
from allauth.mfa.webauthn.views import reauthenticate_webauthn
from allauth.socialaccount.providers.openid_connect import views as agency_login
from django.http import HttpRequest, HttpResponse
from django.urls import path

from console import language
from console.desk import acts, drafts, finding, inbox, many, papers
from console.desk import pages as desk
from console.pages import (
    accesses,
    calendar,
    casefile,
    casefiles,
    catalogue,
    comparisons,
    deadline,
    deadlines,
    difference,
    downloads,
    flow,
    log,
    offices,
    overview,
    people,
    provinces,
    purpose,
    reveal,
    search,
    snapshots,
    statistics,
    views,
)
from console.public import figures, may_i, sheets, where
from console.sign_in import passkeys
from console.sign_in import views as sign_in

handler400 = "console.errors.bad_request"
handler403 = "console.errors.forbidden"
handler404 = "console.errors.not_found"
handler500 = "console.errors.broken"


def livez(request: HttpRequest) -> HttpResponse:
    """The process is up; touches nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


# For everybody, in both languages; named in `public.middleware`, which answers them.
_PUBLIC = (
    ("bolehkah", may_i.show, "may_i"),
    ("bolehkah/lembar/<str:phase>.pdf", sheets.sheet_pdf, "sheet_pdf"),
    ("bolehkah/poster/<str:phase>.pdf", sheets.poster_pdf, "poster_pdf"),
    ("bolehkah/lembar/<str:phase>", sheets.sheet, "sheet"),
    ("bolehkah/poster/<str:phase>", sheets.poster, "poster"),
    ("ke-mana-melapor", where.show, "where_to_report"),
    ("angka", figures.show, "figures"),
    ("angka.csv", figures.newest_csv, "newest_csv"),
    ("angka/<uuid:ident>", figures.show_one, "figures_of"),
    ("angka/<uuid:ident>.csv", figures.csv, "figures_csv"),
)

urlpatterns = [
    *(path(route, view, name=name) for route, view, name in _PUBLIC),
    *(path(f"en/{route}", view, name=f"{name}_en") for route, view, name in _PUBLIC),
    path("livez", livez, name="livez"),
    path("", overview.show, name="overview"),
    path("perkara", casefiles.show, name="casefiles"),
    path("perkara/saring", casefiles.box, name="box"),
    path("perkara/simpan", views.save, name="save_view"),
    path("perkara/hapus", views.forget, name="forget_view"),
    path("perkara/cari", search.show, name="search"),
    path("perkara/<uuid:ident>", casefile.show, name="casefile"),
    path("perkara/<uuid:ident>/nip", reveal.show, name="reveal"),
    path("perkara/<uuid:ident>/unduh", downloads.dossier, name="dossier"),
    path("perkara/<uuid:ident>/unduh/isi", downloads.dossier_with_content, name="dossier_with_content"),
    path("perkara/<uuid:ident>/beda", difference.show, name="difference"),
    path("perkara/<uuid:ident>/tenggat/<uuid:referral>", deadline.show, name="deadline"),
    path("meja", inbox.show, name="desk"),
    path("meja/surel", inbox.choose_mail, name="choose_mail"),
    path("meja/tanda-terima/<uuid:form>", desk.receipt, name="desk_receipt"),
    path("meja/tanda-terima/<uuid:form>/receipt.json", desk.receipt_file, name="desk_receipt_file"),
    path("meja/tanda-terima/<uuid:form>.pdf", desk.receipt_pdf, name="desk_receipt_pdf"),
    path("meja/rancangan/<uuid:ident>", drafts.show, name="desk_draft"),
    path("meja/temuan", finding.show, name="desk_finding"),
    path("meja/temuan/daftar", many.show, name="desk_many"),
    path("meja/temuan/daftar.xlsx", many.template, name="desk_many_template"),
    path("meja/temuan/dokumen", papers.show, name="desk_finding_paper"),
    path("meja/<uuid:ident>", desk.casefile, name="desk_casefile"),
    path("meja/<uuid:ident>/dokumen", papers.show, name="desk_paper"),
    path("meja/<uuid:ident>/<slug:transition>", acts.show, name="desk_act"),
    path("tenggat", deadlines.show, name="deadlines"),
    path("alur", flow.show, name="flow"),
    path("wilayah", provinces.show, name="provinces"),
    path("instansi", offices.show, name="offices"),
    path("instansi/<slug:code>", offices.one, name="office"),
    path("statistik/hukuman", comparisons.show, name="comparisons"),
    path("statistik/cuplikan", snapshots.show, name="snapshots"),
    path("statistik/cuplikan/<uuid:ident>.csv", snapshots.csv, name="snapshot_csv"),
    path("statistik", statistics.show, name="statistics"),
    path("katalog", catalogue.show, name="catalogue"),
    path("kalender", calendar.show, name="calendar"),
    path("akses", accesses.show, name="accesses"),
    path("unduhan", downloads.show, name="downloads"),
    path("unduhan/<uuid:ident>", downloads.one, name="download"),
    path("unduhan/<uuid:ident>/berkas", downloads.file, name="download_file"),
    path("log", log.show, name="log"),
    path("log/bukti/<int:index>", log.proof, name="proof"),
    path("log/verifikasi", log.verify, name="verify"),
    path("log/verifikasi.html", log.verifier, name="verifier"),
    path("tujuan", purpose.choose, name="purpose"),
    path("bahasa", language.choose, name="choose_language"),
    path("masuk", login, name="account_login"),
    path("masuk/akun/<str:provider_id>", agency_login.login, name="openid_connect_login"),
    path("masuk/akun/<str:provider_id>/kembali", agency_login.callback, name="openid_connect_callback"),
    path("masuk/kode", authenticate, name="mfa_authenticate"),
    path("masuk/sekali-lagi", reauthenticate, name="mfa_reauthenticate"),
    path("masuk/sekali-lagi/kunci", reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("orang", people.show, name="people"),
    path("kunci-sandi", passkeys.listing, name="passkeys"),
    path("kunci-sandi/baru", passkeys.AddView.as_view(), name="mfa_add_webauthn"),
    path("masuk/faktor-kedua", sign_in.ActivateView.as_view(), name="mfa_activate_totp"),
    path("masuk/tanpa-faktor-kedua", sign_in.second_factor_missing, name="second_factor_missing"),
    path("undangan/<str:token>", sign_in.invitation, name="invitation"),
    path("keluar", logout, name="account_logout"),
]
