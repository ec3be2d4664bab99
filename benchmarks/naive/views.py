"""ModelViewSets."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from guardian.shortcuts import get_objects_for_user
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from benchmarks.naive import writing
from benchmarks.naive.models import AccessRecord, Agency, Casefile, Document, Finding, IdempotencyKey, Referral
from benchmarks.naive.serializers import (
    CasefileSerializer,
    DocumentSerializer,
    FindingSerializer,
    ReferralSerializer,
    TransitionSerializer,
)

# What a transition leads to: state, purpose of the new referral, party that gets it.
MOVES = {
    "request-identity": ("submitted", "identity_requested", "identify", "employer"),
    "recall": ("identity_requested", "submitted", "verify", "examiner"),
}


def once(request: Request, act: Callable[[], tuple[int, Any]]) -> Response:
    """Perform a write once per Idempotency-Key."""
    key = request.headers.get("Idempotency-Key")
    if not key:
        raise serializers.ValidationError({"Idempotency-Key": "required"})
    with transaction.atomic():
        kept = IdempotencyKey.objects.filter(user=request.user, key=key).first()
        if kept:
            return Response(kept.answer, status=kept.status)
        code, data = act()
        # Stored as it is sent: rendered once here, once more by the response.
        answer = serializers.JSONField().to_representation(data)
        IdempotencyKey.objects.create(user=request.user, key=key, status=code, answer=_plain(answer))
    return Response(data, status=code)


def _plain(data: Any) -> Any:
    import json

    from rest_framework.utils.encoders import JSONEncoder

    return json.loads(json.dumps(data, cls=JSONEncoder))


def noted(request: Request, route: str, shown: list[Any]) -> None:
    AccessRecord.objects.create(user=request.user, route=route, shown=[str(one) for one in shown])


class DocumentViewSet(viewsets.ModelViewSet):
    queryset = Document.objects.all()
    serializer_class = DocumentSerializer
    http_method_names = ["get"]


class FindingViewSet(viewsets.ModelViewSet):
    """A finding with one subject makes one casefile."""

    queryset = Finding.objects.all()
    serializer_class = FindingSerializer
    http_method_names = ["post"]

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return once(request, lambda: self._take_in(request))

    def _take_in(self, request: Request) -> tuple[int, Any]:
        now = timezone.now()
        content = request.data
        serializer = self.get_serializer(
            data={
                "office": content["origin_office"],
                **{
                    name: content[name]
                    for name in ("register_number", "source", "election", "known_on", "registered_on")
                },
                "content": content,
            }
        )
        serializer.is_valid(raise_exception=True)
        agency = Agency.objects.get(user=request.user)
        finding = serializer.save()
        documents = list(Document.objects.filter(pk__in=content["assessment"]["documents"], owner=agency))
        if len(documents) != len(content["assessment"]["documents"]):
            raise serializers.ValidationError({"assessment": "unknown document"})
        subject = content["subjects"][0]
        employer = Agency.objects.get(code=subject["employer"])
        examiner = Agency.objects.get(code="bkn")
        facts = {
            "finding": {name: value for name, value in content.items() if name not in ("violations", "subjects")},
            "subject": subject,
            "violations": content["violations"],
            "submitter": agency.code,
            "examiner": examiner.code,
            "employer": employer.code,
            "documents": [{"id": str(one.pk), "type": one.type, "sha256": one.sha256} for one in documents],
        }
        casefile = Casefile.objects.create(
            number=writing.number(now), finding=finding, state="submitted", submitter=agency, examiner=examiner,
            employer=employer, election=finding.election, violation_class="ethics", facts=facts,
        )  # fmt: skip
        casefile.documents.set(documents)
        writing.open_referral(casefile, purpose="verify", party="examiner", sender=agency, holder=examiner, now=now)
        writing.record(casefile, name="submit", source="", agency=agency, given=content, occurred_at=now)
        above = agency.parent
        seeing = [agency, examiner]
        while above is not None:
            seeing.append(above)
            above = above.parent
        writing.let_see(casefile, seeing)
        return status.HTTP_201_CREATED, {
            **serializer.data,
            "casefiles": [CasefileSerializer(casefile).data],
        }


class CasefileViewSet(viewsets.ModelViewSet):
    serializer_class = CasefileSerializer
    http_method_names = ["get", "post"]

    def get_queryset(self) -> Any:
        return get_objects_for_user(self.request.user, "naive.view_casefile")

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        casefile = self.get_object()
        noted(request, "casefile", [casefile.pk])
        return Response(self.get_serializer(casefile).data)

    @action(detail=True, methods=["get"])
    def timeline(self, request: Request, pk: str | None = None) -> Response:
        """Transitions, referrals, documents, and what changed from version to version."""
        casefile = self.get_object()
        changes: list[Any] = []
        before = None
        for row in casefile.history.order_by("history_date", "history_id"):
            changes.append({"version": row.version, "changes": list(differences(before, row.facts, "#"))})
            before = row.facts
        noted(request, "timeline", [casefile.pk])
        return Response(
            {
                "transitions": TransitionSerializer(casefile.transitions.all(), many=True).data,
                "referrals": ReferralSerializer(casefile.referrals.all(), many=True).data,
                "documents": DocumentSerializer(casefile.documents.all(), many=True).data,
                "changes": changes,
            }
        )

    @action(detail=True, methods=["post"], url_path="(?P<name>request-identity|recall)")
    def transition(self, request: Request, name: str, pk: str | None = None) -> Response:
        """Move the casefile, if it is where the caller believes it to be."""
        return once(request, lambda: self._move(request, name))

    def _move(self, request: Request, name: str) -> tuple[int, Any]:
        now = timezone.now()
        seen = self.get_object()
        casefile = Casefile.objects.select_for_update().get(pk=seen.pk)
        agency = Agency.objects.get(user=request.user)
        source, target, purpose, party = MOVES[name]
        if casefile.examiner_id != agency.pk:
            raise Http404
        if request.headers.get("If-Match") != f'"{casefile.version}"' or casefile.state != source:
            raise serializers.ValidationError({"state": "the casefile has moved on"})
        given = request.data
        if name == "request-identity":
            casefile.employer = Agency.objects.get(code=given["employer"])
        holder = casefile.employer if party == "employer" else casefile.examiner
        assert holder is not None
        answered = casefile.referrals.get(status="open")
        answered.status, answered.answered_at = "answered", now
        answered.save()
        casefile.version += 1
        casefile.state = target
        casefile.facts = {**casefile.facts, "employer": holder.code if party == "employer" else None, "state": target}
        casefile.save()
        writing.open_referral(casefile, purpose=purpose, party=party, sender=agency, holder=holder, now=now)
        writing.record(
            casefile, name=name, source=source, agency=agency, given=given,
            occurred_at=parse_datetime(given.get("occurred_at") or "") or now,
        )  # fmt: skip
        if party == "employer":
            writing.let_see(casefile, [holder])
        return status.HTTP_200_OK, CasefileSerializer(casefile).data


class ReferralViewSet(viewsets.ModelViewSet):
    """The open referrals of the caller's agency on casefiles that it sees."""

    serializer_class = ReferralSerializer
    http_method_names = ["get"]

    def get_queryset(self) -> Any:
        seen = get_objects_for_user(self.request.user, "naive.view_casefile")
        mine = Referral.objects.filter(casefile__in=seen, to_agency__user=self.request.user, status="open")
        return mine.select_related("casefile", "from_agency", "to_agency")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer = super().list(request, *args, **kwargs)
        noted(request, "referrals", [item["casefile"]["id"] for item in answer.data["results"]])
        return answer


def differences(before: Any, after: Any, pointer: str) -> Any:
    """Field by field, as ours tells it."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in {**before, **after}:
            yield from differences(before.get(name), after.get(name), f"{pointer}/{name}")
    else:
        yield {"pointer": pointer, "before": before, "after": after}
