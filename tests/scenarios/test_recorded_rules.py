"""Every rule of every scenario fires on one recorded input and stays silent on another.

The inputs lie in the scenario's own folder, `tests/recorded.py`; a rule without any fails here.
"""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from bihuan.base.time import MINUTE_US
from bihuan.rules.areas import EVERYWHERE, area_of
from bihuan.rules.backtest import BacktestRequest, FindingRow, backtest_table
from bihuan.rules.rule import Rule
from bihuan.rules.tables import Table
from bihuan.scenarios import load

Given = list[tuple[int, float | None]]
HOME = "0,0;1,0;1,1;0,1"
RULES = {
    f"{scenario.name}.{rule.id}": rule
    for scenario in load()
    for rule in scenario.rules
    if isinstance(rule, Rule)
}


def recorded(name: str) -> dict[str, tuple[Given, Given]]:
    found: dict[str, tuple[Given, Given]] = import_module(
        f"bihuan.scenarios.{name}.tests.recorded"
    ).RECORDED
    return found


def tried(rule: Rule, given: Given) -> list[FindingRow]:
    """What the rule finds; a person's own home is that of the recorded input."""
    parameters = dict(rule.typed)
    if parameters.get("polygon") == EVERYWHERE:
        parameters["polygon"] = area_of(HOME)
    readings = [(at, value) for at, value in given if value is not None]
    times = np.array([at for at, _ in readings], np.int64) * MINUTE_US
    values = np.array([value for _, value in readings], np.float64)
    longitude = np.full(len(values), 0.5) if rule.kind == "outside" else None
    table = Table(("one",), np.zeros(len(values), np.int32), times, values, longitude, ())
    to_us = max(given[-1][0], readings[-1][0] + 1) * MINUTE_US
    return list(backtest_table(BacktestRequest(rule.kind, parameters, to_us=to_us), table))


@pytest.mark.parametrize("name", sorted(RULES))
def test_rule_fires_on_one_recorded_input_and_not_on_another(name: str) -> None:
    scenario, rule = name.split(".", maxsplit=1)
    fires, silent = recorded(scenario)[rule]
    assert tried(RULES[name], silent) == []
    assert len(tried(RULES[name], fires)) == 1


@pytest.mark.parametrize("scenario", sorted({name.split(".")[0] for name in RULES}))
def test_recorded_inputs_are_of_rules_that_there_are(scenario: str) -> None:
    mine = {name.split(".", maxsplit=1)[1] for name in RULES if name.startswith(f"{scenario}.")}
    assert set(recorded(scenario)) == mine
