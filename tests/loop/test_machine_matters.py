"""Matters of days under random acts, days, nights, outages and notices: what always holds.

Every act that the loop itself offers is done with fields made up for it, in any order, by whoever
may; time goes by in hours and weeks over holidays and the year end. After each step:

- an open case has something ahead of it: a clock, a watch, a pause with an end; never silence
- a closed one has no clock and no message left but an answer that is owed
- exactly one holder now, states only as the table says, nothing parked

and at the end the tables are what the journal alone gives.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
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
from bihuan.base.time import MovableClock, datetime_of
from bihuan.journal import county as journal_county
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Parked
from bihuan.loop.act import Command, ForbiddenError, Offered, TakenError, act, acts_for
from bihuan.loop.cases.models import Holding
from bihuan.loop.clocks.entries import DaySaid
from bihuan.loop.clocks.models import ClockChange
from bihuan.loop.clocks.settings import set_days
from bihuan.loop.models import Case, CaseClock, Delivery, Pursuit
from bihuan.loop.playbook import Field, playbook_of
from bihuan.register.entries import Actor
from tests.county import World
from tests.loop.machines import keeps, keeps_for
from tests.matters import reported
from tests.rebuilt import differences

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]

STARTS = (
    datetime(2026, 3, 2, tzinfo=UTC),
    datetime(2026, 9, 29, 15, 59, 59, tzinfo=UTC),  # a second before midnight, before 国庆
    datetime(2026, 12, 30, tzinfo=UTC),
    datetime(2099, 12, 30, tzinfo=UTC),
)
WAITS_H = (0, 1, 16, 24, 72, 200, 700)
# ends most stories where they are likely; they come all the same, by the second pick
ENDS = ("decline", "void", "merge", "decide", "sign_no_reply", "close")
WHAT = ("offered",) * 12 + ("live", "live", "sleep", "jump", "report", "any_act", "notice")
OWED = ("tell", "state")


class Town(RuleBasedStateMachine):
    """One town for one example; all of it is rolled back afterwards."""

    keys: KeyRing

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: datetime) -> None:
        self.undo = ExitStack()
        for alias in connections:
            self.undo.enter_context(transaction.atomic(using=alias))
            self.undo.callback(transaction.set_rollback, True, using=alias)
        journal_county.forget()
        self.world = World(MovableClock(start), self.keys)
        self.world.phones.ring_s = 0
        self.done: list[tuple[int, Command]] = []
        self.count = 0
        self.report(0)

    @rule(what=st.sampled_from(WHAT), n=st.integers(0, 400), hours=st.sampled_from(WAITS_H))
    def happen(self, what: str, n: int, hours: int) -> None:
        step: Any = getattr(self, what)
        given = {"n": n, "hours": hours}
        step(**{name: given[name] for name in signature(step).parameters})

    def report(self, n: int) -> None:
        people = self.world.people
        self.count += 1
        origin = (people.stranger, people.daughter, None)[n % 3]
        reported(self.world, f"r{self.count}", origin_id=origin)

    def live(self, hours: int) -> None:
        """Time passes as it should, everything at its moment."""
        self.world.wait(hours=hours)

    def sleep(self, hours: int) -> None:
        """Nothing ran for a while; then all of it at once."""
        self.world.wall.advance(hours=hours)
        self.world.settle()

    def jump(self, n: int) -> None:
        """The wall clock is set by a day or a year: recorded time never goes back."""
        self.world.wall.jump(days=(1, -1, 365, -365)[n % 4])
        self.world.settle()

    def notice(self, n: int) -> None:
        """A notice about a day: provisional clocks are counted anew."""
        on = datetime_of(self.world.clock.now_us()).date() + timedelta(days=n % 90)
        said = DaySaid(date=on.isoformat(), is_working=n % 2 == 0, name="元旦")
        by = Actor(person_id=None, role="administrator", via="page")
        set_days([said], "a notice", None, by, self.world.clock)
        self.world.settle()

    def at_hand(self) -> list[Case]:
        """The cases that somebody may do something about in this step."""
        return list(Case.objects.order_by("-id")[:3])

    def offered(self, n: int) -> None:
        """Somebody does something that is on offer to them."""
        now_us, people = self.world.clock.now_us(), self.world.people.everybody
        found = [
            (case, person, offer)
            for case in self.at_hand()
            for person in people
            for offer in acts_for(case, person, now_us)
        ]
        mild = [one for one in found if one[2].declared.verb not in ENDS]
        chosen = mild if mild and n % 9 else found
        if chosen:
            self.do(*chosen[n * 7 % len(chosen)], n)

    def any_act(self, n: int) -> None:
        """Anybody tries anything: refused or done as the table says."""
        cases = list(Case.objects.order_by("id"))
        case, person = cases[n % len(cases)], self.world.people.everybody[n % 6]
        declared = playbook_of(case.playbook).acts
        self.do(case, person, Offered(declared[n % len(declared)], "", (), True), n)

    def do(self, case: Case, person: int, offer: Offered, n: int) -> None:
        before = self.world.position
        command = Command(
            act=offer.declared.name,
            case_id=case.id,
            person_id=person,
            via="page",
            key=f"{before}",
            text="好",
            answer="已经办好",
            fields={field.name: self.made_up(field, n) for field in offer.fields},
        )
        try:
            at = act(command, self.world.clock, self.world.keys)
        except (TakenError, ForbiddenError, BadInputError):
            assert self.world.position == before, "a refused act left something"
            return
        assert case.state in offer.declared.from_states
        assert Case.objects.get(id=case.id).state == (offer.declared.to or case.state)
        assert act(command, self.world.clock, self.world.keys) == at, "sent twice, done once"

    def made_up(self, asked: Field, n: int) -> str:
        if asked.options:
            return asked.options[n % len(asked.options)][0]
        people = self.world.people
        somebody = people.everybody[n % 6]
        target = (f"role:village_duty@{people.village}", f"person:{somebody}")[n % 2]
        until = datetime_of(self.world.clock.now_us()) + timedelta(days=1 + n % 30)
        newest = Case.objects.order_by("-id").values_list("id", flat=True)[:3]
        return {
            "text": "理由",
            "days": str(1 + n % 12),
            "date": until.isoformat(),
            "yes": "yes",
            "level": str(1 + n % 3),
            "clock": ("act", "accept", "check")[n % 3],
            "case": str(newest[n % len(newest)]),
            "target": target,
            "targets": f"{target},role:town_duty@{people.town}",
        }[asked.kind]

    @invariant()
    def nothing_falls_silent(self) -> None:
        for case in Case.objects.exclude(state="closed"):
            clocks = CaseClock.objects.filter(case_id=case.id)
            ahead = clocks.filter(state="running").exists()
            ahead |= clocks.filter(watch_us__isnull=False).exists()
            ahead |= Pursuit.objects.filter(case_id=case.id, state="running").exists()
            paused = ClockChange.objects.filter(
                case_id=case.id, change="suspension", state="granted", until_us__isnull=False
            )
            assert ahead or paused.exists(), f"{case.state} with nothing ahead"

    @invariant()
    def what_is_closed_is_quiet(self) -> None:
        closed = Case.objects.filter(state="closed").values("id")
        clocks = CaseClock.objects.filter(case_id__in=closed, state__in=("running", "suspended"))
        assert not clocks.exclude(kind="statement").exists()
        queued = Delivery.objects.filter(case_id__in=closed, state="queued")
        assert not queued.exclude(purpose__in=OWED).exists()

    @invariant()
    def one_holder_and_nothing_parked(self) -> None:
        assert not Parked.objects.exists()
        holding = Holding.objects.filter(until_us=None).values_list("case_id", flat=True)
        open_ = Case.objects.exclude(state="closed").values_list("id", flat=True)
        assert sorted(holding) == sorted(open_)

    @invariant()
    def messages_leave_once(self) -> None:
        sent = [message.delivery_id for message in self.world.phones.every]
        assert len(sent) == len(set(sent))

    def teardown(self) -> None:
        try:
            assert differences() == []
        finally:
            self.undo.close()
            journal_county.forget()


def test_matters_keep_their_promises_under_anything(
    data: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Town, "keys", KeyRing(key_file), raising=False)
    keeps(Town, examples=5, steps=30)


@pytest.mark.long
def test_matters_keep_their_promises_under_much_more(
    data: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Town, "keys", KeyRing(key_file), raising=False)
    assert keeps_for(Town, steps=40) > 0
