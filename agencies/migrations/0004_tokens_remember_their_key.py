from django.db import migrations, models


class Migration(migrations.Migration):
    """The release before goes on writing tokens without it: the column has a default of the database's own."""

    dependencies = (("agencies", "0003_readers_say_for_what"),)

    operations = (
        migrations.AddField(
            model_name="accesstoken",
            name="key_thumbprint",
            field=models.CharField(blank=True, db_default="", default="", max_length=43),
        ),
    )
