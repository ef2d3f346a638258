"""Projections of the loop: what cannot happen cannot be stored. Times are µs."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Local, Projection

STATES = ("awaiting_answer", "in_progress", "awaiting_confirmation", "closed")
OUTCOMES = ("confirmed", "no_reply", "false_alarm", "decided")
CLOCKS = ("answer", "progress", "confirmation")
STEP_STATES = ("waiting", "called", "missed", "answered", "skipped", "stopped")
# a message's fate in the order in which it becomes known: a later one is never taken back by an
# earlier one that comes late; what rang and was declined or not answered no longer rings
FATES = (
    "queued",
    "attempted",
    "unknown",
    "accepted",
    "failed",
    "off",
    "delivered",
    "no_answer",
    "declined",
    "answered",
    "heard",
    "confirmed",
    "withdrawn",
)


class Case(Projection):
    """One loop. changed: the lane-0 position of the last entry that touched it."""

    id = models.BigIntegerField(primary_key=True)
    scenario = models.CharField(max_length=32)
    kind = models.CharField(max_length=32)
    playbook = models.CharField(max_length=80)
    severity = models.CharField(max_length=16)
    subject_id = models.BigIntegerField()
    area_id = models.BigIntegerField()
    area_path = models.CharField(max_length=255, db_index=True)
    state = models.CharField(max_length=24)
    outcome = models.CharField(max_length=16, null=True)
    owner_id = models.BigIntegerField(null=True)
    owner_role = models.CharField(max_length=32, null=True)
    round = models.IntegerField(default=0)
    signals = models.IntegerField(default=1)
    refusals = models.IntegerField(default=0)
    times_asked = models.IntegerField(default=0)
    is_late = models.BooleanField(default=False)
    is_past_limit = models.BooleanField(default=False)
    is_ladder_out = models.BooleanField(default=False)
    opened_us = models.BigIntegerField()
    last_signal_us = models.BigIntegerField()
    answered_us = models.BigIntegerField(null=True)
    reported_us = models.BigIntegerField(null=True)
    reported_by = models.BigIntegerField(null=True)
    closed_us = models.BigIntegerField(null=True)
    last_by = models.BigIntegerField(null=True)
    last_act_us = models.BigIntegerField(null=True)
    answer = models.BinaryField(null=True)
    changed = models.BigIntegerField(db_index=True)
    lookups = ("subject_id",)

    class Meta:
        db_table = "loop_case"
        indexes = (
            models.Index(
                fields=("state", "opened_us"),
                condition=~models.Q(state="closed"),
                name="loop_case_open",
            ),
            models.Index(fields=("opened_us",), name="loop_case_opened"),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="case_state"),
            models.CheckConstraint(
                condition=models.Q(state="closed", outcome__in=OUTCOMES, closed_us__isnull=False)
                | (~models.Q(state="closed") & models.Q(outcome=None, closed_us=None)),
                name="case_closed_has_outcome",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("awaiting_answer", "closed"))
                | models.Q(owner_id__isnull=False),
                name="case_in_hand_has_owner",
            ),
            models.UniqueConstraint(
                fields=("scenario", "subject_id", "kind"),
                condition=~models.Q(state="closed"),
                name="case_one_open",
            ),
        )


class CaseClock(Projection):
    """A limit that runs. state: running, met, missed, stopped."""

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=16)
    due_us = models.BigIntegerField()
    state = models.CharField(max_length=8)
    set_us = models.BigIntegerField()
    ended_us = models.BigIntegerField(null=True)
    lookups = ("case_id",)

    class Meta:
        db_table = "loop_clock"
        indexes = (
            models.Index(
                fields=("due_us",), condition=models.Q(state="running"), name="loop_clock_due"
            ),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=CLOCKS), name="clock_kind"),
            models.CheckConstraint(
                condition=models.Q(state="running", ended_us=None)
                | models.Q(state__in=("met", "missed", "stopped"), ended_us__isnull=False),
                name="clock_state",
            ),
            models.UniqueConstraint(
                fields=("case_id", "kind"),
                condition=models.Q(state="running"),
                name="clock_one_running",
            ),
        )


class Pursuit(Projection):
    """Who is being called. next_due_us: None until the current step's first attempt."""

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    round = models.IntegerField()
    step = models.IntegerField()
    again = models.IntegerField()
    state = models.CharField(max_length=8)
    next_due_us = models.BigIntegerField(null=True)
    begun_us = models.BigIntegerField()
    lookups = ("case_id",)

    class Meta:
        db_table = "loop_pursuit"
        indexes = (
            models.Index(
                fields=("next_due_us",),
                condition=models.Q(state="running"),
                name="loop_pursuit_due",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state="running")
                | models.Q(state__in=("answered", "stopped"), next_due_us=None),
                name="pursuit_state",
            ),
            models.UniqueConstraint(
                fields=("case_id",),
                condition=models.Q(state="running"),
                name="pursuit_one_running",
            ),
            models.UniqueConstraint(fields=("case_id", "round"), name="pursuit_round"),
        )


