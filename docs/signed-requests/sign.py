"""Print the three headers that sign a request (RFC 9421, ES256). Needs Python 3 and the package cryptography.

python3 sign.py METHOD URL BODY_FILE KID KEY.pem 'Authorization: Bearer …' 'Idempotency-Key: …' ['If-Match: "3"']
"""

import base64
import hashlib
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

method, url, body_file, kid, key_file, *headers = sys.argv[1:]
target, body = urlsplit(url), Path(body_file).read_bytes()
digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"

parts = {"@method": method, "@authority": target.netloc, "@path": target.path}
if target.query:
    parts["@query"] = f"?{target.query}"
for header in headers:
    name, _, value = header.partition(":")
    parts[name.lower()] = value.strip()
if body:
    parts["content-digest"] = digest

covered = " ".join(f'"{name}"' for name in parts)
parameters = f'({covered});created={int(time.time())};keyid="{kid}";tag="lintas-v1"'
base = "".join(f'"{name}": {value}\n' for name, value in parts.items()) + f'"@signature-params": {parameters}'

key = serialization.load_pem_private_key(Path(key_file).read_bytes(), password=None)
# sign() writes DER. ES256 wants r and s alone, 32 bytes each.
r, s = utils.decode_dss_signature(key.sign(base.encode(), ec.ECDSA(hashes.SHA256())))
signature = base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()
if body:
    print(f"Content-Digest: {digest}")
print(f"Signature-Input: sig={parameters}")
print(f"Signature: sig=:{signature}:")
