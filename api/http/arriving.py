"""How the bytes of an upload reach the view without a thread that waits for them.

The server (`config.asgi`) asks the view twice. The first time the body has not been read: the view looks at all that
can be refused beforehand, and opens a draft. Then the bytes go into the draft as they come. The second time the view
keeps what is in it. Under a server that does not know of this, the view reads the body by itself, in one go.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from contents.receiving import Draft

if TYPE_CHECKING:
    from api.http.quotas import Quota

PATH: Final = re.compile(r"/api/v1/documents/[^/]+/content")
"""The address whose body is no JSON: PUT there is an upload."""
ARRIVED: Final = "lintas.arrived"
"""Under which the server hands over when the head of a request had come."""
UPLOAD: Final = "lintas.upload"
"""Under which the server hands an `Upload` to the view."""


class Upload:
    """An upload in the server's hands. The view opens `draft`; `is_whole` once all of the body is in it.

    `quota` is what was left when it began. `proof` says for which token, and by which key, the upload was proven (DPoP)
    when it began: the proof is used by then, and would be too old when a long body has come.
    """

    def __init__(self) -> None:
        self.draft: Draft | None = None
        self.is_whole = False
        self.quota: Quota | None = None
        self.proof: tuple[str, str] | None = None
