"""What Django's models cannot say: the open referral is the casefile's own, and no version without its transition."""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = (("casefiles", "0001_initial"), ("audit", "0002_entries_are_append_only"))

    operations = (
        RunSQL("CREATE SEQUENCE casefiles_number", "DROP SEQUENCE casefiles_number"),
        RunSQL(
            "ALTER TABLE casefiles_casefile ADD CONSTRAINT the_open_referral_is_of_this_casefile "
            "FOREIGN KEY (open_referral_id, id) REFERENCES casefiles_referral (id, casefile_id) "
            "DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE casefiles_casefile DROP CONSTRAINT the_open_referral_is_of_this_casefile",
        ),
        RunSQL(
            """
            CREATE FUNCTION casefile_changes_by_transition() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.version <> COALESCE(OLD.version, 0) + 1 OR NOT EXISTS (
                    SELECT 1 FROM casefiles_transition t
                    WHERE t.casefile_id = NEW.id AND t.seq = NEW.version AND t.to_state = NEW.state
                ) THEN
                    RAISE EXCEPTION 'casefile % changed without a transition', NEW.id
                        USING ERRCODE = 'integrity_constraint_violation',
                              CONSTRAINT = 'a_casefile_changes_by_transition_only',
                              HINT = 'Use casefiles.transitions.perform.';
                END IF;
                RETURN NULL;
            END $$
            """,
            "DROP FUNCTION casefile_changes_by_transition()",
        ),
        RunSQL(
            "CREATE CONSTRAINT TRIGGER a_casefile_changes_by_transition_only AFTER INSERT OR UPDATE "
            "ON casefiles_casefile DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION casefile_changes_by_transition()",
            "DROP TRIGGER a_casefile_changes_by_transition_only ON casefiles_casefile",
        ),
        RunSQL(
            # Not even `session_replication_role = replica` puts it to sleep (as in audit/append_only.py).
            "ALTER TABLE casefiles_casefile ENABLE ALWAYS TRIGGER a_casefile_changes_by_transition_only",
            RunSQL.noop,
        ),
        append_only("casefiles_transition"),
        append_only("casefiles_historicalcasefile"),
        append_only("casefiles_document"),
        append_only("casefiles_attachment"),
        append_only("casefiles_finding"),
    )
