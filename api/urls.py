"""The API's paths. A transition's path is derived from its row; no path ends in a slash."""

from __future__ import annotations

from django.urls import path

from api.contract import docs_page, docs_site, pages
from api.oauth import views
from api.v1 import (
    catalogue,
    delegations,
    keys,
    operating,
    sandbox,
    sandbox_asking,
    sandbox_control,
    sandbox_kit,
    sandbox_page,
    service,
    status_page,
    webhooks,
)
from api.v1.accesses import AccessesView
from api.v1.agencies import AgenciesView, MandatesView
from api.v1.batches import BatchesView, BatchResultsView, BatchView
from api.v1.casefiles import CasefileSearchView, CasefilesView, CasefileView
from api.v1.classifications import ClassificationsView
from api.v1.contents import ContentView
from api.v1.documents import DocumentsView, DocumentView
from api.v1.events import EventsView
from api.v1.evidence import EvidenceView
from api.v1.findings import FindingsView, FindingView, SubjectsView
from api.v1.hukdis import HukdisView
from api.v1.log import CheckpointView, ConsistencyView, EntriesView, ReceiptView
from api.v1.preventions import PreventionsView, PreventionView
from api.v1.reconciliations import ReconciliationsView
from api.v1.referrals import ReferralsView
from api.v1.silence import RegisterGapsView, SilentAgenciesView
from api.v1.snapshots import SnapshotFileView, SnapshotsView, SnapshotView
from api.v1.statistics import StatisticsView
from api.v1.statistics_beside import DisparityView, ObligationsView, PreventionsBesideView
from api.v1.timeline import TimelineView
from api.v1.transitions import TransitionView
from api.v1.zero_reports import WithdrawView, ZeroReportsView, ZeroReportView
from casefiles import flow

V1 = "api/v1"

