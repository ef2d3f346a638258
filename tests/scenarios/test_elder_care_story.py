"""The demo's story, through the real decoder, journal and loop."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bihuan.base.time import MovableClock, datetime_of
from bihuan.journal import rebuild
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Head, Parked
from bihuan.loop.models import Case, Happening
from bihuan.scenarios import load
from bihuan.wiring import demo

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_story_of_elder_care_ends_as_it_is_written_and_told_twice_changes_nothing(
    data: Path, clock: MovableClock, keys: KeyRing
) -> None:
    load()
    begins = datetime_of(clock.now_us())
    assert demo.tell(data, keys, begins) > 0
    # solved; false alarm; long unanswered and not yet confirmed; refused once, then solved
    cases = list(Case.objects.filter(scenario="elder_care").order_by("id"))
    ended = [(case.state, case.outcome) for case in cases]
    assert ended == [
        ("closed", "confirmed"),
        ("closed", "false_alarm"),
        ("awaiting_confirmation", None),
        ("closed", "confirmed"),
    ]
    third = cases[2]
    assert third.signals == 3, "pressed three times, one case"
    said = Counter(Happening.objects.filter(case_id=third.id).values_list("kind", flat=True))
    assert said["pressed_again"] == 2
    assert said["clock_missed"] >= 1
    assert cases[3].refusals == 1
    assert not Parked.objects.exists()
    assert str(rebuild.check()) == "equal"
    before = Head.objects.get(lane=0).position
    assert demo.tell(data, keys, begins) == 0
    assert Head.objects.get(lane=0).position == before
