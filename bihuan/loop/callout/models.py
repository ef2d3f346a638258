"""Projections of call-outs: what cannot happen cannot be stored. Times are µs."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection

RUNNING = ("listing", "running")
OVER = ("superseded", "lifted", "ended")
# whoever is in one of these has not answered
OPEN = ("waiting", "calling", "reached", "no_answer", "superior", "knock", "failed")
STATES = (*OPEN, "confirmed", "on_behalf", "stopped")
HOW = ("key", "sms", "page", "door", "on_behalf")
LIFT_OFFER = "lift_offer"
AIDES = ("superior", "knock", LIFT_OFFER)


class CallOut(Projection):
    """One order. is_winding: its people are being let go of; lists: parts, of which listed queued.

    superseded_by and lift_* stay None and "" until it comes to that.
    """

    id = models.BigIntegerField(primary_key=True)
    event = models.CharField(max_length=128, db_index=True)
    mode = models.CharField(max_length=8)
    wakes = models.BooleanField()
    severity = models.CharField(max_length=16)
    level = models.CharField(max_length=64)
    issuer = models.CharField(max_length=128)
    zh = models.TextField()
    en = models.TextField()
    area_id = models.BigIntegerField()
    area_path = models.CharField(max_length=500, db_index=True)
    roles = models.CharField(max_length=512)
    about = models.BigIntegerField(null=True)
    warning_id = models.BigIntegerField(null=True)
    plan = models.TextField()
    supersedes = models.BigIntegerField(null=True)
    superseded_by = models.BigIntegerField(null=True)
    state = models.CharField(max_length=16)
    is_winding = models.BooleanField()
    total = models.IntegerField()
    lists = models.IntegerField()
    listed = models.IntegerField()
    ordered_by = models.BigIntegerField()
    ordered_role = models.CharField(max_length=32)
    ordered_us = models.BigIntegerField()
    ended_us = models.BigIntegerField(null=True)
    ended_by = models.BigIntegerField(null=True)
    end_reason = models.TextField()
    lift_issuer = models.CharField(max_length=128)
    lift_zh = models.TextField()
    lift_en = models.TextField()
    lookups = ("event",)

    class Meta:
        app_label = "loop"
        db_table = "loop_call_out"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=RUNNING, ended_us=None)
                | models.Q(state__in=OVER, ended_us__isnull=False),
                name="call_out_state",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="superseded") | models.Q(superseded_by__isnull=False),
                name="call_out_superseded_by",
            ),
            models.CheckConstraint(
                condition=models.Q(wakes=True) | models.Q(mode="drill"), name="call_out_wakes"
            ),
            models.UniqueConstraint(
                fields=("event", "mode"),
                condition=models.Q(state__in=RUNNING),
                name="call_out_one_of_an_event",
            ),
        )


class CallOutList(Projection):
    """A part of an order's list, as JSON, until its people are queued."""

    id = models.BigIntegerField(primary_key=True)
    call_out_id = models.BigIntegerField(db_index=True)
    people = models.TextField()
    is_done = models.BooleanField()

    class Meta:
        app_label = "loop"
        db_table = "loop_call_out_list"
        indexes = (
            models.Index(
                fields=("call_out_id", "id"),
                condition=models.Q(is_done=False),
                name="loop_call_out_list_open",
            ),
        )


