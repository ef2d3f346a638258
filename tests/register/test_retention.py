"""Retention: the county's figure decides, held rows stay and are named, the run is an entry."""

from __future__ import annotations

import pytest

from bihuan.base.errors import BadInputError
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.register.entries import Actor
from bihuan.register.records.models import Record
from bihuan.register.retention.acts import erase_due, over, set_retention
from bihuan.register.retention.rules import Kept, every_rule
from tests.register.conftest import SCENARIO, Kitchen
from tests.register.test_duties import sample

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]
CLERK = Actor(person_id=None, role="operator", via="test")


def test_rule_with_nothing_right_tells_every_field(kitchen: Kitchen) -> None:
    with pytest.raises(BadInputError) as error:
        set_retention(Kept("x.y", 0, "", "soon", ""), kitchen.world.clock, CLERK)
    fields = [fault.field for fault in error.value.faults]
    assert fields == ["kind", "keep_days", "source", "region", "effective_from"]


def test_county_s_figure_replaces_the_proposal_from_its_day_on(kitchen: Kitchen) -> None:
    clock = kitchen.world.clock
    kinds = [rule for rule in every_rule(clock.now_us()) if rule.kind.startswith(SCENARIO)]
    kind, proposed = kinds[0].kind, kinds[0].keep_days
    set_retention(Kept(kind, 5, "县档案局", "2026-03-03", "青禾县"), clock, CLERK)
    days = []
    for _day in range(2):
        now = {rule.kind: rule.keep_days for rule in every_rule(clock.now_us())}
        days.append(now[kind])
        kitchen.world.wall.advance(days=1)
    assert days == [proposed, 5]


def test_run_erases_what_is_over_names_what_is_held_and_is_an_entry(kitchen: Kitchen) -> None:
    """Samples are kept two days by the scenario, three by the county."""
    world = kitchen.world
    old, held = (sample(kitchen, kitchen.batch()) for _ in range(2))
    kitchen.ledger.hold(held, "complaint 7", kitchen.by(kitchen.manager))
    kind = f"{SCENARIO}.{kitchen.row(old).kind}"
    set_retention(Kept(kind, 3, "县档案局", "2026-03-01", "青禾县"), world.clock, CLERK)
    world.wall.advance(days=3, seconds=-1)
    assert over(kitchen.now_us) == []
    assert erase_due(world.clock, kitchen.keys) is None
    assert not Entry.objects.filter(lane=FACTS_LANE, type="retention.ran.v1").exists()
    world.wall.advance(seconds=1)
    assert [(one.row_id, one.held) for one in over(kitchen.now_us)] == [
        (old, None),
        (held, "complaint 7"),
    ]
    ran = erase_due(world.clock, kitchen.keys)
    assert ran is not None
    assert (ran.erased, ran.held) == ({kind: 1}, [(held, "complaint 7")])
    assert [row.id for row in Record.objects.filter(is_erased=True)] == [old]
    assert Entry.objects.filter(lane=FACTS_LANE, type="retention.ran.v1").count() == 1
    assert erase_due(world.clock, kitchen.keys) is None
