"""Accepting an invitation, and making the second factor: the two steps before the first page."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.views import ActivateTOTPView
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from agencies.models import User
from console.sign_in import sessions
from console.sign_in.forms import ActivateForm, InvitationForm
from people import persons

BACKEND = "console.sign_in.backend.PersonBackend"


@never_cache
@sensitive_post_parameters()
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show whom the link invites; take their password, once, and lead on to the second factor."""
    now = request.wall  # type: ignore[attr-defined]  # console.http.DoorMiddleware
    form = InvitationForm(request.POST or None)
    try:
        if request.method == "POST" and form.is_valid():
            person = persons.accept(token, password=form.cleaned_data["password"], now=now)
            login(request, person.user, backend=BACKEND)
            sessions.begin(request, person.user)
            record_authentication(request, person.user, "password")
            request.session[sessions.INVITED] = str(person.id)
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        invited = persons.invited(token, now=now)
    except persons.InvitationInvalid:
        return render(request, "console/sign_in/invitation_over.html", status=410)
    return render(request, "console/sign_in/invitation.html", {"form": form, "invited": invited})


class ActivateView(ActivateTOTPView):
    """Makes the second factor, and shows the recovery codes with the answer: nowhere else, and never again."""

    form_class = ActivateForm

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep the secret, and count this code as the session's second factor."""
        super().form_valid(form)
        user = cast("User", self.request.user)
        record_authentication(self.request, user, "mfa", type="totp")
        self.request.session.pop(sessions.INVITED, None)
        kept = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
        codes = RecoveryCodes(kept).get_unused_codes() if kept else []
        return render(self.request, "console/sign_in/recovery_codes.html", {"codes": codes})

    def get_success_url(self) -> str:
        """Not followed: the codes are the answer."""
        return reverse("overview")


def second_factor_missing(request: HttpRequest) -> HttpResponse:
    """A password without a second factor opens nothing; say what to do."""
    return render(request, "console/sign_in/second_factor_missing.html", status=403)
