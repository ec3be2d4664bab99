"""Every path the server answers."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from api import urls as api_urls


def livez(request: HttpRequest) -> HttpResponse:
    """The process is up; touches nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [path("livez", livez), path("", include(api_urls))]
