"""An upload by a token that is bound to a key: the server asks the view twice, and one proof is enough."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser

from agencies import dpop
from api.http import arriving
from tests import callers
from tests.contents.conftest import Kept, content_digest, pdf, registered
from tests.factories import PADANG
from tests.partner import said
from tests.vendors import bought, proof, system
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_bound_token_brings_a_long_body_with_one_proof(kept: Kept, world: World) -> None:
    """The server asks twice, and the body may take longer than a proof is good for."""
    data, key = pdf(), callers.new_key()
    document = registered(kept.owner, data)
    token = said(bought(system(world, PADANG).form(), proof=proof(key)))["access_token"]
    path = f"/api/v1/documents/{document}/content"
    url = f"{settings.LINTAS_BASE_URL}{path}"
    made = proof(key, method="PUT", url=url, token=token, iat=int(time.time()) - dpop.MAX_AGE_S + 5)

    def asked(upload: arriving.Upload, proven: str | None) -> Any:
        headers = {"Content-Digest": content_digest(data), "Authorization": f"DPoP {token}"}
        handed: Any = {arriving.UPLOAD: upload}
        return Browser(raise_request_exception=False).generic(
            "PUT", path, b"", content_type="application/pdf", CONTENT_LENGTH=str(len(data)),
            headers=headers | ({"DPoP": proven} if proven else {}), **handed,
        )  # fmt: skip

    upload = arriving.Upload()
    assert asked(upload, made).status_code == 202
    assert upload.draft is not None
    assert upload.draft.take(data)
    upload.is_whole = True
    other = arriving.Upload()
    other.draft, other.is_whole = upload.draft, True
    for stolen, code in ((made, "dpop-replayed"), (None, "dpop-missing")):
        refused = asked(other, stolen)
        assert (refused.status_code, said(refused)["errors"][0]["code"]) == (401, code)
    assert asked(upload, made).status_code == 201
