"""What an agency's manager does with people is an entry too, though the console's role may write none.

`people_tells` stores such an entry with its owner's rights: of a person's own stream, of the kinds named, about somebody who
is no manager. `grant_roles` lets the console call it, and nobody else may. A person without an entry is refused at the
end of the transaction, whoever made the row.
"""

from django.db import migrations

TELLS = """
CREATE FUNCTION people_tells(
    entry uuid, of_stream uuid, number integer, leaf bytea, bytes bytea, moment timestamptz,
    given jsonb, given_salt bytea, state jsonb, state_salt bytea
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    told jsonb := convert_from(bytes, 'UTF8')::jsonb;
    place bigint;
BEGIN
    IF told->>'kind' NOT IN ('person.invited', 'person.reinvited') OR told->>'stream' <> of_stream::text
        OR told->>'entry' <> entry::text OR (told->>'seq')::integer <> number
        OR (told->>'kind' = 'person.invited') <> (number = 1)
        OR NOT EXISTS (
            SELECT FROM people_person person JOIN agencies_agency agency ON agency.id = person.agency_id
            WHERE person.id = of_stream AND person.role <> 'manager' AND person.ended_at IS NULL
                AND agency.code = state->>'agency' AND person.role = state->>'role'
        )
    THEN
        RAISE EXCEPTION 'a manager invites people of their agency who are no managers'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO audit_entry (uuid, stream, seq, leaf_hash, body, audience, recorded_at)
        VALUES (entry, of_stream, number, leaf, bytes, '{}', moment) RETURNING id INTO place;
    INSERT INTO audit_pending (entry_id) VALUES (place);
    INSERT INTO audit_opening (entry_id, given, given_salt, state, state_salt)
        VALUES (place, given, given_salt, state, state_salt);
END $$;
REVOKE ALL ON FUNCTION people_tells FROM PUBLIC;
"""
IS_TOLD = """
CREATE FUNCTION person_is_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM audit_entry WHERE stream = NEW.id) THEN
        RAISE EXCEPTION 'a person is registered with an entry of the log' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER a_person_has_an_entry AFTER INSERT ON people_person
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION person_is_told();
ALTER TABLE people_person ENABLE ALWAYS TRIGGER a_person_has_an_entry;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0002_a_cache_that_all_workers_share"), ("audit", "0006_days_of_reads_are_sealed")]

    operations = [
        migrations.RunSQL(TELLS, "DROP FUNCTION people_tells"),
        migrations.RunSQL(
            IS_TOLD, "DROP TRIGGER a_person_has_an_entry ON people_person; DROP FUNCTION person_is_told()"
        ),
    ]
