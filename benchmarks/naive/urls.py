"""A router's routes."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework.routers import DefaultRouter

from benchmarks.naive import views

router = DefaultRouter()
router.register("findings", views.FindingViewSet)
router.register("documents", views.DocumentViewSet)
router.register("casefiles", views.CasefileViewSet, basename="casefile")
router.register("referrals", views.ReferralViewSet, basename="referral")


def livez(request: HttpRequest) -> HttpResponse:
    """The server is up."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [path("livez", livez), path("api/", include(router.urls))]
