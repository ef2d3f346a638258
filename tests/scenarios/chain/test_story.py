"""The demo's evening ends as it is written, and a rebuild gives the same county."""

from __future__ import annotations

from pathlib import Path

import pytest

from bihuan.base.time import MovableClock
from bihuan.journal import rebuild
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Parked
from bihuan.loop.models import Case
from bihuan.loop.recompute import recompute
from bihuan.register.records.models import Record
from bihuan.scenarios import load
from bihuan.scenarios.chain.demo import story
from bihuan.wiring import demo
from bihuan.wiring.story import CompressedStage

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_story_of_the_chain_ends_as_it_is_written(
    data: Path, clock: MovableClock, keys: KeyRing
) -> None:
    load()
    cast = demo.make(data, clock, keys).scenarios["chain"]
    story(CompressedStage(cast, clock, keys), cast)
    cases = list(Case.objects.filter(scenario="chain").order_by("id"))
    ended = [(case.state, case.outcome, case.refusals) for case in cases]
    assert ended == [
        ("closed", "confirmed", 0),  # the aluminium liquid: the text's kind
        ("in_progress", None, 1),  # the mirrors: a reply that solved nothing
        ("new", None, 0),  # found invalid, objected to, to be tested anew
    ]
    states = {kind: set() for kind in ("leg", "pass", "letter")}  # type: dict[str, set[str]]
    for record in Record.objects.filter(scenario="chain", kind__in=states):
        states[record.kind].add(record.state)
    assert states == {"leg": {"agreed", "asked"}, "pass": {"issued"}, "letter": {"kept"}}
    assert not Parked.objects.exists()
    assert str(rebuild.check()) == "equal"
    assert list(recompute()) == []
