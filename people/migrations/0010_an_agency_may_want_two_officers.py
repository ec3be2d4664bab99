"""A manager decides that each act of the agency at the desk takes two officers, or that one is enough again.

`people_tells` takes two more kinds, in the manager's own stream, and makes the change itself: the console may not write
the table, so that no policy begins or ends without an entry that names the manager. The other kinds are as they were.
"""

import django.db.models.deletion
from django.db import migrations, models

TELLS = """
CREATE OR REPLACE FUNCTION people_tells(
    entry uuid, of_stream uuid, number integer, leaf bytea, bytes bytea, moment timestamptz,
    given jsonb, given_salt bytea, state jsonb, state_salt bytea
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    told jsonb := convert_from(bytes, 'UTF8')::jsonb;
    kind text := told->>'kind';
    changes boolean := kind IN ('person.role_changed', 'person.ended');
    decides boolean := kind IN ('person.wants_two', 'person.wants_one');
    place bigint;
BEGIN
    IF (
        (kind IN ('person.invited', 'person.reinvited') OR changes OR decides) AND told->>'stream' = of_stream::text
        AND told->>'entry' = entry::text AND (told->>'seq')::integer = number
        AND (kind = 'person.invited') = (number = 1)
        AND number = 1 + (SELECT count(*) FROM audit_entry WHERE stream = of_stream)
        AND told->>'prev' IS NOT DISTINCT FROM
            (SELECT encode(leaf_hash, 'hex') FROM audit_entry WHERE stream = of_stream ORDER BY seq DESC LIMIT 1)
        AND leaf = sha256('\\x00'::bytea || bytes)
        AND told->'actor'->>'party' = 'operator' AND told->'actor'->>'client' = 'console'
        AND told->'actor'->'key' = 'null'
        AND EXISTS (
            SELECT FROM people_person person JOIN agencies_agency agency ON agency.id = person.agency_id
            WHERE person.id = of_stream AND (person.role = 'manager') = decides AND person.ended_at IS NULL
                AND agency.code = state->>'agency'
                AND (kind = 'person.ended') = (state->>'ended_at' IS NOT NULL)
                AND CASE WHEN kind = 'person.role_changed'
                    THEN state->>'role' IN ('reader', 'officer') AND state->>'role' <> person.role
                    ELSE state->>'role' = person.role END
                AND (NOT decides OR given->>'by' = of_stream::text)
                AND (NOT changes OR EXISTS (
                    SELECT FROM people_person manager
                    WHERE manager.id::text = given->>'by' AND manager.agency_id = person.agency_id
                        AND manager.role = 'manager' AND manager.ended_at IS NULL
                ))
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
    IF kind = 'person.role_changed' THEN
        UPDATE people_person SET role = state->>'role' WHERE id = of_stream;
    ELSIF kind = 'person.ended' THEN
        UPDATE people_person SET ended_at = moment, password = '' WHERE id = of_stream;
        UPDATE agencies_user SET is_active = false
            WHERE id = (SELECT user_id FROM people_person WHERE id = of_stream);
    ELSIF kind = 'person.wants_two' THEN
        INSERT INTO people_foureyes (agency_id, since, set_by_id)
            SELECT agency_id, moment, id FROM people_person WHERE id = of_stream;
    ELSIF kind = 'person.wants_one' THEN
        DELETE FROM people_foureyes WHERE agency_id = (SELECT agency_id FROM people_person WHERE id = of_stream);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no policy ends that has not begun' USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0009_a_mail_on_working_mornings")]

    operations = [
        migrations.CreateModel(
            name="FourEyes",
            fields=[
                (
                    "agency",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="four_eyes",
                        serialize=False,
                        to="agencies.agency",
                    ),
                ),
                ("since", models.DateTimeField()),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
                    ),
                ),
            ],
        ),
        # A release of before calls it for the other kinds alone, which it takes as ever.
        migrations.RunSQL(TELLS, migrations.RunSQL.noop),
    ]
