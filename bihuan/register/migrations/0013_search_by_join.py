"""A token knows its row by name; the table stays as it is."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0012_near_links")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex("searchtoken", "search_token_of"),
                migrations.RemoveField("searchtoken", "found_id"),
                migrations.AddField(
                    "searchtoken",
                    "found",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="tokens",
                        to="register.searchrow",
                    ),
                ),
                migrations.AddIndex(
                    "searchtoken", models.Index(fields=["token", "found"], name="search_token_of")
                ),
            ]
        )
    ]
