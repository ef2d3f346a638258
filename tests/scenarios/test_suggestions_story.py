"""The demo's story: each kind of reply, and a promise that came due."""

from __future__ import annotations

from pathlib import Path

import pytest

from bihuan.base.time import MovableClock
from bihuan.journal import rebuild
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Parked
from bihuan.loop.models import Case, CaseClock, Happening
from bihuan.loop.recompute import recompute
from bihuan.scenarios import load
from bihuan.scenarios.suggestions.demo import story
from bihuan.wiring import demo
from bihuan.wiring.story import CompressedStage

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_story_of_suggestions_ends_as_it_is_written(
    data: Path, clock: MovableClock, keys: KeyRing
) -> None:
    load()
    cast = demo.make(data, clock, keys).scenarios["suggestions"]
    story(CompressedStage(cast, clock, keys), cast)
    cases = list(Case.objects.filter(scenario="suggestions").order_by("id"))
    assert [(case.kind, case.state, case.outcome) for case in cases] == [
        ("suggestion", "closed", "confirmed"),
        ("suggestion", "closed", "confirmed"),
        ("suggestion", "closed", "confirmed"),
        ("suggestion", "new", None),
        ("instruction", "in_progress", None),
    ]
    solved, planned, explained = cases[:3]
    promised = CaseClock.objects.get(case_id=planned.id, kind="milestone")
    assert (promised.state, promised.is_over) == ("missed", True)
    # promised in 30 minutes, kept after 40: ten minutes late, and the county knew
    assert promised.late_us == 10 * 60 * 1_000_000
    raised = Happening.objects.filter(case_id=planned.id, kind="supervised")
    assert list(raised.values_list("detail", flat=True)) == ["1", "2"]
    assert explained.refusals == 1
    assert solved.refusals == 0
    assert not Parked.objects.exists()
    assert str(rebuild.check()) == "equal"
    assert list(recompute()) == []
