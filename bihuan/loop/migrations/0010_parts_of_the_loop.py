"""The tables of matters, links, clocks, units, supervision and inquiries."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("loop", "0009_channel_accounts_and_sendings")]

    operations = [
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("case_id", models.BigIntegerField(db_index=True)),
                ("purpose", models.CharField(max_length=16)),
                ("person_id", models.BigIntegerField(db_index=True, null=True)),
                ("role", models.CharField(max_length=32, null=True)),
                ("area_id", models.BigIntegerField(db_index=True, null=True)),
                ("organisation_id", models.BigIntegerField(db_index=True, null=True)),
                ("state", models.CharField(max_length=16)),
                ("text", models.BinaryField(null=True)),
                ("made_by", models.BigIntegerField(null=True)),
                ("made_role", models.CharField(max_length=32)),
                ("made_us", models.BigIntegerField()),
                ("received_by", models.BigIntegerField(null=True)),
                ("received_us", models.BigIntegerField(null=True)),
                ("ended_us", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "loop_assignment",
            },
        ),
        migrations.CreateModel(
            name="CaseLink",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("case_id", models.BigIntegerField(db_index=True)),
                ("other_id", models.BigIntegerField(db_index=True)),
                ("link", models.CharField(max_length=16)),
                ("by_id", models.BigIntegerField(null=True)),
                ("at_us", models.BigIntegerField()),
            ],
            options={
                "db_table": "loop_case_link",
            },
        ),
        migrations.CreateModel(
            name="ClockChange",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("case_id", models.BigIntegerField(db_index=True)),
                ("change", models.CharField(max_length=16)),
                ("clock_id", models.BigIntegerField(null=True)),
                ("amount", models.IntegerField(null=True)),
                ("until_us", models.BigIntegerField(null=True)),
                ("state", models.CharField(max_length=8)),
                ("stops", models.TextField(default="")),
                ("reason", models.BinaryField()),
                ("asked_by", models.BigIntegerField(null=True)),
                ("asked_us", models.BigIntegerField()),
                ("decided_by", models.BigIntegerField(null=True)),
                ("decided_us", models.BigIntegerField(null=True)),
                ("ended_us", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "loop_clock_change",
            },
        ),
        migrations.CreateModel(
            name="CountyLimit",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("playbook", models.CharField(db_index=True, max_length=80)),
                ("clock", models.CharField(max_length=16)),
                ("amount", models.BigIntegerField()),
                ("unit", models.CharField(max_length=8)),
                ("source", models.CharField(max_length=255)),
                ("region", models.CharField(max_length=64)),
                ("from_us", models.BigIntegerField()),
            ],
            options={
                "db_table": "loop_county_limit",
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("case_id", models.BigIntegerField(db_index=True)),
                ("digest", models.CharField(max_length=64)),
                ("media_type", models.CharField(max_length=128)),
                ("size_bytes", models.BigIntegerField()),
                ("name", models.BinaryField()),
                ("given_us", models.BigIntegerField()),
                ("given_by", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "loop_document",
            },
        ),
        migrations.CreateModel(
            name="Holding",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("case_id", models.BigIntegerField(db_index=True)),
                ("state", models.CharField(max_length=24)),
                ("person_id", models.BigIntegerField(null=True)),
                ("role", models.CharField(max_length=32, null=True)),
                ("lead_id", models.BigIntegerField(null=True)),
                ("from_us", models.BigIntegerField()),
                ("until_us", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "loop_holding",
            },
        ),
        migrations.CreateModel(
            name="Inquiry",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("case_id", models.BigIntegerField(db_index=True)),
                ("statement_id", models.BigIntegerField(unique=True)),
                ("opened_by", models.BigIntegerField(null=True)),
                ("opened_us", models.BigIntegerField()),
                ("reason", models.BinaryField()),
                ("closed_us", models.BigIntegerField(null=True)),
                ("conclusion", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "loop_inquiry",
            },
        ),
        migrations.CreateModel(
            name="Matter",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("case_id", models.BigIntegerField(db_index=True, null=True)),
                ("origin_id", models.BigIntegerField(db_index=True, null=True)),
                ("text", models.BinaryField()),
                ("contact", models.BinaryField(null=True)),
                ("via", models.CharField(max_length=16)),
                ("taken_down_by", models.BigIntegerField(null=True)),
                ("is_read_back", models.BooleanField(null=True)),
                ("reported_us", models.BigIntegerField()),
            ],
            options={
                "db_table": "loop_matter",
            },
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("case_id", models.BigIntegerField(db_index=True)),
                ("person_id", models.BigIntegerField(db_index=True)),
                ("asked_by", models.BigIntegerField(null=True)),
                ("asked_us", models.BigIntegerField()),
                ("due_us", models.BigIntegerField()),
                ("reason", models.BinaryField()),
                ("filed_us", models.BigIntegerField(null=True)),
                ("text", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "loop_statement",
            },
        ),
        migrations.CreateModel(
            name="Supervision",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("case_id", models.BigIntegerField(db_index=True)),
                ("level", models.SmallIntegerField()),
                ("by_id", models.BigIntegerField(null=True)),
                ("clock_id", models.BigIntegerField(null=True)),
                ("reason", models.BinaryField(null=True)),
                ("raised_us", models.BigIntegerField()),
                ("lifted_us", models.BigIntegerField(null=True)),
                ("lifted_by", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "loop_supervision",
            },
        ),
        migrations.CreateModel(
            name="WorkingDays",
            fields=[
                ("id", models.IntegerField(primary_key=True, serialize=False)),
                ("n", models.IntegerField()),
                ("days", models.TextField()),
                ("announced", models.TextField()),
                ("set_us", models.BigIntegerField()),
            ],
            options={
                "db_table": "loop_working_days",
            },
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", ("lead", "assist", "summon", "hand_over"))),
                name="assignment_purpose",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("waiting", "received", "returned", "reported", "withdrawn"))
                ),
                name="assignment_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("organisation_id", None), ("person_id__isnull", False), ("role", None)
                    ),
                    models.Q(
                        ("area_id__isnull", False),
                        ("organisation_id", None),
                        ("person_id", None),
                        ("role__isnull", False),
                    ),
                    models.Q(
                        ("organisation_id__isnull", False), ("person_id", None), ("role", None)
                    ),
                    _connector="OR",
                ),
                name="assignment_target",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "received"), _negated=True),
                    ("received_by__isnull", False),
                    _connector="OR",
                ),
                name="assignment_received_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("purpose__in", ("lead", "hand_over")), ("state__in", ("waiting", "received"))
                ),
                fields=("case_id", "purpose"),
                name="assignment_one_lead",
            ),
        ),
        migrations.AddConstraint(
            model_name="caselink",
            constraint=models.CheckConstraint(
                condition=models.Q(("link__in", ("duplicate", "merged", "child"))), name="link_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="caselink",
            constraint=models.CheckConstraint(
                condition=models.Q(("case_id", models.F("other_id")), _negated=True),
                name="link_of_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="caselink",
            constraint=models.UniqueConstraint(
                fields=("case_id", "other_id", "link"), name="link_once"
            ),
        ),
        migrations.AddIndex(
            model_name="clockchange",
            index=models.Index(
                condition=models.Q(("change", "suspension"), ("state", "granted")),
                fields=["until_us"],
                name="loop_suspension_until",
            ),
        ),
        migrations.AddConstraint(
            model_name="clockchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("asked", "refused", "granted", "ended"))),
                name="change_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="clockchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by", None),
                    ("asked_by", None),
                    models.Q(("decided_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="change_decided_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="clockchange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("change", "suspension"), ("state__in", ("asked", "granted"))),
                fields=("case_id",),
                name="change_one_suspension",
            ),
        ),
        migrations.AddConstraint(
            model_name="holding",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until_us", None)), fields=("case_id",), name="holding_one_now"
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("filed_us", None), ("text", None)),
                    models.Q(("filed_us__isnull", False), ("text__isnull", False)),
                    _connector="OR",
                ),
                name="statement_filed",
            ),
        ),
        migrations.AddConstraint(
            model_name="supervision",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__range", (1, 3))), name="supervision_level"
            ),
        ),
    ]
