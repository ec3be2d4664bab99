"""Print a client assertion (RFC 7523, ES256) for one token. Needs Python 3 and the package cryptography.

python3 assertion.py CLIENT_ID KID KEY.pem ISSUER
"""

import base64
import json
import sys
import time
import uuid
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils


def base64url(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


client_id, kid, key_file, issuer = sys.argv[1:]
now = int(time.time())
header = {"alg": "ES256", "typ": "JWT", "kid": kid}
claims = {"iss": client_id, "sub": client_id, "aud": issuer, "iat": now, "exp": now + 60, "jti": str(uuid.uuid4())}
signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))

key = serialization.load_pem_private_key(Path(key_file).read_bytes(), password=None)
# sign() writes DER. ES256 wants r and s alone, 32 bytes each.
r, s = utils.decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
print(f"{signed}.{base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}")
