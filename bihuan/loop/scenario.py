"""What a scenario folder declares, and the list of those that are installed."""

from __future__ import annotations

from dataclasses import dataclass, field

from bihuan.base.errors import bad
from bihuan.loop import playbook as playbooks
from bihuan.loop.playbook import Playbook


@dataclass(frozen=True, slots=True)
class Scenario:
    """One system of the founding texts: the only thing that core reads of its folder.

    subjects, signals and roles map a name used in entries to its words (zh, en).
    """

    name: str
    title: tuple[str, str]
    subjects: dict[str, tuple[str, str]]
    signals: dict[str, tuple[str, str]]
    roles: dict[str, tuple[str, str]]
    playbooks: tuple[Playbook, ...] = field(default=())


_scenarios: dict[str, Scenario] = {}


def install(scenario: Scenario) -> None:
    """Make a scenario and its playbooks known; a second time changes nothing."""
    known = _scenarios.get(scenario.name)
    if known is not None and known is not scenario:
        raise bad("scenario", scenario.name, "one folder of this name")
    _scenarios[scenario.name] = scenario
    for declared in scenario.playbooks:
        if declared.scenario != scenario.name:
            raise bad(f"{scenario.name}.playbooks", declared.key, f"{scenario.name}.*")
        playbooks.register(declared)


def installed() -> dict[str, Scenario]:
    """Every installed scenario by name."""
    return dict(_scenarios)
