"""Nobody sees a page without having signed in with both factors. A route is closed unless it is named here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from agencies.models import User
from console.sign_in import sessions
from people import persons

OPEN: Final = frozenset({
    "account_login", "mfa_authenticate", "openid_connect_login", "openid_connect_callback", "invitation",
    "choose_language", "livez",
})  # fmt: skip
"""Before anybody is known."""
ENROLLING: Final = frozenset({"mfa_activate_totp", "account_logout", "second_factor_missing"})
"""With a password, and no code yet."""


class SignedInMiddleware:
    """After Django's and allauth's. Notes person, actor and purpose of reading on the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass it on, with the reader's time zone given back afterwards."""
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Refuse, send to the next step of signing in, or let pass."""
        name = request.resolver_match.url_name if request.resolver_match else None
        now = request.wall  # type: ignore[attr-defined]  # console.http.DoorMiddleware
        person = sessions.person_of(request, now=now)
        if person is None:
            keeps = getattr(view, "keeps", None)
            back = keeps(request) if keeps is not None and request.method == "POST" else ""
            if isinstance(request.user, User):
                logout(request)
                return _to_login(request, over=True, back=back)
            return None if name in OPEN else _to_login(request, back=back)
        if not sessions.has_second_factor(request) and name not in OPEN | ENROLLING:
            enrolls = request.session.get(sessions.INVITED) == str(person.id)
            return HttpResponseRedirect(reverse("mfa_activate_totp" if enrolls else "second_factor_missing"))
        if name == "mfa_activate_totp" and request.session.get(sessions.INVITED) != str(person.id):
            # Who knows a password alone must not bring a second factor of their own.
            return HttpResponseRedirect(reverse("second_factor_missing"))
        request.person = person  # type: ignore[attr-defined]  # PageRequest
        request.actor = actor = persons.actor_of(person)  # type: ignore[attr-defined]
        request.purpose = request.session.get(sessions.PURPOSE) or actor.default_purpose  # type: ignore[attr-defined]
        timezone.activate(ZoneInfo(actor.time_zone))
        return None


def _to_login(request: HttpRequest, *, over: bool = False, back: str = "") -> HttpResponse:
    """To the sign-in, and back to the page afterwards; of a form that came too late nothing is kept, and it is said.

    A view that keeps what was typed (its attribute `keeps`) says where to find it again: `back`.
    """
    match = request.resolver_match
    query: dict[str, str] = {}
    if back:
        query |= {"next": back, "over": "kept"}
    elif request.method in {"GET", "HEAD"}:
        query["next"] = request.get_full_path()
    elif match is not None and match.url_name != "account_logout":
        query |= {"next": request.path, "over": "form"}
    if over:
        query.setdefault("over", "1")
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode(query)}" if query else reverse("account_login"))