class CallOutPerson(Projection):
    """One person of an order; the stream (`case_id`) of that person's messages is this id.

    tries     calls that fell due; next_due_us: None until the first of them left
    reason    the last word on why there is no answer: a fact of a message, unreachable, quiet …
    how       by what the person confirmed; behalf_*: who said so instead, and why (sealed)
    read_back None: not asked
    door_*    what the one who knocked found; photo: digest of the sealed file
    is_wound_up  let go of after the order ended
    """

    id = models.BigIntegerField(primary_key=True)
    call_out_id = models.BigIntegerField()
    person_id = models.BigIntegerField(db_index=True)
    area_id = models.BigIntegerField()
    role = models.CharField(max_length=32)
    risk = models.SmallIntegerField()
    household_id = models.BigIntegerField(null=True)
    channels = models.CharField(max_length=255)
    superior_id = models.BigIntegerField(null=True)
    knocker_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=16)
    tries = models.SmallIntegerField()
    reason = models.CharField(max_length=32)
    next_due_us = models.BigIntegerField(null=True)
    queued_us = models.BigIntegerField()
    called_us = models.BigIntegerField(null=True)
    reached_us = models.BigIntegerField(null=True)
    confirmed_us = models.BigIntegerField(null=True)
    how = models.CharField(max_length=16, null=True)
    behalf_by = models.BigIntegerField(null=True)
    behalf_why = models.BinaryField(null=True)
    read_back = models.BooleanField(null=True)
    read_back_by = models.BigIntegerField(null=True)
    door_by = models.BigIntegerField(null=True)
    door_us = models.BigIntegerField(null=True)
    door_text = models.BinaryField(null=True)
    photo = models.CharField(max_length=64, null=True)
    photo_place = models.BinaryField(null=True)
    is_overdue = models.BooleanField()
    is_wound_up = models.BooleanField()

    class Meta:
        app_label = "loop"
        db_table = "loop_call_out_person"
        indexes = (
            models.Index(fields=("call_out_id", "state"), name="loop_call_out_person_state"),
            models.Index(
                fields=("call_out_id", "next_due_us"),
                condition=models.Q(next_due_us__isnull=False),
                name="loop_call_out_person_due",
            ),
            models.Index(
                fields=("call_out_id", "id"),
                condition=models.Q(is_wound_up=False),
                name="loop_call_out_person_wound",
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("call_out_id", "person_id"), name="call_out_callee"),
            models.CheckConstraint(
                condition=models.Q(state__in=STATES), name="call_out_callee_state"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="confirmed")
                | models.Q(confirmed_us__isnull=False, how__in=("key", "sms", "page", "door")),
                name="call_out_confirmed_how",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="on_behalf")
                | models.Q(behalf_by__isnull=False, behalf_why__isnull=False, how="on_behalf"),
                name="call_out_behalf_by_whom",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=OPEN) | models.Q(next_due_us=None),
                name="call_out_answered_waits_for_nothing",
            ),
        )


class CallOutAide(Projection):
    """A superior, who goes to the door, or who may lift: one message for all that fell to them."""

    id = models.BigIntegerField(primary_key=True)
    call_out_id = models.BigIntegerField(db_index=True)
    person_id = models.BigIntegerField()
    task = models.CharField(max_length=16)
    channels = models.CharField(max_length=255)
    calls = models.SmallIntegerField()
    called_us = models.BigIntegerField(null=True)
    next_due_us = models.BigIntegerField(null=True)
    confirmed_us = models.BigIntegerField(null=True)
    lookups = ("call_out_id",)

    class Meta:
        app_label = "loop"
        db_table = "loop_call_out_aide"
        constraints = (
            models.CheckConstraint(condition=models.Q(task__in=AIDES), name="call_out_aide_task"),
            models.UniqueConstraint(
                fields=("call_out_id", "person_id", "task"), name="call_out_aide_once"
            ),
        )


class CallOutReach(Projection):
    """How those who are told of silence can be reached, as the order found it; JSON by id."""

    id = models.BigIntegerField(primary_key=True)
    channels = models.TextField()

    class Meta:
        app_label = "loop"
        db_table = "loop_call_out_reach"


class CallOutOffer(Projection):
    """The issuer cancelled the warning of a running order: its lift waits for a person.

    id: the order's; warning_id: the message that cancelled
    """

    id = models.BigIntegerField(primary_key=True)
    warning_id = models.BigIntegerField()
    offered_us = models.BigIntegerField()

    class Meta:
        app_label = "loop"
        db_table = "loop_call_out_offer"


class CallOutSheet(Projection):
    """A signed situation sheet. body: zlib of its JSON."""

    id = models.BigIntegerField(primary_key=True)
    call_out_id = models.BigIntegerField(db_index=True)
    n = models.IntegerField()
    body = models.BinaryField()
    digest = models.CharField(max_length=64)
    remark = models.BinaryField(null=True)
    signed_by = models.BigIntegerField()
    signed_us = models.BigIntegerField()
    lookups = ("call_out_id",)

    class Meta:
        app_label = "loop"
        db_table = "loop_call_out_sheet"
        constraints = (
            models.UniqueConstraint(fields=("call_out_id", "n"), name="call_out_sheet_once"),
        )


class RedialPlan(Projection):
    """The plan that holds in an area and below, unless one below says otherwise; id: the area's."""

    id = models.BigIntegerField(primary_key=True)
    plan = models.TextField()
    set_us = models.BigIntegerField()
    set_by = models.BigIntegerField()

    class Meta:
        app_label = "loop"
        db_table = "loop_redial_plan"
