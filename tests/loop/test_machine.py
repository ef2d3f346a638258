"""The SOS playbook under random presses, clicks, hours, outages and phones: what always holds.

Each step is one thing that can happen in a county, in any order; engine and dispatcher turn only
when a step says so, so that every interleaving of theirs is possible. After each step:

- one open case for a subject and kind; clocks that fit the state; none of a closed case
- who waits for an answer is pursued, with something due, queued or under way: never silence
- a message leaves once; nothing is parked

and at the end the tables are what the journal alone gives.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.journal import county as journal_county
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Parked
from bihuan.loop import answer
from bihuan.loop.act import Command, ForbiddenError, TakenError, act
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.models import Case, CaseClock, Delivery, Pursuit
from bihuan.scenarios.elder_care.playbook import SOS
from tests.county import CHANNEL, Killed, World
from tests.rebuilt import differences

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]

WAITS_S = (1, 44, 45, 60, 179, 180, 300, 1_800, 86_400)
REFUSALS = (TakenError, ForbiddenError, BadInputError)
ACTS = tuple(declared.name for declared in SOS.acts)
who = st.integers(0, 5)
nth = st.integers(0, 20)


class County(RuleBasedStateMachine):
    """One county for one example; all of it is rolled back afterwards."""

    keys: KeyRing

    @initialize(others=st.integers(0, 1))
    def begin(self, others: int) -> None:
        self.undo = ExitStack()
        for alias in connections:
            atomic = transaction.atomic(using=alias)
            self.undo.enter_context(atomic)
            self.undo.callback(transaction.set_rollback, True, using=alias)
        journal_county.forget()
        self.world = World(MovableClock(datetime(2026, 3, 2, tzinfo=UTC)), self.keys)
        subjects = [self.world.people.subject, *(self.world.subject() for _n in range(others))]
        self.subjects, self.clicked = subjects, [(0, Command("take", 0, 0, "page", ""))]

    @rule(n=nth, times=st.integers(1, 3))
    def press(self, n: int, times: int) -> None:
        for _time in range(times):
            self.world.signal(self.subjects[n % len(self.subjects)])

    @rule(seconds=st.sampled_from(WAITS_S))
    def wait(self, seconds: int) -> None:
        self.world.wall.advance(seconds=seconds)

    @rule()
    def decide(self) -> None:
        self.world.engine.run_once()

    @rule()
    def dispatch(self) -> None:
        with suppress(Killed):
            self.world.dispatcher.run_once()
            return
        self.restart()

    def restart(self) -> None:
        self.world.dispatcher = Dispatcher(
            self.world.clock, {CHANNEL: self.world.phones}, "dispatcher-1"
        )
        self.world.dispatcher.recover()

    @rule(person=who, how=st.sampled_from(("rings", "rings", "off", "crash", "kill")))
    def set_phone(self, person: int, how: str) -> None:
        self.world.phones.how[self.world.people.everybody[person]] = how

    @rule(seconds=st.sampled_from(WAITS_S))
    def live(self, seconds: int) -> None:
        """Time passes as it should, everything at its moment, phones that at worst are off."""
        for person, how in list(self.world.phones.how.items()):
            self.world.phones.how[person] = "off" if how in ("kill", "crash") else how
        self.world.wait(seconds=seconds)
        due_us = self.world.engine.next_due_us()
        assert due_us is None or due_us > self.world.clock.now_us()

    @rule(n=nth, person=who, name=st.sampled_from(ACTS))
    def click(self, n: int, person: int, name: str) -> None:
        cases = list(Case.objects.order_by("id"))
        if not cases:
            return
        case, position = cases[n % len(cases)], self.world.position
        command = Command(
            name, case.id, self.world.people.everybody[person], "page", f"{position}", text="好"
        )
        try:
            at = act(command, self.world.clock, self.world.keys)
        except REFUSALS:
            assert self.world.position == position, "a refused click left something"
            return
        assert Case.objects.get(id=case.id).state == SOS.act(name).to
        assert case.state in SOS.act(name).from_states
        self.clicked.append((at, command))

    @rule(n=nth)
    def click_again(self, n: int) -> None:
        """A page sends a click that was done once more: the same answer, nothing new."""
        at, command = self.clicked[n % len(self.clicked)]
        if at:
            before = self.world.position
            assert act(command, self.world.clock, self.world.keys) == at
            assert self.world.position == before

    @rule(n=nth, fact=st.sampled_from(("answered", "declined", "confirmed")))
    def pick_up(self, n: int, fact: Any) -> None:
        calls = list(Delivery.objects.filter(purpose="call", state="delivered").order_by("id"))
        if not calls:
            return
        call = calls[n % len(calls)]
        if fact != "confirmed":
            answer.tell(call.id, call.person_id, fact, self.world.clock)
            return
        with suppress(TakenError):
            answer.confirm(call.id, call.person_id, self.world.clock, self.world.keys)

    @invariant()
    def nobody_waits_in_silence(self) -> None:
        for case in Case.objects.all():
            pursuits = list(Pursuit.objects.filter(case_id=case.id, state="running"))
            if case.state != "awaiting_answer":
                assert not pursuits, "a case that is in hand is still pursued"
                continue
            assert len(pursuits) == 1
            under_way = Delivery.objects.filter(
                pursuit_id=pursuits[0].id, state__in=("queued", "attempted")
            )
            assert pursuits[0].next_due_us is not None or under_way.exists()

    @invariant()
    def clocks_fit_the_state(self) -> None:
        for case in Case.objects.all():
            clocks = list(CaseClock.objects.filter(case_id=case.id).order_by("id"))
            running = {clock.kind for clock in clocks if clock.state == "running"}
            last = {clock.kind: clock.state for clock in clocks}
            if case.state == "awaiting_answer":
                assert running <= {"answer"}
                assert last["answer"] in ("running", "missed")
                assert case.is_past_limit or last["answer"] == "running"
            elif case.state == "in_progress":
                assert running == {"progress"}
            elif case.state == "awaiting_confirmation":
                assert running == {"confirmation"} or (
                    not running and case.times_asked == SOS.tries
                )
            else:
                assert not running
                open_ = Delivery.objects.filter(case_id=case.id, state="queued")
                assert not open_.exists(), "a closed case still has messages to send"

    @invariant()
    def one_case_is_open_and_nothing_is_parked(self) -> None:
        subjects = Case.objects.exclude(state="closed").values_list("subject_id", "kind")
        assert max(Counter(subjects).values(), default=0) <= 1
        assert not Parked.objects.exists()

    @invariant()
    def messages_leave_once(self) -> None:
        sent = Counter(message.delivery_id for message in self.world.phones.every)
        assert max(sent.values(), default=0) <= 1
        queued = Delivery.objects.filter(state__in=("queued", "withdrawn"), id__in=sent)
        assert not queued.exists(), "a message left without its attempt"

    def teardown(self) -> None:
        try:
            assert differences() == []
        finally:
            self.undo.close()
            journal_county.forget()


def run(examples: int, key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(County, "keys", KeyRing(key_file), raising=False)
    run_state_machine_as_test(
        County,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            derandomize=not os.environ.get("BIHUAN_FUZZ"),
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_sos_keeps_its_promises_under_anything(
    data: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(25, key_file, monkeypatch)


@pytest.mark.long
def test_sos_keeps_its_promises_under_much_more(
    data: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(500, key_file, monkeypatch)
