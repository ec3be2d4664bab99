"""`people_tells` compared what an entry says, and an entry that does not say it compares to nothing: it was stored.

An entry without a kind, or with bytes that are no object, could not be taken out of the log again. What is not true is
refused now, unknown or false, and so is an entry that names another author than the console, or does not
follow the stream's last entry.
"""

from django.db import migrations

TELLS = """
CREATE OR REPLACE FUNCTION people_tells(
    entry uuid, of_stream uuid, number integer, leaf bytea, bytes bytea, moment timestamptz,
    given jsonb, given_salt bytea, state jsonb, state_salt bytea
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    told jsonb := convert_from(bytes, 'UTF8')::jsonb;
    place bigint;
BEGIN
    IF (
        told->>'kind' IN ('person.invited', 'person.reinvited') AND told->>'stream' = of_stream::text
        AND told->>'entry' = entry::text AND (told->>'seq')::integer = number
        AND (told->>'kind' = 'person.invited') = (number = 1)
        AND number = 1 + (SELECT count(*) FROM audit_entry WHERE stream = of_stream)
        AND told->>'prev' IS NOT DISTINCT FROM
            (SELECT encode(leaf_hash, 'hex') FROM audit_entry WHERE stream = of_stream ORDER BY seq DESC LIMIT 1)
        AND leaf = sha256('\\x00'::bytea || bytes)
        AND told->'actor'->>'party' = 'operator' AND told->'actor'->>'client' = 'console'
        AND told->'actor'->'key' = 'null'
        AND EXISTS (
            SELECT FROM people_person person JOIN agencies_agency agency ON agency.id = person.agency_id
            WHERE person.id = of_stream AND person.role <> 'manager' AND person.ended_at IS NULL
                AND agency.code = state->>'agency' AND person.role = state->>'role'
        )
    ) IS NOT TRUE THEN
        RAISE EXCEPTION 'a manager invites people of their agency who are no managers'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO audit_entry (uuid, stream, seq, leaf_hash, body, audience, recorded_at)
        VALUES (entry, of_stream, number, leaf, bytes, '{}', moment) RETURNING id INTO place;
    INSERT INTO audit_pending (entry_id) VALUES (place);
    INSERT INTO audit_opening (entry_id, given, given_salt, state, state_salt)
        VALUES (place, given, given_salt, state, state_salt);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0005_an_account_of_the_agencys_own")]

    # The function of before stored too much; going back keeps this one, which every release can call.
    operations = [migrations.RunSQL(TELLS, migrations.RunSQL.noop)]
