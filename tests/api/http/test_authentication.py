"""A bearer token becomes the service user and the actor, at every request, in one statement."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
import time_machine
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agencies import assertions, clients, tokens
from agencies.actor import Actor
from agencies.models import Agency, Client, User
from api.http.authentication import Authenticated, TokenAuthentication
from tests import callers
from tests.callers import System

pytestmark = pytest.mark.django_db(transaction=True)


class Whoami(APIView):
    """A view behind the door; what it was given is kept for the test to look at."""

    authentication_classes = (TokenAuthentication,)
    permission_classes = ()
    seen: tuple[Authenticated, Actor]

    def get(self, request: Request) -> Response:
        Whoami.seen = (request.user, request.auth)  # type: ignore[assignment]  # DRF knows no types of ours
        return Response(status=200)


def call(authorization: str | None) -> Any:
    request = RequestFactory().get("/")
    if authorization is not None:
        request.META["HTTP_AUTHORIZATION"] = authorization
    return cast("Any", Whoami.as_view()(request))


def refused(authorization: str | None, code: str) -> Any:
    answer = call(authorization)
    said = json.loads(answer.content)
    assert (answer.status_code, said["code"]) == (401, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"].startswith("Bearer")
    return answer


def bought(system: System, *, scopes: str = "casefiles:read events:read", life: int = 600) -> str:
    now = datetime.now(UTC)
    claimed = assertions.examine(system.assertion(), issuer=system.claims()["aud"], token_url="-", now=now)
    proven = tokens.prove(claimed, now=now)
    token = tokens.generate()
    tokens.issue(token, proven=proven, scopes=scopes, expires=now + timedelta(seconds=life))
    return token


@pytest.fixture
def system(transactional_db: None) -> System:
    return callers.registered_system()


def test_a_token_names_the_actor(system: System) -> None:
    token = bought(system)
    assert call(f"Bearer {token}").status_code == 200
    user, actor = Whoami.seen
    client, agency = Client.objects.get(), Agency.objects.get()
    assert user.is_authenticated
    assert [group.pk for group in User.objects.get(pk=client.user_id).groups.all()] == [actor.group_pk]
    assert actor == Actor(
        client_pk=client.pk,
        client_id="padang-pengawasan",
        agency_id=agency.pk,
        agency_code="bawaslu-kota-padang",
        agency_name=agency.name,
        roles=frozenset({"election_supervisor"}),
        scopes=frozenset({"casefiles:read", "events:read"}),
        user_pk=client.user_id,
        group_pk=agency.group_id,
        time_zone="Asia/Jakarta",
        ancestors=(),
        token_pk=client.accesstoken_set.get().pk,
        key_thumbprint=client.keys.get().thumbprint,
        default_purpose="case_handling",
    )


def test_ancestors_come_nearest_first() -> None:
    with callers.as_owner():
        for code, parent in (("ri", None), ("sumbar", "ri"), ("padang", "sumbar"), ("cousin", "ri")):
            callers.register_agency(code, parent=parent)
        system = callers.register_system(agency="padang")
    call(f"Bearer {bought(system)}")
    _, actor = Whoami.seen
    assert actor.ancestors == tuple(Agency.objects.get(code=code).pk for code in ("sumbar", "ri"))


def test_a_loop_of_parents_hangs_no_request(system: System) -> None:
    token = bought(system)
    with callers.as_owner():
        callers.register_agency("other", parent="bawaslu-kota-padang")
        Agency.objects.filter(code="bawaslu-kota-padang").update(parent=Agency.objects.get(code="other"))
    assert call(f"Bearer {token}").status_code == 200


def test_the_caller_costs_one_statement(system: System) -> None:
    token = bought(system)
    with CaptureQueriesContext(connection) as asked:
        call(f"Bearer {token}")
    assert len(asked) == 1


@pytest.mark.parametrize("authorization", [None, "", "Basic eDp5", "Token x", "Bearerx", "bear er"])
def test_without_a_bearer_token_it_is_missing(authorization: str | None) -> None:
    answer = refused(authorization, "token-missing")
    assert "error=" not in answer["WWW-Authenticate"]


@pytest.mark.parametrize(
    "token",
    ["", "x", "x" * 43, "x" * 44, "null", "é" * 43, "a b", "x" * 42 + "\0", "x" * 42 + "=", "x" * 100_000],
)
def test_a_garbled_or_unknown_token_is_invalid(token: str) -> None:
    answer = refused(f"Bearer {token}", "token-invalid")
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


def test_the_scheme_may_be_written_in_any_case(system: System) -> None:
    assert call(f"bEaReR  {bought(system)} ").status_code == 200


def test_the_stored_checksum_is_no_token(system: System) -> None:
    token = bought(system)
    refused(f"Bearer {tokens.checksum(token)}", "token-invalid")
    refused(f"Bearer {token.swapcase()}", "token-invalid")


def test_a_token_runs_out_to_the_second(system: System) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=1), tick=False) as clock:
        token = bought(system, life=600)
        clock.shift(599.999)
        assert call(f"Bearer {token}").status_code == 200
        clock.shift(0.001)
        refused(f"Bearer {token}", "token-expired")


def test_revoking_the_token_counts_at_once(system: System) -> None:
    token = bought(system)
    assert call(f"Bearer {token}").status_code == 200
    tokens.revoke(token, client=Client.objects.get())
    refused(f"Bearer {token}", "token-invalid")


def test_revoking_the_key_counts_at_once(system: System) -> None:
    token = bought(system)
    with callers.as_owner():
        clients.revoke_key(client_id=system.client_id, kid="k1", now=datetime.now(UTC))
    refused(f"Bearer {token}", "token-invalid")


def test_revoking_another_key_leaves_the_token_alone(system: System) -> None:
    token = bought(system)
    with callers.as_owner():
        key = callers.offer(callers.new_key(), client_id=system.client_id, kid="k2")
        clients.add_key(client_id=system.client_id, offer=key, issuer=system.claims()["aud"], now=datetime.now(UTC))
        clients.revoke_key(client_id=system.client_id, kid="k2", now=datetime.now(UTC))
    assert call(f"Bearer {token}").status_code == 200


@pytest.mark.parametrize("what", ["client", "user"])
def test_switching_off_the_client_or_its_user_counts_at_once(system: System, what: str) -> None:
    token = bought(system)
    with callers.as_owner():
        if what == "client":
            Client.objects.update(active=False)
        else:
            User.objects.update(is_active=False)
    refused(f"Bearer {token}", "token-invalid")


def test_a_scope_taken_from_the_client_is_gone_from_its_tokens(system: System) -> None:
    token = bought(system)
    with callers.as_owner():
        Client.objects.update(scopes=["events:read", "documents:read"])
    call(f"Bearer {token}")
    _, actor = Whoami.seen
    assert actor.scopes == {"events:read"}


def test_an_expired_token_of_a_revoked_key_is_invalid_not_expired(system: System) -> None:
    token = bought(system, life=-1)
    with callers.as_owner():
        clients.revoke_key(client_id=system.client_id, kid="k1", now=datetime.now(UTC))
    refused(f"Bearer {token}", "token-invalid")
