"""Cases of official warnings, and the lift that waits for a person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("loop", "0018_case_of_a_row"),
    ]

    operations = [
        migrations.CreateModel(
            name="CallOutOffer",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("warning_id", models.BigIntegerField()),
                ("offered_us", models.BigIntegerField()),
            ],
            options={
                "db_table": "loop_call_out_offer",
            },
        ),
        migrations.CreateModel(
            name="CaseWarning",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("case_id", models.BigIntegerField(db_index=True)),
                ("warning_id", models.BigIntegerField(db_index=True)),
            ],
            options={
                "db_table": "loop_case_warning",
            },
        ),
        migrations.RemoveConstraint(
            model_name="calloutaide",
            name="call_out_aide_task",
        ),
        migrations.AddConstraint(
            model_name="calloutaide",
            constraint=models.CheckConstraint(
                condition=models.Q(("task__in", ("superior", "knock", "lift_offer"))),
                name="call_out_aide_task",
            ),
        ),
        migrations.AddConstraint(
            model_name="casewarning",
            constraint=models.UniqueConstraint(
                fields=("case_id", "warning_id"), name="case_warning_once"
            ),
        ),
    ]