class Step(Projection):
    """One step of a pursuit's ladder, as it was when the pursuit began.

    wait_s: from its first attempt; the playbook's `repeat` once the last step is called again.
    """

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    pursuit_id = models.BigIntegerField()
    n = models.IntegerField()
    title = models.CharField(max_length=64)
    wait_s = models.IntegerField()
    state = models.CharField(max_length=8)
    skipped = models.CharField(max_length=128, null=True)
    called_us = models.BigIntegerField(null=True)
    lookups = ("pursuit_id",)

    class Meta:
        db_table = "loop_step"
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=STEP_STATES), name="step_state"),
            models.UniqueConstraint(fields=("pursuit_id", "n"), name="step_n"),
        )


class Callee(Projection):
    """A person on a ladder step. A person stands on one step only, however many roles."""

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    pursuit_id = models.BigIntegerField()
    step = models.IntegerField()
    person_id = models.BigIntegerField()
    role = models.CharField(max_length=32)
    channels = models.CharField(max_length=128)
    lookups = ("pursuit_id",)

    class Meta:
        db_table = "loop_callee"
        constraints = (
            models.UniqueConstraint(fields=("pursuit_id", "person_id"), name="callee_once"),
        )


class Delivery(Projection):
    """One message to one person on one channel. purpose: call, ask or stand_down.

    round: the case's round of calling × 1,000,000 + how often the step or question came again.
    """

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    pursuit_id = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=16)
    step = models.IntegerField()
    round = models.BigIntegerField()
    person_id = models.BigIntegerField(db_index=True)
    channel = models.CharField(max_length=32)
    priority = models.SmallIntegerField()
    state = models.CharField(max_length=16)
    queued_us = models.BigIntegerField()
    attempted_us = models.BigIntegerField(null=True)
    ended_us = models.BigIntegerField(null=True)
    lookups = ("case_id",)

    class Meta:
        db_table = "loop_delivery"
        indexes = (
            models.Index(
                fields=("priority", "id"),
                condition=models.Q(state="queued"),
                name="loop_delivery_queue",
            ),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=FATES), name="delivery_state"),
            models.UniqueConstraint(
                fields=("case_id", "purpose", "step", "person_id", "channel", "round"),
                name="delivery_once",
            ),
        )


class DeliveryFact(Projection):
    """Each fact about a message's fate, kept for good."""

    id = models.BigIntegerField(primary_key=True)
    delivery_id = models.BigIntegerField(db_index=True)
    case_id = models.BigIntegerField(db_index=True)
    fact = models.CharField(max_length=16)
    evidence = models.CharField(max_length=255)
    at_us = models.BigIntegerField()

    class Meta:
        db_table = "loop_delivery_fact"


class Happening(Projection):
    """One line of a case's timeline. detail: a word or number of the machine; text: sealed."""

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    at_us = models.BigIntegerField()
    kind = models.CharField(max_length=32)
    person_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=32, null=True)
    detail = models.CharField(max_length=128, null=True)
    text = models.BinaryField(null=True)

    class Meta:
        db_table = "loop_happening"


class Proof(Projection):
    """What a handler showed. digest: None where the proof is words alone."""

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, null=True)
    media_type = models.CharField(max_length=64, null=True)
    taken_us = models.BigIntegerField(null=True)
    place = models.BinaryField(null=True)
    given_us = models.BigIntegerField()
    given_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "loop_proof"


class Decided(Projection):
    """How far the decider has come: the last signal, or finding, that it has dealt with."""

    id = models.CharField(primary_key=True, max_length=32)
    position = models.BigIntegerField()

    class Meta:
        db_table = "loop_decided"


class CaseFinding(Projection):
    """A finding that opened or joined a case; id: the finding's identity."""

    id = models.CharField(primary_key=True, max_length=128)
    case_id = models.BigIntegerField(db_index=True)
    what = models.CharField(max_length=16)
    finding = models.BigIntegerField()

    class Meta:
        db_table = "loop_case_finding"


class SetAside(Projection):
    """A signal that opened no case, and why: an SOS of a band that nobody adopted is shown."""

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=32)
    source = models.CharField(max_length=128)
    reason = models.CharField(max_length=255)
    at_us = models.BigIntegerField()

    class Meta:
        db_table = "loop_set_aside"
        indexes = (models.Index(fields=("kind", "at_us"), name="loop_set_aside_kind"),)


class DispatchLease(Local):
    """Which dispatcher holds a delivery until when; without an outcome it becomes `unknown`."""

    delivery_id = models.BigIntegerField(primary_key=True)
    holder = models.CharField(max_length=64)
    until_us = models.BigIntegerField()

    class Meta:
        db_table = "loop_dispatch_lease"


class ScreenPhone(Local):
    """An on-screen phone of the demo or a drill: rings only while its page is open."""

    person_id = models.BigIntegerField(primary_key=True)
    seen_us = models.BigIntegerField()

    class Meta:
        db_table = "loop_screen_phone"
