"""`POST /casefiles/{id}/{transition}`: one operation per row of the flow, all made of one view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.http import HttpResponse

from api.contract.operations import Operation, transition_operation
from api.http.queries import Writing
from api.http.view import DoorRequest, DoorView, identifier
from api.v1 import acting
from casefiles.flow import Transition


class TransitionView(DoorView):
    """Perform one transition on one casefile."""

    required_scopes: ClassVar = {"post": "casefiles:write"}
    queries: ClassVar = {"post": Writing}
    keyed: ClassVar = True
    versioned: ClassVar = True
    row: Transition | None = None

    @property
    def operations(self) -> Mapping[str, Operation]:
        """One operation per row."""
        return {"post": transition_operation(self.row)} if self.row is not None else {}

    def post(self, request: DoorRequest, casefile: str) -> HttpResponse:
        """Check sight, take the key, perform, and answer with the casefile after it and the receipt."""
        ident = identifier(casefile)
        row = self.row
        if row is None or row.takes is None:
            raise TypeError("a transition's view is made for one row")
        return acting.transition(request, row, ident, request.attempted(row.takes))