urlpatterns = [
    path("oauth/token", views.TokenView.as_view()),
    path("oauth/revoke", views.RevokeView.as_view()),
    path(".well-known/oauth-authorization-server", views.MetadataView.as_view()),
    path("", pages.front_page),
    path("problems", pages.problem_index),
    path("problems/", pages.problem_index),
    path("problems/<code>", pages.problem_page),
    path("log/<int:number>", pages.log_page),
    path(".well-known/security.txt", service.security_txt),
    path(".well-known/api-catalog", service.api_catalog),
    path(".well-known/jwks.json", service.KeysView.as_view()),
    path("readyz", operating.readyz),
    path("status", status_page.show),
    path("metrics", operating.metrics),
    path(V1, service.ServiceView.as_view()),
    path(f"{V1}/me", service.MeView.as_view()),
    path(f"{V1}/clients/me/keys", keys.OwnKeysView.as_view()),
    path(f"{V1}/clients/me/keys/<kid>", keys.OwnKeyView.as_view()),
    path(f"{V1}/delegations", delegations.DelegationsView.as_view()),
    path(f"{V1}/delegations/<delegation>", delegations.DelegationView.as_view()),
    path(f"{V1}/delegations/<delegation>/approve", delegations.ApproveDelegationView.as_view()),
    path(f"{V1}/delegations/<delegation>/end", delegations.EndDelegationView.as_view()),
    path(f"{V1}/problems", pages.problem_list),
    path(f"{V1}/openapi.yaml", docs_page.openapi_yaml),
    path(f"{V1}/openapi.json", docs_page.openapi_json),
    path("api/docs", docs_page.docs),
    path("docs", docs_site.show),
    path("docs/<path:path>", docs_site.show),
    path("docs/", docs_site.show),
    path(f"{V1}/findings", FindingsView.as_view()),
    path(f"{V1}/findings/<finding>", FindingView.as_view()),
    path(f"{V1}/findings/<finding>/subjects", SubjectsView.as_view()),
    path(f"{V1}/casefiles", CasefilesView.as_view()),
    path(f"{V1}/casefiles/search", CasefileSearchView.as_view()),
    path(f"{V1}/casefiles/<casefile>", CasefileView.as_view()),
    path(f"{V1}/casefiles/<casefile>/timeline", TimelineView.as_view()),
    path(f"{V1}/casefiles/<casefile>/accesses", AccessesView.as_view()),
    path(f"{V1}/casefiles/<casefile>/evidence/<seq>", EvidenceView.as_view()),
    path(f"{V1}/batches", BatchesView.as_view()),
    path(f"{V1}/batches/<batch>", BatchView.as_view()),
    path(f"{V1}/batches/<batch>/results", BatchResultsView.as_view()),
    path(f"{V1}/casefiles/<casefile>/hukdis", HukdisView.as_view()),
    path(f"{V1}/referrals", ReferralsView.as_view()),
    path(f"{V1}/events", EventsView.as_view()),
    path(f"{V1}/webhooks", webhooks.WebhooksView.as_view()),
    path(f"{V1}/webhooks/<webhook>", webhooks.WebhookView.as_view()),
    path(f"{V1}/webhooks/<webhook>/ping", webhooks.WebhookPingView.as_view()),
    path(f"{V1}/webhooks/<webhook>/secret", webhooks.WebhookSecretView.as_view()),
    path(f"{V1}/webhooks/<webhook>/replay", webhooks.WebhookReplayView.as_view()),
    path(f"{V1}/webhooks/<webhook>/deliveries", webhooks.DeliveriesView.as_view()),
    path(f"{V1}/webhooks/<webhook>/deliveries/<delivery>/redeliver", webhooks.RedeliverView.as_view()),
    path(f"{V1}/log/checkpoint", CheckpointView.as_view()),
    path(f"{V1}/log/consistency", ConsistencyView.as_view()),
    path(f"{V1}/log/entries", EntriesView.as_view()),
    path(f"{V1}/log/entries/<index>/receipt", ReceiptView.as_view()),
    path(f"{V1}/agencies", AgenciesView.as_view()),
    path(f"{V1}/agencies/<agency>/register-gaps", RegisterGapsView.as_view()),
    path(f"{V1}/mandates", MandatesView.as_view()),
    path(f"{V1}/catalogue/calendar", catalogue.CalendarView.as_view()),
    path(f"{V1}/catalogue/classifications", ClassificationsView.as_view()),
    path(f"{V1}/catalogue/events", catalogue.EventsView.as_view()),
    path(f"{V1}/catalogue/transitions", catalogue.TransitionsView.as_view()),
    *(path(f"{V1}/catalogue/{name}", catalogue.CatalogueView.as_view(name=name)) for name in catalogue.LISTS),
    path(f"{V1}/reconciliations", ReconciliationsView.as_view()),
    path(f"{V1}/sandbox/partners", sandbox_control.partners),
    path(f"{V1}/sandbox/partners/<role>", sandbox_control.partner),
    path(f"{V1}/sandbox/explain-assertion", sandbox.explain_assertion),
    path(f"{V1}/sandbox/explain-signature", sandbox.explain_signature),
    path(f"{V1}/sandbox/clock", sandbox_control.clock),
    path(f"{V1}/sandbox/reset", sandbox_asking.reset),
    path(f"{V1}/sandbox/clients", sandbox_asking.clients),
    path("sandbox", sandbox_page.show),
    path("sandbox/kit/<file>", sandbox_kit.show),
    path(f"{V1}/sandbox/casefiles/<casefile>/advance", sandbox_control.casefile),
    path(f"{V1}/statistics", StatisticsView.as_view()),
    path(f"{V1}/statistics/obligations", ObligationsView.as_view()),
    path(f"{V1}/statistics/disparity", DisparityView.as_view()),
    path(f"{V1}/statistics/preventions", PreventionsBesideView.as_view()),
    path(f"{V1}/statistics/snapshots", SnapshotsView.as_view()),
    path(f"{V1}/statistics/snapshots/<snapshot>", SnapshotView.as_view()),
    path(f"{V1}/statistics/snapshots/<snapshot>/csv", SnapshotFileView.as_view()),
    path(f"{V1}/preventions", PreventionsView.as_view()),
    path(f"{V1}/preventions/<prevention>", PreventionView.as_view()),
    path(f"{V1}/zero-reports", ZeroReportsView.as_view()),
    path(f"{V1}/zero-reports/<zero_report>", ZeroReportView.as_view()),
    path(f"{V1}/zero-reports/<zero_report>/withdraw", WithdrawView.as_view()),
    path(f"{V1}/silent-agencies", SilentAgenciesView.as_view()),
    path(f"{V1}/documents", DocumentsView.as_view()),
    path(f"{V1}/documents/<document>", DocumentView.as_view()),
    path(f"{V1}/documents/<document>/content", ContentView.as_view()),
    *(
        path(f"{V1}/casefiles/<casefile>/{row.name}", TransitionView.as_view(row=row))
        for row in flow.FLOW
        if row.routed and not row.creates
    ),
]
