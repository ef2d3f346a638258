# By `makemigrations`, but for the UPDATE: the classes of `bihuan.figures.spans`, as of then.

from django.db import migrations, models

_LONGEST = 17
_CLASSES = " ".join(f"WHEN whole_s < {3_600 << span} THEN {span}" for span in range(_LONGEST))


class Migration(migrations.Migration):
    dependencies = [
        ("figures", "0001_initial"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="casefact",
            name="case_fact_closed",
        ),
        migrations.RemoveIndex(
            model_name="casefact",
            name="case_fact_open",
        ),
        migrations.AddField(
            model_name="casefact",
            name="span",
            field=models.SmallIntegerField(default=-1),
        ),
        migrations.RunSQL(
            # made of numbers
            f"UPDATE figures_case_fact SET span = CASE {_CLASSES} ELSE {_LONGEST} END "  # noqa: S608
            "WHERE whole_s IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="casefact",
            index=models.Index(fields=["scenario", "kind", "closed_us"], name="case_fact_closed"),
        ),
        migrations.AddIndex(
            model_name="casefact",
            index=models.Index(
                fields=[
                    "scenario",
                    "kind",
                    "span",
                    "opened_us",
                    "closed_us",
                    "answered_us",
                    "outcome",
                    "area_id",
                    "area_path",
                ],
                name="case_fact_span",
            ),
        ),
    ]
