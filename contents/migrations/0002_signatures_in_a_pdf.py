"""What the signatures in a PDF are worth, where the operator installed roots; null where nobody looked.

Null stands in no record, so that entries of before still fit their rows. It takes `grant_roles` to let the worker write.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("contents", "0001_initial"),)

    operations = (migrations.AddField("content", "signatures", models.JSONField(null=True)),)
