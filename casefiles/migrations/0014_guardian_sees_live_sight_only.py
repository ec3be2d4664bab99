"""guardian reads a view of the sight that is live: a grant that ended stays in its table, for former parties read on.

The view holds what `visible_to` shows: the grants that have not ended, and every casefile for the groups of auditors.
It changes no table and no row, so the previous release goes on as before. It takes `grant_roles` to open the view to
the web, as every new table does. The rights are those of whoever asks (`security_invoker`), so it shows nobody more
than the tables do. A migration that changes the type of a column named here drops the view first and makes it again.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations import RunSQL

VIEW = """
CREATE VIEW casefiles_livegrant WITH (security_invoker = true) AS
SELECT concat(g.group_id, '/', g.content_object_id) AS id, g.group_id, g.permission_id, g.content_object_id
FROM casefiles_casefilegrant g JOIN agencies_agency a ON a.id = g.agency_id
WHERE g.until_entry_id IS NULL AND NOT 'auditor' = ANY(a.roles)
UNION ALL
SELECT concat(a.group_id, '/', c.id), a.group_id, p.id, c.id
FROM agencies_agency a CROSS JOIN casefiles_casefile c CROSS JOIN auth_permission p
JOIN django_content_type t ON t.id = p.content_type_id
WHERE 'auditor' = ANY(a.roles) AND t.app_label = 'casefiles' AND t.model = 'casefile' AND p.codename = 'view_casefile'
"""
REFUSE = """
CREATE FUNCTION sight_changes_by_a_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'sight is read here, not given: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'An agency gains and loses sight by a transition: casefiles.transitions.perform.';
END $$
"""
TRIGGER = """
CREATE TRIGGER sight_changes_by_a_step INSTEAD OF INSERT OR UPDATE OR DELETE ON casefiles_livegrant
FOR EACH ROW EXECUTE FUNCTION sight_changes_by_a_step()
"""


class Migration(migrations.Migration):
    dependencies = (
        ("agencies", "0004_tokens_remember_their_key"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("casefiles", "0013_days_of_a_finding_are_corrected"),
        ("contenttypes", "0002_remove_content_type_name"),
    )

    operations = (
        migrations.CreateModel(
            name="LiveGrant",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                (
                    "content_object",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="live_grants",
                        to="casefiles.casefile",
                    ),
                ),
                ("group", models.ForeignKey(on_delete=django.db.models.deletion.DO_NOTHING, to="auth.group")),
                ("permission", models.ForeignKey(on_delete=django.db.models.deletion.DO_NOTHING, to="auth.permission")),
            ],
            options={"abstract": False, "managed": False},
        ),
        RunSQL([VIEW, REFUSE, TRIGGER], ["DROP VIEW casefiles_livegrant", "DROP FUNCTION sight_changes_by_a_step()"]),
    )
