"""The day a finding became known and the day of its registration may be corrected, as its register number may.

The trigger lets the row follow once every casefile of the finding tells the same: the correction itself is in the log.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

_BODY = """
CREATE OR REPLACE FUNCTION finding_changes_by_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND to_jsonb(NEW) - %(columns)s = to_jsonb(OLD) - %(columns)s
        AND %(changed)s
        AND NOT EXISTS (
            SELECT 1 FROM casefiles_casefile c
            JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version AND p.seq >= 1
            WHERE c.finding_id = NEW.id AND (%(differs)s)
        )
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'append-only: %% on %% is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege',
              HINT = '%(hint)s';
END $$
"""
_NUMBER_AND_DAYS = _BODY % {
    "columns": "ARRAY['register_number', 'register_key', 'known_on', 'registered_on']",
    "changed": "(NEW.register_number, NEW.known_on, NEW.registered_on) "
    "IS DISTINCT FROM (OLD.register_number, OLD.known_on, OLD.registered_on) "
    "AND (NEW.register_key = OLD.register_key OR NEW.register_number <> OLD.register_number)",
    "differs": "p.facts->'finding'->>'register_number' <> NEW.register_number "
    "OR (p.facts->'finding'->>'known_on')::date <> NEW.known_on "
    "OR (p.facts->'finding'->>'registered_on')::date <> NEW.registered_on",
    "hint": "Of a finding only number and days change, and only by `correct` on its casefiles.",
}
_NUMBER = _BODY % {
    "columns": "ARRAY['register_number', 'register_key']",
    "changed": "NEW.register_number <> OLD.register_number",
    "differs": "p.facts->'finding'->>'register_number' <> NEW.register_number",
    "hint": "Of a finding only the register number changes, and only by `correct` on its casefiles.",
}


class Migration(migrations.Migration):
    dependencies = (("casefiles", "0012_referrals_keep_the_days_that_passed"),)

    operations = (RunSQL(_NUMBER_AND_DAYS, _NUMBER),)
