"""Projections of the loop: what cannot happen cannot be stored. Times are µs."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Local, Projection
from bihuan.loop.states import CLOCKS, OUTCOMES, STATES, WITHOUT_OWNER

STEP_STATES = ("waiting", "called", "missed", "answered", "skipped", "stopped")
# a message's fate in the order in which it becomes known: a later one is never taken back by an
# earlier one that comes late; what rang and was declined or not answered no longer rings
FATES = (
    "queued", "attempted", "unknown", "accepted", "failed", "off", "delivered", "no_answer",
    "declined", "answered", "heard", "confirmed", "withdrawn",
)  # fmt: skip


class Case(Projection):
    """One loop. changed: the lane-0 position of the last entry that touched it.

    cause        signal, finding or matter; sealed_for: whose key seals its texts
    is_sealed    who reported it is kept from everybody who handles it
    subject_id   None where it is about a place alone; origin_id: the person who reported it
    row_id       the record that it is about, 0 = none; merged_into, parent_id: another case
    level        of supervision, 0 = none; is_suspended: its clocks that may pause stand still
    times_called  how often a superior was called to sign; returns: how often it was returned
    lead_id      the newest assignment to a unit that leads; holding_id: who holds it now
    """

    id = models.BigIntegerField(primary_key=True)
    scenario = models.CharField(max_length=32)
    kind = models.CharField(max_length=32)
    playbook = models.CharField(max_length=80)
    severity = models.CharField(max_length=16)
    cause = models.CharField(max_length=16, default="signal")
    subject_id = models.BigIntegerField(null=True)
    origin_id = models.BigIntegerField(null=True, db_index=True)
    row_id = models.BigIntegerField(default=0)
    sealed_for = models.BigIntegerField()
    is_sealed = models.BooleanField(default=False)
    area_id = models.BigIntegerField()
    area_path = models.CharField(max_length=255, db_index=True)
    state = models.CharField(max_length=24)
    outcome = models.CharField(max_length=16, null=True)
    owner_id = models.BigIntegerField(null=True, db_index=True)
    owner_role = models.CharField(max_length=32, null=True)
    round = models.IntegerField(default=0)
    signals = models.IntegerField(default=1)
    refusals = models.IntegerField(default=0)
    times_asked = models.IntegerField(default=0)
    times_called = models.IntegerField(default=0)
    level = models.SmallIntegerField(default=0)
    returns = models.IntegerField(default=0)
    is_suspended = models.BooleanField(default=False)
    merged_into = models.BigIntegerField(null=True)
    parent_id = models.BigIntegerField(null=True)
    lead_id = models.BigIntegerField(null=True)
    holding_id = models.BigIntegerField(null=True)
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
            models.Index(fields=("subject_id", "opened_us"), name="loop_case_of_subject"),
            models.Index(fields=("area_id", "scenario"), name="loop_case_of_area"),
            models.Index(fields=("origin_id",), name="loop_case_origin"),
            models.Index(fields=("owner_id",), name="loop_case_owner"),
            models.Index(
                fields=("owner_id",), condition=~models.Q(state="closed"), name="loop_case_in_hand"
            ),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="case_state"),
            models.CheckConstraint(
                condition=models.Q(state="closed", outcome__in=OUTCOMES, closed_us__isnull=False)
                | (~models.Q(state="closed") & models.Q(outcome=None, closed_us=None)),
                name="case_closed_has_outcome",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=WITHOUT_OWNER) | models.Q(owner_id__isnull=False),
                name="case_in_hand_has_owner",
            ),
            models.UniqueConstraint(
                fields=("scenario", "subject_id", "kind", "row_id"),
                # what people report may come twice; it is proposed as a duplicate instead
                condition=~models.Q(state="closed") & ~models.Q(cause="matter"),
                name="case_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into=None)
                | models.Q(outcome__isnull=False, outcome="merged"),
                name="case_merged_is_closed",
            ),
            models.CheckConstraint(condition=models.Q(level__range=(0, 3)), name="case_level"),
        )


class CaseClock(Projection):
    """A limit that runs. state: running, suspended, met, missed, stopped.

    ref       the assignment whose receipt it measures; 0 = the case's own
    counted   JSON of how it is counted; days_n: the table of working days that it was counted by
    watch_us  when supervision by itself is next due, watched: how often it came
    is_over   met, stopped or replaced; a missed one that is not over is overdue (逾期)
    late_us   by how much it was met too late; None where it was met in time or not at all
    """

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=16)
    ref = models.BigIntegerField(default=0)
    due_us = models.BigIntegerField()
    is_provisional = models.BooleanField(default=False)
    counted = models.TextField(default="")
    days_n = models.IntegerField(default=0)
    watch_us = models.BigIntegerField(null=True)
    watched = models.IntegerField(default=0)
    late_us = models.BigIntegerField(null=True)
    is_over = models.BooleanField(default=False)
    state = models.CharField(max_length=9)
    set_us = models.BigIntegerField()
    ended_us = models.BigIntegerField(null=True)
    lookups = ("case_id",)

    class Meta:
        db_table = "loop_clock"
        indexes = (
            models.Index(
                fields=("due_us",), condition=models.Q(state="running"), name="loop_clock_due"
            ),
            models.Index(
                fields=("watch_us",),
                condition=models.Q(watch_us__isnull=False),
                name="loop_clock_watch",
            ),
            models.Index(
                fields=("days_n",),
                condition=models.Q(state="running", is_provisional=True),
                name="loop_clock_provisional",
            ),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=CLOCKS), name="clock_kind"),
            models.CheckConstraint(
                condition=models.Q(state__in=("running", "suspended"), ended_us=None)
                | models.Q(state__in=("met", "missed", "stopped"), ended_us__isnull=False),
                name="clock_state",
            ),
            models.UniqueConstraint(
                fields=("case_id", "kind", "ref"),
                condition=models.Q(state__in=("running", "suspended")),
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
    """One message to one person on one channel.

    case_id  of a call-out (`callout.topic`) it is no case but the stream of one person
    purpose  call, ask (the origin), stand_down, task (an assignment), supervise, tell (the
             answer), sign (a superior), state (one's own view)
    round    of call and ask: the case's round × 1,000,000 + how often it came again; of the
             others the position of the entry that queued it
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


# the tables of the parts of the loop: Django finds an app's models here
from bihuan.loop.callout.models import CallOut  # noqa: E402, F401 - models of a subpackage
from bihuan.loop.cases.models import Matter  # noqa: E402, F401 - as above
from bihuan.loop.clocks.models import WorkingDays  # noqa: E402, F401 - as above
from bihuan.loop.daily.models import DailyNotice  # noqa: E402, F401 - as above
from bihuan.loop.delivery.models import ChannelAccount  # noqa: E402, F401 - models of a subpackage
from bihuan.loop.exchange.models import Order, Partner  # noqa: E402, F401
from bihuan.loop.inquiry.models import Inquiry  # noqa: E402, F401 - as above
from bihuan.loop.pathtest.models import PathPlan, PathProbe, PathRun  # noqa: E402, F401
from bihuan.loop.shift.models import FlashReport, Handover, LogLine  # noqa: E402, F401
from bihuan.loop.supervision.models import Supervision  # noqa: E402, F401 - as above
from bihuan.loop.told.models import RowMessage  # noqa: E402, F401 - as above
from bihuan.loop.units.models import Assignment  # noqa: E402, F401 - as above
from bihuan.loop.unsealing.models import Unsealing  # noqa: E402, F401 - as above
from bihuan.loop.watch.models import Notice  # noqa: E402, F401 - Django finds an app's models here
