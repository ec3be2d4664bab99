"""What is kept of an Idempotency-Key is a digest: what somebody wrote into a key does not outlive its erasure."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("api", "0003_token_requests_are_limited")]

    operations = [
        migrations.AddField(
            model_name="idempotencyrecord",
            name="key_digest",
            field=models.BinaryField(max_length=32, null=True),
        ),
        migrations.RunSQL(
            "UPDATE api_idempotencyrecord SET key_digest = sha256(convert_to(client.client_id || E'\\n' || key, 'UTF8'))"
            " FROM agencies_client client WHERE client.id = api_idempotencyrecord.client_id",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveConstraint(model_name="idempotencyrecord", name="a_client_uses_a_key_once"),
        migrations.RemoveField(model_name="idempotencyrecord", name="key"),
        migrations.AlterField(
            model_name="idempotencyrecord",
            name="key_digest",
            field=models.BinaryField(max_length=32),
        ),
        migrations.AddConstraint(
            model_name="idempotencyrecord",
            constraint=models.UniqueConstraint(fields=("client", "key_digest"), name="a_client_uses_a_key_once"),
        ),
    ]
