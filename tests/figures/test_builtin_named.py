"""The figures that the county is promised are there for every playbook of every scenario.

By the list of issue 9, which is written out here once more, so that one taken away is missed.
"""

from __future__ import annotations

import pytest

from bihuan.figures.builtin import builtin
from bihuan.figures.installed import installed
from bihuan.figures.views import VIEWS, chosen
from bihuan.loop.playbook import Playbook
from bihuan.loop.scenario import Scenario
from bihuan.scenarios import load
from tests.console.place import Place

SCENARIOS: list[Scenario] = load()
PLAYBOOKS = [(one, playbook) for one in SCENARIOS for playbook in one.playbooks]
NAMES = [f"{one.name}.{playbook.kind}@{playbook.version}" for one, playbook in PLAYBOOKS]
CLOCKS = {
    "answer": "answered_in_time",
    "accept": "accepted_in_time",
    "progress": "progress_in_time",
    "act": "acted_in_time",
}
EVERYWHERE = {
    "handling rate": "handled",
    "confirmed by the origin": "confirmed",
    "refused": "refused",
    "未回复办结 apart": "no_reply",
    "reopened": "reopened",
    "satisfaction": "content",
    "first response median": "response_median",
    "first response p90": "response_p90",
    "longest wait": "longest_wait",
    "backlog": "backlog",
    "backlog age": "backlog_age",
    "how many": "count",
}


@pytest.mark.parametrize(("scenario", "playbook"), PLAYBOOKS, ids=NAMES)
def test_every_playbook_has_every_figure_that_is_named(
    scenario: Scenario, playbook: Playbook
) -> None:
    """Built in, or declared under the same name by the scenario: installed either way."""
    wanted = {f"{playbook.kind}_{name}" for name in EVERYWHERE.values()}
    wanted |= {f"{playbook.kind}_{CLOCKS[c]}" for c in CLOCKS if playbook.clock(c) is not None}
    if any(act.verb == "false_alarm" for act in playbook.acts):
        wanted.add(f"{playbook.kind}_false_alarms")
    mine = {one.figure.name for one in installed().values() if one.scenario == scenario.name}
    assert {name[:48] for name in wanted} - mine == set()


@pytest.mark.parametrize(("scenario", "playbook"), PLAYBOOKS, ids=NAMES)
def test_names_that_are_cut_stay_apart(scenario: Scenario, playbook: Playbook) -> None:
    names = [figure.name for figure in builtin(playbook)]
    assert len(set(names)) == len(names)
    assert scenario.name


@pytest.mark.parametrize(("scenario", "playbook"), PLAYBOOKS, ids=NAMES)
def test_some_limit_is_measured(scenario: Scenario, playbook: Playbook) -> None:
    """Answered or acted in time: a playbook with clocks has a figure of one of them at least."""
    assert any(playbook.clock(clock) is not None for clock in CLOCKS), scenario.name


@pytest.mark.parametrize("view", VIEWS)
def test_a_dashboard_has_figures_of_every_playbook(view: str) -> None:
    """Leader, duty and statistics see something of each; statistics see all there is."""
    shown = [one for one in installed().values() if chosen(view, one)]
    for scenario, playbook in PLAYBOOKS:
        own = [
            one
            for one in shown
            if one.scenario == scenario.name and one.figure.name.startswith(f"{playbook.kind}_")
        ]
        assert own, (view, playbook.kind)
    if view == "statistics":
        assert len(shown) == len(installed())


@pytest.mark.django_db(databases="__all__")
def test_the_dashboard_tells_how_the_platform_stands(place: Place) -> None:
    """Devices online and the journal's lag, for whom they concern; a stranger sees neither."""
    place.press()
    place.settle()
    page = place.client("command").get("/figures/").content.decode()
    for name in ("设备在线", "指标落后于日志"):
        assert name in page
    answer = place.client("stranger").get("/figures/").content.decode()
    for name in ("设备在线", "指标落后于日志"):
        assert name not in answer
