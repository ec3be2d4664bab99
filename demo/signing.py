"""The headers that sign a request (RFC 9421, ES256), as docs/signed-requests.md tells integrators to make them."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey

COVERED = ("authorization", "idempotency-key", "if-match")


def signed(
    method: str, url: str, content: bytes, headers: Mapping[str, str], private_jwk: Mapping[str, Any]
) -> dict[str, str]:
    """The headers to add to a request that is sent to `url` (whole, under the service's own address)."""
    target = urlsplit(url)
    digest = f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"
    parts = {"@method": method, "@authority": target.netloc, "@path": target.path}
    if target.query:
        parts["@query"] = f"?{target.query}"
    parts |= {name.lower(): value for name, value in headers.items() if name.lower() in COVERED}
    if content:
        parts["content-digest"] = digest
    covered = " ".join(f'"{name}"' for name in parts)
    parameters = f'({covered});created={int(time.time())};keyid="{private_jwk["kid"]}";tag="lintas-v1"'
    base = "".join(f'"{name}": {value}\n' for name, value in parts.items()) + f'"@signature-params": {parameters}'
    key: Any = ECKey.import_key(dict(private_jwk)).get_op_key("sign")
    r, s = decode_dss_signature(key.sign(base.encode(), ec.ECDSA(hashes.SHA256())))
    signature = base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()
    added = {"Signature-Input": f"sig={parameters}", "Signature": f"sig=:{signature}:"}
    return added | ({"Content-Digest": digest} if content else {})
