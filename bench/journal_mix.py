"""A synthetic mix of full cases for the rebuild: what a case's life writes, without its rules.

Ten entries a case: opened with a clock and a pursuit, two deliveries sent and answered for,
acknowledged, three reports, confirmed, closed. Stands in until a mix of the loop's own entries
is given with `--mix`.
"""

from __future__ import annotations

from django.db import connections, models

from bihuan.base.time import MovableClock
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.payloads import Payload, entry_type
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.journal.tables import Projection

CASES_AT_ONCE = 50


class Case(Projection):
    id = models.BigIntegerField(primary_key=True)
    subject = models.BigIntegerField()
    state = models.CharField(max_length=20)
    owner = models.BigIntegerField(null=True)
    opened_us = models.BigIntegerField()
    closed_us = models.BigIntegerField(null=True)
    reports = models.IntegerField(default=0)
    is_late = models.BooleanField(default=False)
    lookups = ("subject",)

    class Meta:
        app_label = "bench"
        db_table = "bench_case"
        indexes = (models.Index(fields=("subject",), name="bench_case_subject"),)


class Delivery(Projection):
    id = models.BigIntegerField(primary_key=True)
    case = models.BigIntegerField()
    fate = models.CharField(max_length=20)
    text = models.BinaryField(null=True)
    lookups = ("case",)

    class Meta:
        app_label = "bench"
        db_table = "bench_delivery"
        indexes = (models.Index(fields=("case",), name="bench_delivery_case"),)


class Line(Projection):
    """One line of a case's timeline."""

    id = models.BigIntegerField(primary_key=True)
    case = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=20)
    at_us = models.BigIntegerField()

    class Meta:
        app_label = "bench"
        db_table = "bench_line"


MODELS: tuple[type[Projection], ...] = (Case, Delivery, Line)


@entry_type("bench.opened.v1")
class Opened(Payload, frozen=True, kw_only=True):
    subject: int
    signal: str
    ladder: tuple[int, ...]


@entry_type("bench.sent.v1")
class Sent(Payload, frozen=True, kw_only=True):
    case_id: int
    person: int
    text: bytes


@entry_type("bench.fate.v1")
class Fate(Payload, frozen=True, kw_only=True):
    case_id: int
    delivery: int
    fate: str


@entry_type("bench.acted.v1")
class Acted(Payload, frozen=True, kw_only=True):
    case_id: int
    act: str
    person: int


@projects(Opened)
def opened(rows: Rows, entry: Recorded[Opened]) -> None:
    subject, at_us = entry.payload.subject, entry.recorded_us
    is_late = any(case.closed_us is None for case in rows.where(Case, subject=subject))
    rows.new(
        Case, id=entry.id(), subject=subject, state="calling", opened_us=at_us, is_late=is_late
    )
    rows.new(Line, id=entry.id(), case=entry.id(), kind="opened", at_us=at_us)


@projects(Sent)
def sent(rows: Rows, entry: Recorded[Sent]) -> None:
    said = entry.payload
    rows.new(Delivery, id=entry.id(), case=said.case_id, fate="accepted", text=said.text)


@projects(Fate)
def fate(rows: Rows, entry: Recorded[Fate]) -> None:
    rows.change(Delivery, entry.payload.delivery).fate = entry.payload.fate


@projects(Acted)
def acted(rows: Rows, entry: Recorded[Acted]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    case.state = said.act
    if said.act == "acknowledged":
        case.owner = said.person
    if said.act == "reported":
        case.reports += 1
    if said.act == "closed":
        case.closed_us = entry.recorded_us
    rows.new(Line, id=entry.id(), case=said.case_id, kind=said.act, at_us=entry.recorded_us)


def make_tables() -> None:
    """Create the tables of this mix beside the real ones."""
    with connections[MAIN].schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)


def write(clock: MovableClock, cases: int) -> int:
    """Append and project the entries of full cases; how many entries there are."""
    count = 0
    for start in range(0, cases, CASES_AT_ONCE):
        clock.advance(seconds=30)
        with Appender(FACTS_LANE, clock) as lane:
            for number in range(start, min(start + CASES_AT_ONCE, cases)):
                count += _case(lane, number)
    return count


def _case(lane: Appender, number: int) -> int:
    person, before = 1_000 + number % 300, lane.next_position
    case = lane.append(Opened(subject=number % 10_000, signal="sos", ladder=(1, 2, 3))).id()
    for _ in range(2):
        delivery = lane.append(Sent(case_id=case, person=person, text=b"x" * 60)).id()
        lane.append(Fate(case_id=case, delivery=delivery, fate="answered"))
    for act in ("acknowledged", "reported", "reported", "confirmed", "closed"):
        lane.append(Acted(case_id=case, act=act, person=person))
    return lane.next_position - before
