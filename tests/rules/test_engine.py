"""Several rules over one lane: kept and restored, overridden for one, taken over by a version."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bihuan.base.errors import BadInputError
from bihuan.rules.engine import Engine, Said
from bihuan.rules.kernels.records import CLEARED, OPENED
from bihuan.rules.kinds import KINDS, checked
from bihuan.rules.readings import Batch, FedBefore
from bihuan.rules.rule import Rule
from tests.rules.streams import S, batch_of
from tests.rules.test_kinds import FEVER

M = 60 * S
FEVER_AT_ONCE = replace(FEVER, parameters={"limit": 37.3, "side": "above", "for": "0"})
UNHEARD = replace(FEVER, id="elder.unheard", kind="silence", parameters={"for": "10m"})
RULES = [FEVER_AT_ONCE, UNHEARD]


def engine(rules: list[Rule]) -> tuple[Engine, FedBefore]:
    history = FedBefore()
    return Engine(rules, 2, {"temperature": history}), history


def told(one: Engine, history: FedBefore, batch: Batch) -> list[tuple[str, int, int, int]]:
    said = [*one.feed("temperature", batch, one.offset + 1)]
    history.append(batch)
    return short(said)


def short(said: list[Said]) -> list[tuple[str, int, int, int]]:
    """Rule, slot, finding, what."""
    return [
        (part.rule.id, slot, finding, what)
        for part in said
        for slot, finding, what in part.emissions[["slot", "finding", "what"]].tolist()
    ]


FIRST = batch_of([(0, M, M, 38.0), (1, M, M, 36.5)])
NEXT = batch_of([(0, 2 * M, 2 * M, 36.9), (0, 20 * M, 20 * M, 36.5)])


def test_engine_tells_each_rule_and_ignores_other_channels() -> None:
    one, history = engine(RULES)
    assert short([*one.feed("heart_rate", FIRST, 0)]) == []
    assert told(one, history, FIRST) == [("elder.fever", 0, 0, OPENED)]
    assert sorted(told(one, history, NEXT)) == [
        ("elder.fever", 0, 0, CLEARED),
        ("elder.unheard", 0, 0, OPENED),
        ("elder.unheard", 0, 0, CLEARED),
        ("elder.unheard", 1, 0, OPENED),
    ]


def test_engine_restored_goes_on_as_if_never_stopped() -> None:
    one, history = engine(RULES)
    told(one, history, FIRST)
    kept = one.snapshot()
    want = told(one, history, NEXT)
    other, again = engine(RULES)
    again.append(FIRST)
    other.restore(kept)
    assert other.offset == 0
    assert told(other, again, NEXT) == want


def test_engine_refuses_a_snapshot_of_another_version() -> None:
    kept = engine(RULES)[0].snapshot()
    newer = replace(FEVER_AT_ONCE, version=2, effective_from=date(2025, 1, 1))
    with pytest.raises(BadInputError, match="snapshot"):
        engine([newer, UNHEARD])[0].restore(kept)


def test_override_holds_for_one_series_only() -> None:
    one, history = engine(RULES)
    own = checked(KINDS["beyond"], {"limit": 36, "side": "above", "for": "0"})
    one.override("elder.fever", 1, own)
    assert told(one, history, FIRST) == [
        ("elder.fever", 0, 0, OPENED),
        ("elder.fever", 1, 0, OPENED),
    ]


def test_newer_version_adopts_findings_that_are_open() -> None:
    """38.0 stays a finding under 37.5 and is cleared by it, under the same number."""
    one, history = engine(RULES)
    told(one, history, FIRST)
    parameters = {"limit": 37.5, "side": "above", "for": "0"}
    one.adopt(replace(FEVER_AT_ONCE, version=2, parameters=parameters))
    assert told(one, history, batch_of([(0, 2 * M, 2 * M, 37.6)])) == []
    assert told(one, history, batch_of([(0, 3 * M, 3 * M, 37.4)])) == [
        ("elder.fever", 0, 0, CLEARED)
    ]
    with pytest.raises(BadInputError, match="version"):
        one.adopt(replace(UNHEARD, id="elder.fever", version=3))


@pytest.mark.parametrize(("late", "told_late"), [("24h", [OPENED]), ("30m", [])])
def test_rule_says_how_late_a_reading_may_still_change_the_past(
    late: str, told_late: list[int]
) -> None:
    """A reading of 1:00 that comes at 2:00 is within a day, and not within half an hour."""
    one, history = engine([replace(FEVER_AT_ONCE, late=late)])
    told(one, history, batch_of([(0, 100 * M, 100 * M, 36.5)]))
    told(one, history, batch_of([(0, 60 * M, 120 * M, 38.0)]))
    said = short([*one.pass_time(121 * M)])
    assert [what for *_, what in said][:1] == told_late
    with pytest.raises(BadInputError, match="late"):
        one.adopt(replace(FEVER_AT_ONCE, version=2, late="1h"))


def test_rules_of_other_lateness_are_each_held_to_their_own() -> None:
    """They are not judged in one pass: the held rule takes the late reading, silence does not."""
    one, history = engine([FEVER_AT_ONCE, replace(UNHEARD, late="30m")])
    told(one, history, batch_of([(0, 100 * M, 100 * M, 36.5)]))
    told(one, history, batch_of([(0, 60 * M, 120 * M, 38.0)]))
    tally = one.tally()
    assert tally["elder.fever"]["beyond_lateness"] == 0
    assert tally["elder.unheard"]["beyond_lateness"] == 1
