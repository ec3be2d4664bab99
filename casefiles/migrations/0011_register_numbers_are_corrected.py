"""A finding's register number may be corrected; nothing else of its row changes, and no row is removed.

The trigger lets a number through once every casefile of the finding tells it: the correction itself is in the log.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from audit.append_only import append_only

_ONLY_BY_CORRECTION = """
CREATE FUNCTION finding_changes_by_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND to_jsonb(NEW) - ARRAY['register_number', 'register_key']
            = to_jsonb(OLD) - ARRAY['register_number', 'register_key']
        AND NEW.register_number <> OLD.register_number
        AND NOT EXISTS (
            SELECT 1 FROM casefiles_casefile c
            JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version AND p.seq >= 1
            WHERE c.finding_id = NEW.id AND p.facts->'finding'->>'register_number' <> NEW.register_number
        )
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Of a finding only the register number changes, and only by `correct` on its casefiles.';
END $$
"""
_TRIGGER = (
    "CREATE TRIGGER rows_stay BEFORE UPDATE OR DELETE ON casefiles_finding "
    "FOR EACH ROW EXECUTE FUNCTION finding_changes_by_correction()"
)


class Migration(migrations.Migration):
    dependencies = (("casefiles", "0010_keys_take_one_form"),)

    operations = (
        RunSQL(
            [
                _ONLY_BY_CORRECTION,
                "DROP TRIGGER rows_stay ON casefiles_finding",
                _TRIGGER,
                "ALTER TABLE casefiles_finding ENABLE ALWAYS TRIGGER rows_stay",
            ],
            [
                *append_only("casefiles_finding").reverse_sql,
                *append_only("casefiles_finding").sql,
                "DROP FUNCTION finding_changes_by_correction()",
            ],
        ),
    )
