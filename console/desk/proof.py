"""Who is about to act: an officer who proved lately, by a second factor, who they are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from agencies.actor import Actor
from console.http import PageRequest
from console.sign_in import sessions
from people import persons


def officer_now(page: PageRequest) -> Actor | None:
    """The person as the one who acts; None where the last second factor is more than a quarter of an hour old."""
    proof = sessions.last_proof(page)
    if proof is None or proof.factor not in persons.FACTORS or page.wall - proof.at >= sessions.LATELY:
        return None
    # The entry is dated by the register's time, and so is what it says of the factor: in a sandbox that was moved on,
    # the verifier would otherwise find the two days apart.
    return persons.officer_of(page.person, factor=proof.factor, proved_at=proof.at + (page.now - page.wall))


def proves_first(request: HttpRequest, *, back: str = "") -> HttpResponse:
    """To the second factor, and back to the page, or to where what was typed is kept."""
    query = urlencode({"next": back or request.get_full_path()})
    return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?{query}")
