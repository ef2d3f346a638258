"""Full cases through the real loop, for `bench.journal`: SOS, calls, acts, confirmation.

Two cases in three are taken by the village on the first call and confirmed by the family; one in
three climbs a step, is refused once and solved the second time. Each entry is appended and
projected as live; only the transaction is shared by many, so that the set is made in minutes.
"""

from __future__ import annotations

import os
from pathlib import Path

from bihuan.base.time import MovableClock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Parked
from bihuan.journal.rebuild import rebuilt_tables
from bihuan.loop import entries, ladder
from bihuan.loop.decide import climb, clock_set, decide_signal
from bihuan.loop.models import Case, Delivery, Pursuit
from bihuan.register.acts import Registrar
from bihuan.register.entries import Actor, SignalReceived
from bihuan.scenarios import load

MODELS = [model for model in rebuilt_tables() if model is not Parked]
CASES_AT_ONCE = 100
ELDERS = 500


def make_tables() -> None:
    """The tables are the real ones; what is missing is somebody to call."""
    load()


def write(clock: MovableClock, cases: int) -> int:
    """Append and project the entries of full cases; how many entries there are."""
    keys = KeyRing(Path(os.environ["BIHUAN_DATA"]) / "keys.db")
    subjects = _people(Registrar(clock, keys))
    first = 0
    for start in range(0, cases, CASES_AT_ONCE):
        clock.advance(seconds=30)
        with Appender(FACTS_LANE, clock) as lane:
            first = first or lane.next_position
            for number in range(start, min(start + CASES_AT_ONCE, cases)):
                _case(lane, subjects[number % len(subjects)], keys, number)
            last = lane.next_position
    return last - first


def _people(registrar: Registrar) -> list[int]:
    county = registrar.area("9901", ("青禾县", "Qinghe"), "county", None)
    town = registrar.area("990101", ("石桥镇", "Shiqiao"), "town", county)
    village = registrar.area("99010101", ("柳溪村", "Liuxi"), "village", town)
    for role, area in (
        ("village_duty", village), ("town_duty", town), ("county_command", county),
    ):  # fmt: skip
        person = registrar.person(role, role, phone="0990 1000 0000", channels=["screen"])
        registrar.post(person, role, area)
    subjects = []
    for n in range(ELDERS):
        elder = registrar.person(f"老人{n}", f"Elder {n}", phone=None)
        subject = registrar.subject("elder_care", "elder", elder, village)
        kin = registrar.person(f"家属{n}", f"Kin {n}", phone="0990 2000 0000", channels=["screen"])
        registrar.contact(subject, kin, "daughter", 0)
        subjects.append(subject)
    return subjects


def _case(lane: Appender, subject: int, keys: KeyRing, number: int) -> None:
    signal = lane.append(
        SignalReceived(kind="sos", subject_id=subject, device_id=None, at_us=None, detail=None)
    )
    decide_signal(lane, signal)
    case = next(
        c for c in lane.rows.where(Case, subject_id=subject) if c.state == "awaiting_answer"
    )
    sealed = keys.seal(1, "到家查看，已扶起，没有受伤，已量血压")
    is_hard = number % 3 == 2
    _ring(lane, case, "no_answer" if is_hard else "confirmed")
    if is_hard:
        (pursuit,) = (p for p in lane.rows.where(Pursuit, case_id=case.id) if p.state == "running")
        climb(lane, pursuit.id)
        _ring(lane, case, "confirmed")
    _handle(lane, case, sealed)
    if is_hard:
        _answer(lane, case, is_solved=False)
        _report(lane, case, sealed)
    _answer(lane, case, is_solved=True)


def _ring(lane: Appender, case: Case, fate: entries.Fact) -> None:
    queued = [d for d in lane.rows.where(Delivery, case_id=case.id) if d.state == "queued"]
    for delivery in queued:
        lane.append(entries.DeliveryAttempted(case_id=case.id, delivery_id=delivery.id))
        facts: tuple[entries.Fact, ...] = ("accepted", "delivered", fate)
        for fact in facts:
            said = entries.DeliveryTold(
                case_id=case.id, delivery_id=delivery.id, fact=fact, evidence="bench"
            )
            lane.append(said)


BY = Actor(person_id=1, role="village_duty", via="phone")


def _handle(lane: Appender, case: Case, sealed: bytes) -> None:
    progress = clock_set(lane, case, "progress")
    lane.append(entries.CaseTaken(case_id=case.id, by=BY, clock=progress))
    lane.append(entries.CaseProgressed(case_id=case.id, by=BY, text=sealed, clock=progress))
    _report(lane, case, sealed)


def _report(lane: Appender, case: Case, sealed: bytes) -> None:
    confirmation = clock_set(lane, case, "confirmation")
    lane.append(
        entries.CaseReported(
            case_id=case.id,
            by=BY,
            text=sealed,
            answer=sealed,
            proof=[
                entries.ProofGiven(
                    kind="words", digest=None, media_type=None, taken_us=None, place=None
                )
            ],
            asked=ladder.family(lane.rows, case.subject_id),
            clock=confirmation,
        )
    )


def _answer(lane: Appender, case: Case, *, is_solved: bool) -> None:
    clock = None if is_solved else clock_set(lane, case, "progress")
    said = entries.OriginAnswered(
        case_id=case.id, by=BY, is_solved=is_solved, text=None, clock=clock
    )
    lane.append(said)
    if is_solved:
        closed = entries.CaseClosed(case_id=case.id, by=BY, outcome="confirmed", reason=None)
        lane.append(closed)
