"""The list of what a server is made of is the lock's, whole."""

import re

import pytest

from dev import sbom
from dev.ground import ROOT
from dev.screen import Stop


def test_every_pinned_package_stands_in_it_with_its_digests() -> None:
    lock = (ROOT / "locks" / "service.lock").read_text(encoding="utf-8")
    made = sbom.document("service")
    assert (made["bomFormat"], made["specVersion"], made["metadata"]["component"]["name"]) == (
        "CycloneDX",
        "1.5",
        "lintas",
    )
    named = {f"{one['name']}=={one['version']}" for one in made["components"]}
    assert named == {line.lower() for line in re.findall(r"^[\w.-]+==[^\s;\\]+", lock, re.MULTILINE)}
    assert sum(len(one["properties"]) for one in made["components"]) == lock.count("--hash=sha256:")
    assert len({one["bom-ref"] for one in made["components"]}) == len(made["components"])


def test_licences_are_told_and_the_same_lock_gives_the_same_document() -> None:
    made = sbom.document("service")
    django = next(one for one in made["components"] if one["name"] == "django")
    assert "BSD" in str(django["licenses"])
    assert made == sbom.document("service")
    assert made["serialNumber"] != sbom.document("service", "s3")["serialNumber"]
    with pytest.raises(Stop, match="There are: benchmarks, development"):
        sbom.document("servis")
