"""Call-outs under anything: orders, answers, silence, outages, restarts, ends, in any order."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.journal import county as journal_county
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Parked
from bihuan.loop import answer
from bihuan.loop.act import TakenError
from bihuan.loop.callout.acts import Words
from bihuan.loop.callout.models import OPEN, RUNNING, CallOut, CallOutPerson
from bihuan.loop.callout.people import Door
from bihuan.loop.callout.progress import tallies
from bihuan.loop.models import Delivery
from tests.county import PHOTO, World
from tests.loop.callout.town import Town
from tests.rebuilt import differences

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


class Storm(RuleBasedStateMachine):
    keys: KeyRing

    @initialize()
    def begin(self) -> None:
        self.undo = ExitStack()
        for alias in connections:
            self.undo.enter_context(transaction.atomic(using=alias))
            self.undo.callback(transaction.set_rollback, True, using=alias)
        journal_county.forget()
        self.clock = MovableClock(datetime(2026, 3, 2, tzinfo=UTC))
        self.town = Town(World(self.clock, self.keys))

    @property
    def newest(self) -> CallOut | None:
        return CallOut.objects.order_by("-id").first()

    @rule(supersede=st.booleans(), mode=st.sampled_from(["live", "drill"]))
    def order(self, supersede: bool, mode: str) -> None:
        old = self.newest
        try:
            self.town.order(
                self.town.villages(), event="rain", mode=mode,
                supersedes=old.id if supersede and old else None,
            )  # fmt: skip
        except (BadInputError, TakenError):
            assert old is not None

    @rule(seconds=st.sampled_from([1, 60, 100, 300, 1800]))
    def wait(self, seconds: int) -> None:
        self.town.world.wait(seconds=seconds)

    @rule(fact=st.sampled_from(["answered", "declined", "confirmed"]), n=st.integers(0, 5))
    def callee_says(self, fact: str, n: int) -> None:
        sent = Delivery.objects.filter(purpose="order", attempted_us__isnull=False).order_by("-id")
        message = sent[n] if n < sent.count() else None
        if message is None:
            return
        if fact == "confirmed":
            answer.confirm(message.id, message.person_id, self.town.world.clock, self.keys)
        else:
            answer.tell(message.id, message.person_id, fact, self.town.world.clock)  # type: ignore[arg-type]

    @precondition(lambda self: self.newest is not None)
    @rule(n=st.integers(0, 2), how=st.sampled_from(["behalf", "send", "found", "nobody"]))
    def official_says(self, n: int, how: str) -> None:
        found = CallOutPerson.objects.order_by("-id")
        if n >= found.count():
            return
        row, zhou = found[n], self.town.of(self.town.zhou)
        try:
            if how == "behalf":
                self.town.answers.confirm_for(row.id, "在场", zhou)
            elif how == "send":
                self.town.answers.send(row.id, self.town.zhou, zhou)
            else:
                door = Door(how == "found", "无人", PHOTO)
                self.town.answers.knocked(row.id, door, zhou)
        except TakenError:
            assert row.state not in OPEN or not self._runs(row)

    @precondition(lambda self: self.newest is not None)
    @rule(how=st.sampled_from(["lift", "end"]))
    def over(self, how: str) -> None:
        newest = self.newest
        assert newest is not None
        try:
            if how == "lift":
                words = Words("解除", issuer="平湖气象台")
                self.town.acts.lift(newest.id, words, self.town.commander)
            else:
                self.town.acts.end(newest.id, "误发", self.town.commander)
        except TakenError:
            assert newest.state not in RUNNING

    @rule(is_up=st.booleans())
    def provider(self, is_up: bool) -> None:
        self.town.world.is_dispatching = is_up

    @rule()
    def restart(self) -> None:
        self.town.world.use_clock(self.clock)

    def _runs(self, row: CallOutPerson) -> bool:
        return CallOut.objects.filter(id=row.call_out_id, state__in=RUNNING).exists()

    @invariant()
    def nobody_is_lost(self) -> None:
        for call_out in CallOut.objects.all():
            whole, areas = tallies(call_out)
            assert whole.total == call_out.total == 3
            assert sum(one.total for one in areas.values()) <= 3
            assert whole.silent + whole.confirmed + whole.on_behalf == 3

    @invariant()
    def who_waits_has_a_next_step(self) -> None:
        self.town.world.settle()
        for row in CallOutPerson.objects.filter(state__in=OPEN):
            queued = Delivery.objects.filter(case_id=row.id, state="queued").exists()
            shows = row.state in ("failed",) or row.is_overdue or not self._runs(row)
            assert row.next_due_us is not None or queued or shows, row.state

    @invariant()
    def nothing_leaves_for_who_answered(self) -> None:
        over = CallOutPerson.objects.exclude(state__in=OPEN).values("id")
        left = Delivery.objects.filter(case_id__in=over, state="queued").exclude(purpose="lift")
        assert not left.exists()

    @invariant()
    def nobody_gets_more_calls_than_the_plan(self) -> None:
        for row in CallOutPerson.objects.all():
            calls = Delivery.objects.filter(case_id=row.id, purpose="order").count()
            assert calls <= 3
            assert row.tries <= 3

    def teardown(self) -> None:
        try:
            assert not Parked.objects.exists()
            assert differences() == []
        finally:
            self.undo.close()
            journal_county.forget()


def test_call_outs_keep_their_promises_under_anything(
    data: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Storm, "keys", KeyRing(key_file), raising=False)
    run_state_machine_as_test(
        Storm,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
