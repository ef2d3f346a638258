from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("loop", "0017_unsealing_and_phone_tokens"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="case", name="case_one_open"),
        migrations.AddField(
            model_name="case",
            name="row_id",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("state", "closed"), _negated=True),
                    models.Q(("cause", "matter"), _negated=True),
                ),
                fields=("scenario", "subject_id", "kind", "row_id"),
                name="case_one_open",
            ),
        ),
    ]
