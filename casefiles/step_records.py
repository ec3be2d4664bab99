"""What the history of a casefile says of the step that wrote it; a save outside of a step is refused."""

from __future__ import annotations

from django.db import models
from simple_history.models import HistoricalRecords


class StepRecord(models.Model):
    """What every history row of a tracked model says about the step that wrote it (never free text)."""

    step_transition = models.CharField(max_length=40)
    step_agency = models.BigIntegerField()
    step_client = models.CharField(max_length=100)
    step_request = models.UUIDField()

    class Meta:
        abstract = True


class StepRecords(HistoricalRecords):
    """simple-history, told by `perform` which step is being written; a save outside of a step is refused."""

    def create_historical_record(self, instance: models.Model, history_type: str, using: str | None = None) -> None:
        """Write the history row of `instance`, whose `_step` names the transition; raise where there is none."""
        step = getattr(instance, "_step", None)
        if step is None:
            raise RuntimeError("A casefile changes through casefiles.transitions.perform, not by save().")
        history_model = getattr(type(instance), self.manager_name).model
        attrs = {field.attname: getattr(instance, field.attname) for field in self.fields_included(instance)}
        row = history_model(
            **attrs,
            history_date=step.recorded_at,
            history_type=history_type,
            history_user_id=step.user_pk,
            step_transition=step.name,
            step_agency=step.agency_id,
            step_client=step.client_id,
            step_request=step.request_id,
        )
        row.save(force_insert=True)
