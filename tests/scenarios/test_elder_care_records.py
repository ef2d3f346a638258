"""An elder applies for a band, is assessed, gets it and is visited."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.journal.keys import KeyRing
from bihuan.register.models import Subject
from bihuan.register.records import lists
from bihuan.register.records.acts import By, Ledger, Opening
from bihuan.register.records.models import DutyDue, Record
from bihuan.register.refusals import ForbiddenError
from tests.county import World
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
DAY = 86_400_000_000  # µs


class Village:
    """Who keeps an elder's records; each click is a new one."""

    def __init__(self, data: Path, clock: MovableClock) -> None:
        self.world = World(clock, KeyRing(data / "keys.db"))
        self.people, self.ledger = self.world.people, Ledger(clock, self.world.keys)
        self._clicks = itertools.count()

    def by(self, person: int) -> By:
        return By(person, "page", str(next(self._clicks)))

    def kept(self, kind: str, values: Mapping[str, object], person: int) -> int:
        new = Opening("elder_care", kind, values, subject_id=self.people.subject)
        return self.ledger.open(new, self.by(person))

    def due(self, name: str) -> int | None:
        return DutyDue.objects.get(row_id=self.people.subject, duty=name).due_us


@pytest.fixture
def village(transactional_db: None, data: Path, clock: MovableClock) -> Iterator[Village]:
    yield Village(data, clock)
    assert differences() == []


def test_an_elder_applies_is_assessed_and_gets_a_band(
    village: Village, clock: MovableClock
) -> None:
    people, ledger, by, start_us = village.people, village.ledger, village.by, clock.now_us()
    said = {"asked_by": "family", "reason": "独居，腿脚不便"}
    asked = village.kept("application", said, people.daughter)
    assert village.due("assess") == start_us + 30 * DAY
    for refused in _strangers(ledger, asked, by(people.stranger)):
        with pytest.raises(ForbiddenError):
            refused()
    with pytest.raises(BadInputError):
        ledger.act(asked, "grant", {}, by(people.town_officer))
    found = {"on": "2026-03-04", "level": "mild"}
    assessment = village.kept("assessment", found, people.secretary)
    assert village.due("assess") is None
    with pytest.raises(ForbiddenError):
        ledger.act(assessment, "confirm", {}, by(people.secretary))
    ledger.act(assessment, "confirm", {}, by(people.town_officer))
    ledger.act(asked, "grant", {"assessment": assessment}, by(people.town_officer))
    handed = {"device": "1208178692", "handed": clock.now_us()}
    issue = village.kept("issue", handed, people.secretary)
    elder = Subject.objects.get(id=people.subject)
    assert lists.shown_row(elder, clock.now_us()) == {"bands": 1}
    ledger.act(issue, "take_back", {"cause": "broken"}, by(people.secretary))
    assert lists.shown_row(elder, clock.now_us()) == {"bands": 0}
    numbers = list(Record.objects.order_by("id").values_list("number", flat=True))
    assert numbers == ["SQ-2026-00001", "PG-2026-00001", "FF-2026-00001"]


def test_visits_fall_due_by_level_and_count_only_where_somebody_was_met(
    village: Village, clock: MovableClock
) -> None:
    people, start_us = village.people, clock.now_us()
    said = {"risk": "high", "illness": "高血压"}
    village.ledger.correct(people.subject, said, village.by(people.secretary))
    assert village.due("visit") == start_us + 7 * DAY
    clock.advance(days=2)
    seen = {"seen": clock.now_us(), "way": "door"}
    village.kept("visit", {**seen, "met": False}, people.secretary)
    assert village.due("visit") == start_us + 7 * DAY
    village.kept("visit", {**seen, "met": True}, people.secretary)
    assert village.due("visit") == start_us + 9 * DAY
    shown = lists.opened_row(people.subject, village.world.keys, clock.now_us())
    assert shown is not None
    assert (shown["risk"], shown["illness"]) == ("high", "高血压")


def _strangers(ledger: Ledger, asked: int, by: By) -> list[Callable[[], object]]:
    return [
        lambda: ledger.act(asked, "withdraw", {}, by),
        lambda: ledger.correct(asked, {"asked_by": "self"}, by),
    ]
