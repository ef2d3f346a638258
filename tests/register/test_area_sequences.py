"""Whatever is done to areas in whatever order: no cycle, and every path is its parent chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from bihuan.base.errors import BadInputError
from bihuan.base.time import DAY_US, MovableClock
from bihuan.journal import county as journal_county
from bihuan.journal.models import Entry, Head, Parked
from bihuan.journal.tables import projections
from bihuan.register.areas.acts import AreaActs, NewArea, NewShape
from bihuan.register.areas.spans import path_at, spans_of
from bihuan.register.models import Area
from tests.rebuilt import differences
from tests.register.territory import rows

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)
DAYS = 12  # days back from the tests' clock at which things take effect

days = st.integers(0, DAYS)
places = st.integers(0, 7)
steps = st.one_of(
    st.tuples(st.just("move"), places, places, days),
    st.tuples(st.just("merge"), places, places, days),
    st.tuples(st.just("split"), places, places, days),
    st.tuples(st.just("rename"), places, places, days),
    st.tuples(st.just("register"), places, places, days),
)


@dataclass
class Oracle:
    """What the words say, day by day: the parent of each area, or the area it leads to."""

    above: dict[int, list[int | None]]  # id → for each day: parent; missing before it began: -1

    def chain(self, area: int, on: int) -> list[int] | None:
        found: list[int] = []
        at: int | None = area
        while at is not None:
            if self.above[at][on] == -1:
                return None
            assert at not in found, f"{area} lies in itself on day {on}"
            found.append(at)
            at = self.above[at][on]
        return found[::-1]


class Doer:
    """Tries steps; where one is taken the oracle does the same by the words of the rule."""

    def __init__(self, acts: AreaActs) -> None:
        self.acts, self.ids, self.oracle = acts, list[int](), Oracle({})
        self.led: set[int] = set()
        self.taken = 0

    def do(self, name: str, a: int, b: int, on: int) -> None:
        one, other = self.ids[a % len(self.ids)], self.ids[b % len(self.ids)]
        try:
            getattr(self, name)(one, other, on)
            self.taken += 1
        except BadInputError:
            return

    def register(self, one: int | None, _other: int, on: int) -> None:
        new = NewArea(
            code=f"{100 + len(self.ids)}",
            name=("新", ""),
            level="estate",
            parent_id=one,
            schematic=True,
            from_us=on * DAY_US,
        )
        self.ids.append(self.acts.register(new))
        before: list[int | None] = [-1] * on
        self.oracle.above[self.ids[-1]] = before + [one] * (DAYS + 1 - on)

    def move(self, one: int, other: int, on: int) -> None:
        self.acts.change(one, on * DAY_US, NewShape(parent_id=other))
        self.oracle.above[one][on:] = [other] * (DAYS + 1 - on)

    def rename(self, one: int, other: int, on: int) -> None:
        self.acts.change(one, on * DAY_US, NewShape(name=(f"名{other}", "")))

    def merge(self, one: int, other: int, on: int) -> None:
        self.acts.merge([one], other, on * DAY_US)
        self._lead(one, other, {}, on)

    def split(self, one: int, other: int, on: int) -> None:
        start = self.ids[0]
        parts = dict.fromkeys(self._children(one, on)[:1], other)
        self.acts.split(one, [start, other], on * DAY_US, parts)
        self._lead(one, start, parts, on)

    def _children(self, one: int, on: int) -> list[int]:
        above = self.oracle.above
        # one that was merged into it goes on lying in it
        return [c for c in above if above[c][on] == one and c not in self.led]

    def _lead(self, one: int, heir: int, parts: dict[int, int], on: int) -> None:
        for child in self._children(one, on):
            self.oracle.above[child][on:] = [parts.get(child, heir)] * (DAYS + 1 - on)
        self.oracle.above[one][on:] = [heir] * (DAYS + 1 - on)
        self.led.add(one)


@pytest.mark.usefixtures("county")
@seed(20260302)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(steps, min_size=4, max_size=14))
def test_areas_never_lie_in_themselves_and_rebuild_equal(
    taken: list[tuple[str, int, int, int]],
) -> None:
    forget_everything()
    clock = MovableClock(datetime(1970, 1, DAYS + 1, tzinfo=UTC))
    journal_county.create("青禾县", clock, lanes=4)
    doer = Doer(AreaActs(clock))
    for _n in range(4):
        doer.register(doer.ids[0] if doer.ids else None, 0, 0)
    for step in taken:
        doer.do(*step)
    assert not Parked.objects.exists()
    read = rows()
    for area in doer.ids:
        for on in range(DAYS + 1):
            chain = doer.oracle.chain(area, on)
            wanted = None if chain is None else "".join(f"{part}." for part in chain)
            assert path_at(read, area, on * DAY_US) == wanted, (area, on)
        assert Area.objects.get(pk=area).path == path_at(read, area, DAYS * DAY_US)
        spans = spans_of(read, area)
        assert all(x.until_us == y.from_us for x, y in pairwise(spans))
    assert differences() == []


def forget_everything() -> None:
    """An empty county for the next example, without a new database."""
    with connections["default"].cursor() as cursor:
        tables = [model._meta.db_table for model in projections()]
        for table in (*tables, Entry._meta.db_table, Head._meta.db_table):
            cursor.execute(f'DELETE FROM "{table}"')
    journal_county.forget()
