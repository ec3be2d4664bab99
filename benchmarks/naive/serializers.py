"""ModelSerializers, nested where the answer is."""

from typing import Any

from rest_framework import serializers

from benchmarks.naive.models import Agency, Casefile, Document, Finding, Referral, Transition


class AgencySerializer(serializers.ModelSerializer):
    class Meta:
        model = Agency
        fields = ("code", "name")


class DocumentSerializer(serializers.ModelSerializer):
    owner = AgencySerializer()

    class Meta:
        model = Document
        fields = ("id", "owner", "type", "title", "size", "sha256", "created_at")


class FindingSerializer(serializers.ModelSerializer):
    office = serializers.SlugRelatedField(slug_field="code", queryset=Agency.objects.all())

    class Meta:
        model = Finding
        fields = ("id", "office", "register_number", "source", "election", "known_on", "registered_on", "content")
        read_only_fields = ("id",)


class ReferralSerializer(serializers.ModelSerializer):
    from_agency = AgencySerializer()
    to_agency = AgencySerializer()
    casefile = serializers.SerializerMethodField()

    class Meta:
        model = Referral
        fields = (
            "id", "casefile", "purpose", "party", "from_agency", "to_agency", "status", "opened_at", "due_on", "due_at",
            "rule", "answered_at",
        )  # fmt: skip

    def get_casefile(self, referral: Referral) -> dict[str, Any]:
        casefile = referral.casefile
        return {"id": casefile.pk, "number": casefile.number, "state": casefile.state, "version": casefile.version}


class TransitionSerializer(serializers.ModelSerializer):
    agency = AgencySerializer()
    leaf_hash = serializers.CharField(source="entry.leaf_hash")

    class Meta:
        model = Transition
        fields = (
            "seq", "name", "from_state", "to_state", "agency", "given", "occurred_at", "recorded_at", "leaf_hash",
        )  # fmt: skip


class CasefileSerializer(serializers.ModelSerializer):
    finding = FindingSerializer()
    submitter = AgencySerializer()
    examiner = AgencySerializer()
    employer = AgencySerializer()
    addressee = AgencySerializer()
    documents = DocumentSerializer(many=True)
    open_referral = serializers.SerializerMethodField()

    class Meta:
        model = Casefile
        fields = (
            "id", "number", "version", "state", "finding", "submitter", "examiner", "employer", "addressee", "election",
            "violation_class", "facts", "documents", "open_referral", "created_at", "updated_at",
        )  # fmt: skip

    def get_open_referral(self, casefile: Casefile) -> Any:
        referral = casefile.referrals.filter(status="open").first()
        return ReferralSerializer(referral).data if referral else None
