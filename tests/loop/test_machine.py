"""The SOS playbook under random presses, clicks, hours, outages and phones: what always holds.

Each step is one thing that can happen in a county, in any order; engine and dispatcher turn only
when a step says so, so that every interleaving of theirs is possible. After each step:

- one open case for a subject and kind; clocks that fit the state; none of a closed case
- who waits for an answer is pursued, with something due, queued or under way: never silence
- a message leaves once; nothing is parked

and at the end the tables are what the journal alone gives.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.journal import county as journal_county
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Parked
from bihuan.loop import answer, entries
from bihuan.loop.act import Command, ForbiddenError, TakenError, act, may
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.models import Case, CaseClock, Delivery, Pursuit
from bihuan.scenarios.elder_care.playbook import SOS
from tests.county import CHANNEL, Killed, World
from tests.loop.machines import keeps, keeps_for
from tests.rebuilt import differences

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]

WAITS_S = (1, 45, 60, 179, 180, 300, 1_800)
HOW = ("rings", "rings", "off", "crash", "kill")
FACTS: tuple[entries.Fact, ...] = ("answered", "declined", "confirmed")
WHAT = (
    *("live", "live", "live", "handle", "handle", "handle", "handle", "sleep", "press", "click"),
    *("click_again", "pick_up", "set_phone", "wait", "decide", "dispatch"),
)
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
        self.world.press()

    # one rule, not one for each: Hypothesis leaves rules out of whole examples, and a story in
    # which nobody ever decides or dispatches proves little
    @rule(what=st.sampled_from(WHAT), n=nth, person=who, seconds=st.sampled_from(WAITS_S))
    def happen(self, what: str, n: int, person: int, seconds: int) -> None:
        step: Any = getattr(self, what)
        given = {"n": n, "person": person, "seconds": seconds}
        step(**{name: given[name] for name in signature(step).parameters})

    def press(self, n: int) -> None:
        for _time in range(1 + n % 3):
            self.world.signal(self.subjects[n % len(self.subjects)])

    def wait(self, seconds: int) -> None:
        self.world.wall.advance(seconds=seconds)

    def decide(self) -> None:
        self.world.engine.run_once()

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

    def set_phone(self, person: int, n: int) -> None:
        how = HOW[n % len(HOW)]
        self.world.phones.how[self.world.people.everybody[person]] = how

    def live(self, seconds: int) -> None:
        """Time passes as it should, everything at its moment."""
        self.mend_phones()
        self.world.wait(seconds=seconds)
        due_us = self.world.engine.next_due_us()
        assert due_us is None or due_us > self.world.clock.now_us()

    def mend_phones(self) -> None:
        """At worst they are off: what kills a dispatcher belongs to the step that restarts it."""
        for person, how in list(self.world.phones.how.items()):
            self.world.phones.how[person] = "off" if how == "kill" else how

    def sleep(self) -> None:
        """A day in which nothing ran."""
        self.mend_phones()
        self.world.wall.advance(seconds=86_400)
        self.world.settle()

    def handle(self, n: int) -> None:
        """Somebody who may do something does it."""
        now_us, people = self.world.clock.now_us(), self.world.people.everybody
        offered = [
            (case, person, declared.name)
            for case in Case.objects.exclude(state="closed").order_by("-id")
            for declared in SOS.acts
            if declared.name != "false_alarm"  # it would end most stories early
            for person in people
            if may(case, person, declared.name, now_us)
        ]
        if offered:
            self.do(*offered[n * 7 % len(offered)])

    def click(self, n: int, person: int) -> None:
        cases = list(Case.objects.order_by("id"))
        if cases:
            self.do(cases[n % len(cases)], self.world.people.everybody[person], ACTS[n % len(ACTS)])

    def do(self, case: Case, person: int, name: str) -> None:
        position = self.world.position
        command = Command(name, case.id, person, "page", f"{position}", text="好")
        try:
            at = act(command, self.world.clock, self.world.keys)
        except REFUSALS:
            assert self.world.position == position, "a refused click left something"
            return
        assert Case.objects.get(id=case.id).state == SOS.act(name).to
        assert case.state in SOS.act(name).from_states
        self.clicked.append((at, command))

    def click_again(self, n: int) -> None:
        """A page sends a click that was done once more: the same answer, nothing new."""
        at, command = self.clicked[n % len(self.clicked)]
        if at:
            before = self.world.position
            assert act(command, self.world.clock, self.world.keys) == at
            assert self.world.position == before

    def pick_up(self, n: int) -> None:
        fact = FACTS[n % len(FACTS)]
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
                is_asked_out = case.times_asked == SOS.tries and case.times_called > 0
                assert running == ({"verify"} if is_asked_out else {"confirmation"})
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


def test_sos_keeps_its_promises_under_anything(
    data: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(County, "keys", KeyRing(key_file), raising=False)
    keeps(County, examples=40, steps=40)


@pytest.mark.long
def test_sos_keeps_its_promises_under_much_more(
    data: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(County, "keys", KeyRing(key_file), raising=False)
    assert keeps_for(County, steps=40) > 0
