"""The register into which a list goes: `python -m benchmarks.past.world`, as the owner, adds agencies and the law."""

from __future__ import annotations

from datetime import UTC, datetime

import django


def main() -> None:
    """Make it, in an empty database that is migrated."""
    django.setup()
    from django.conf import settings

    from agencies import sandbox
    from casefiles.catalogue import book, versions

    now = datetime.now(UTC)
    sandbox.seed(issuer=settings.LINTAS_BASE_URL, now=now)
    versions.load(book.load(), now=now)


if __name__ == "__main__":
    main()
