"""What a person reads in the console opens a casefile as what a system reads does; the console writes nothing of a case.

`casefiles_opens` stores a first reading and its entry with its owner's rights: only where it is true, at the moment at
which it is stored, with an entry of exactly one form (RFC 8785), in the console's name. It is the console's alone (`casefiles/role_grants.py`).
The statement is that of `casefiles.sight.first_readings`; true where something was noted.
"""

from django.db import migrations

OPENS = """
CREATE FUNCTION casefiles_opens(
    ident uuid, of_casefile uuid, of_version integer, by_agency bigint, moment timestamptz, row_salt bytea,
    entry uuid, leaf bytea, bytes bytea
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    told jsonb := convert_from(bytes, 'UTF8')::jsonb;
    at text := to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
    said bytea := convert_to(concat(
        '{"agency_id":', by_agency, ',"casefile_id":"', of_casefile, '","created_at":"', at, '","id":"', ident,
        '","version":', of_version, '}'
    ), 'UTF8');
    opened text := encode(sha256(row_salt || said), 'hex');
    asked uuid := told->'request'->>'id';
    -- The one form in which an entry of this kind is written (RFC 8785). The patterns below let no quote into it.
    whole text := concat(
        '{"actor":{"agency":"', told->'actor'->>'agency', '","client":"console","key":null,"party":"operator",',
        '"person":null},"after":"', opened, '","attachments":[],"basis":"","before":null,"catalogue":"","entry":"',
        entry, '","format":"lintas-entry/1","from":null,"grants":[],"kind":"first_reading.recorded","occurred_at":"',
        at, '","origin":"', told->>'origin', '","payload":"', opened, '","prev":null,"record":"',
        encode(sha256(said), 'hex'), '","recorded_at":"', at, '","request":{"id":"', asked,
        '","idempotency":null,"signature":null},"rules":"","seq":1,"stream":"', ident,
        '","to":null}'
    );
    seeing bigint[];
    place bigint;
BEGIN
    IF (
        bytes = convert_to(whole, 'UTF8') AND leaf = sha256('\\x00'::bytea || bytes)
        AND told->'actor'->>'agency' ~ '^[A-Za-z0-9._-]{1,80}$' AND told->>'origin' ~ '^[A-Za-z0-9./:_-]{1,200}$'
        AND octet_length(row_salt) = 32 AND moment = date_trunc('milliseconds', moment)
        AND moment BETWEEN clock_timestamp() - interval '15 minutes' AND clock_timestamp() + interval '15 minutes'
        AND NOT EXISTS (SELECT FROM audit_entry WHERE stream = ident)
    ) IS NOT TRUE THEN
        RAISE EXCEPTION 'the entry of a first reading says what was read, when, and by which agency'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO casefiles_firstreading (id, casefile_id, version, agency_id, created_at, salt)
    SELECT ident, c.id, c.version, by_agency, moment, row_salt
    FROM casefiles_casefile c
    JOIN casefiles_referral r ON r.id = c.open_referral_id AND r.to_agency_id = by_agency
    JOIN casefiles_transition t ON t.casefile_id = c.id AND t.seq = c.version AND t.agency_id <> by_agency
    WHERE c.id = of_casefile AND c.version = of_version
    FOR SHARE OF c
    ON CONFLICT (casefile_id, version, agency_id) DO NOTHING RETURNING ARRAY(
        SELECT g.agency_id FROM casefiles_casefilegrant g
        WHERE g.content_object_id = of_casefile AND g.until_entry_id IS NULL
        UNION SELECT a.id FROM agencies_agency a WHERE 'auditor' = ANY(a.roles) ORDER BY 1
    ) INTO seeing;
    IF seeing IS NULL THEN
        RETURN false;
    END IF;
    INSERT INTO audit_entry (uuid, stream, seq, leaf_hash, body, audience, recorded_at, caller_request_id)
        VALUES (entry, ident, 1, leaf, bytes, seeing, moment, '') RETURNING id INTO place;
    INSERT INTO audit_pending (entry_id) VALUES (place);
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION casefiles_opens FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = (
        ("audit", "0008_callers_name_their_requests"),
        ("casefiles", "0021_queues_are_read_in_their_order"),
    )

    operations = (migrations.RunSQL(OPENS, "DROP FUNCTION casefiles_opens"),)
