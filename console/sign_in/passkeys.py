"""Passkeys: a further second factor, beside the codes. Signing in by a passkey alone is off, and stays off.

The ceremony in the browser is the library's script; without JavaScript the codes do as before.
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import flows
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator

from agencies.models import User
from audit.turns import one_at_a_time
from console.sign_in.again import proved

MOST = 10
"""Passkeys of one person."""


@proved
def listing(request: HttpRequest) -> HttpResponse:
    """One's own passkeys; a POST takes one away."""
    own = _own(request)
    if request.method == "POST":
        ident = request.POST.get("key", "")
        found = own.filter(pk=int(ident)).first() if ident.isascii() and ident.isdigit() and len(ident) < 19 else None
        if found is not None:
            flows.remove_authenticator(request, found)
        return HttpResponseRedirect(reverse("passkeys"))
    keys = [
        {"pk": row.pk, "name": row.wrap().name, "made": row.created_at, "used": row.last_used_at}
        for row in own.order_by("pk")
    ]
    return render(request, "console/sign_in/passkeys.html", {"keys": keys, "may_add": len(keys) < MOST})


@method_decorator(proved, name="dispatch")
class AddView(AddWebAuthnView):
    """Makes one, in the browser of the person who sits there."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Not beyond the most that one person may have, also where two are made at once."""
        with transaction.atomic():
            if request.method == "POST":
                one_at_a_time(f"passkeys of {request.user.pk}")
            if _own(request).count() >= MOST:
                return HttpResponseRedirect(reverse("passkeys"))
            response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def get_success_url(self) -> str:
        """Back to the list."""
        return reverse("passkeys")


def _own(request: HttpRequest) -> Any:
    user = request.user
    ident = user.pk if isinstance(user, User) else None
    return Authenticator.objects.filter(user=ident, type=Authenticator.Type.WEBAUTHN)
