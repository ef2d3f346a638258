"""A case without a subject, its new states, and clocks that say how they are counted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0001_initial"), ("loop", "0010_parts_of_the_loop")]

    operations = [
        migrations.RemoveConstraint(
            model_name="case",
            name="case_state",
        ),
        migrations.RemoveConstraint(
            model_name="case",
            name="case_closed_has_outcome",
        ),
        migrations.RemoveConstraint(
            model_name="case",
            name="case_in_hand_has_owner",
        ),
        migrations.RemoveConstraint(
            model_name="case",
            name="case_one_open",
        ),
        migrations.RemoveConstraint(
            model_name="caseclock",
            name="clock_kind",
        ),
        migrations.RemoveConstraint(
            model_name="caseclock",
            name="clock_state",
        ),
        migrations.RemoveConstraint(
            model_name="caseclock",
            name="clock_one_running",
        ),
        migrations.AddField(
            model_name="case",
            name="cause",
            field=models.CharField(default="signal", max_length=16),
        ),
        migrations.AddField(
            model_name="case",
            name="holding_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="is_suspended",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="case",
            name="lead_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="level",
            field=models.SmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="case",
            name="merged_into",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="origin_id",
            field=models.BigIntegerField(db_index=True, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="parent_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="returns",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="case",
            name="sealed_for",
            field=models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="case",
            name="times_called",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="caseclock",
            name="counted",
            field=models.TextField(default=""),
        ),
        migrations.AddField(
            model_name="caseclock",
            name="days_n",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="caseclock",
            name="is_over",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="caseclock",
            name="is_provisional",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="caseclock",
            name="late_us",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="caseclock",
            name="ref",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="caseclock",
            name="watch_us",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="caseclock",
            name="watched",
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="case",
            name="owner_id",
            field=models.BigIntegerField(db_index=True, null=True),
        ),
        migrations.AlterField(
            model_name="case",
            name="subject_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="caseclock",
            name="state",
            field=models.CharField(max_length=9),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["subject_id"], name="loop_case_subject"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["area_id"], name="loop_case_area"),
        ),
        migrations.AddIndex(
            model_name="caseclock",
            index=models.Index(
                condition=models.Q(("watch_us__isnull", False)),
                fields=["watch_us"],
                name="loop_clock_watch",
            ),
        ),
        migrations.AddIndex(
            model_name="caseclock",
            index=models.Index(
                condition=models.Q(("is_provisional", True), ("state", "running")),
                fields=["days_n"],
                name="loop_clock_provisional",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        (
                            "new",
                            "accepted",
                            "awaiting_receipt",
                            "received",
                            "awaiting_answer",
                            "in_progress",
                            "awaiting_check",
                            "awaiting_confirmation",
                            "closed",
                        ),
                    )
                ),
                name="case_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_us__isnull", False),
                        (
                            "outcome__in",
                            (
                                "confirmed",
                                "no_reply",
                                "false_alarm",
                                "decided",
                                "declined",
                                "not_applicable",
                                "merged",
                                "void",
                            ),
                        ),
                        ("state", "closed"),
                    ),
                    models.Q(
                        models.Q(("state", "closed"), _negated=True),
                        ("closed_us", None),
                        ("outcome", None),
                    ),
                    _connector="OR",
                ),
                name="case_closed_has_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ("new", "accepted", "awaiting_receipt", "awaiting_answer", "closed"),
                    ),
                    ("owner_id__isnull", False),
                    _connector="OR",
                ),
                name="case_in_hand_has_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("state", "closed"), _negated=True),
                    models.Q(("cause", "matter"), _negated=True),
                ),
                fields=("scenario", "subject_id", "kind"),
                name="case_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into", None),
                    models.Q(("outcome", "merged"), ("outcome__isnull", False)),
                    _connector="OR",
                ),
                name="case_merged_is_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__range", (0, 3))), name="case_level"
            ),
        ),
        migrations.AddConstraint(
            model_name="caseclock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        (
                            "answer",
                            "progress",
                            "confirmation",
                            "accept",
                            "receive",
                            "act",
                            "report",
                            "check",
                            "verify",
                            "milestone",
                            "statement",
                        ),
                    )
                ),
                name="clock_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseclock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_us", None), ("state__in", ("running", "suspended"))),
                    models.Q(
                        ("ended_us__isnull", False), ("state__in", ("met", "missed", "stopped"))
                    ),
                    _connector="OR",
                ),
                name="clock_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseclock",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("running", "suspended"))),
                fields=("case_id", "kind", "ref"),
                name="clock_one_running",
            ),
        ),
        migrations.RunSQL(
            "UPDATE loop_case SET sealed_for = COALESCE("
            "(SELECT s.person_id FROM register_subject s WHERE s.id = loop_case.subject_id), id)",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            "UPDATE loop_clock SET is_over = (1 = 1) WHERE state IN ('met', 'stopped')",
            migrations.RunSQL.noop,
        ),
    ]
