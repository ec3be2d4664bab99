"""The verb `sbom`: what a server is made of, as a CycloneDX 1.5 document, from the lock of its packages.

    ./run sbom > lintas.cdx.json              locks/service.lock
    ./run sbom s3 pades                       other groups of pyproject.toml besides

Names, versions and digests are the lock's; a licence is what the package says of itself, where it is installed here.
The same lock gives the same bytes: the document bears no time, and its number is drawn from its content.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tomllib
import uuid
from importlib.metadata import PackageNotFoundError, metadata
from typing import Any, Final

from dev.ground import ROOT
from dev.screen import Stop

PINNED: Final = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
DIGEST: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
CLASSIFIED: Final = "License :: OSI Approved :: "


def sbom(arguments: list[str]) -> int:
    """Print what a server is made of, as CycloneDX, from the locks."""
    parser = argparse.ArgumentParser(prog="./run sbom", description="What a server is made of, as CycloneDX 1.5.")
    parser.add_argument("groups", nargs="*", help="further groups than service, as locks/ has them")
    groups = ("service", *parser.parse_args(arguments).groups)
    print(json.dumps(document(*groups), indent=1, ensure_ascii=False))
    return 0


def document(*groups: str) -> dict[str, Any]:
    """The document of these groups. Raises `Stop` for a group that has no lock."""
    components: dict[str, dict[str, Any]] = {}
    for group in groups:
        path = ROOT / "locks" / f"{group}.lock"
        if not path.exists():
            known = ", ".join(sorted(lock.stem for lock in path.parent.glob("*.lock")))
            raise Stop(f"There is no lock of a group {group!r}. There are: {known}")
        components |= components_of(path.read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = [components[name] for name in sorted(components)]
    digest = hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).digest()
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.UUID(bytes=digest[:16], version=4)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": f"pkg:generic/{project['name']}@{project['version']}",
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": listed,
    }


def components_of(lock: str) -> dict[str, dict[str, Any]]:
    """The components that a lock pins, by name; each with the digests of the files that may be installed for it."""
    found: dict[str, dict[str, Any]] = {}
    current: dict[str, Any] = {}
    for line in lock.splitlines():
        if pinned := PINNED.match(line):
            name, version = pinned[1].lower(), pinned[2]
            address = f"pkg:pypi/{name}@{version}"
            current = {"type": "library", "bom-ref": address, "name": name, "version": version, "purl": address}
            current |= _licences(name, version)
            # In this format a component has one digest; a release has a file for each platform, hence properties.
            current["properties"] = []
            found[name] = current
        for digest in DIGEST.findall(line):
            current["properties"].append({"name": "lintas:file:sha256", "value": digest})
    return found


def _licences(name: str, version: str) -> dict[str, Any]:
    """What the installed package says of its licence, where it is this version."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return {}
    if said["Version"] != version:
        return {}
    if expressions := said.get_all("License-Expression"):
        return {"licenses": [{"expression": expressions[0]}]}
    classified = [
        word.removeprefix(CLASSIFIED) for word in said.get_all("Classifier") or () if word.startswith(CLASSIFIED)
    ]
    plain = "".join(said.get_all("License") or ()).strip().splitlines()
    names = classified or (plain[:1] if plain and len(plain[0]) < 100 else [])
    return {"licenses": [{"license": {"name": one}} for one in names]} if names else {}
