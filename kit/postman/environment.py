"""Membuat environment Postman untuk kotak pasir / makes the environment of Postman for a sandbox.

    python3 kit/postman/environment.py .run/sandbox.json > kotak-pasir.postman_environment.json

It holds the sandbox's given-away private keys, one variable `jwk_<agency>` for each office, and
`bawaslu-kota-padang` as yourself. Standard library only.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

YOU = "bawaslu-kota-padang"


def environment(sandbox: dict[str, Any]) -> dict[str, Any]:
    """The environment of a sandbox, as `sandbox.json` describes it."""
    keys = {client["agency"]: client["private_jwk"] for client in sandbox["clients"]}
    values = {"base_url": sandbox["base_url"], "issuer": "", "client_id": f"{YOU}-system", "version": "1"}
    secrets = {"jwk": keys[YOU], **{f"jwk_{agency}": key for agency, key in keys.items()}}
    return {
        "name": "Lintas, kotak pasir",
        "values": [
            *({"key": name, "value": value, "type": "default", "enabled": True} for name, value in values.items()),
            *(
                {"key": name, "value": json.dumps(key), "type": "secret", "enabled": True}
                for name, key in secrets.items()
            ),
        ],
        "_postman_variable_scope": "environment",
    }


def main() -> int:
    """Print the environment of the sandbox that the only argument names."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 1
    json.dump(environment(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), sys.stdout, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
