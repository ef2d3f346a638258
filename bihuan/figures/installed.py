"""The figures that are installed: declared by scenarios and built in, by their ids."""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.base.errors import BadInputError, bad
from bihuan.figures.builtin import builtin
from bihuan.figures.check import faults_of
from bihuan.figures.declared import Figure
from bihuan.loop.playbook import Playbook
from bihuan.loop.scenario import Scenario

_figures: dict[str, Installed] = {}


@dataclass(frozen=True, slots=True)
class Installed:
    """A figure and whose it is. id: `SCENARIO.NAME`."""

    scenario: str
    figure: Figure

    @property
    def id(self) -> str:
        return f"{self.scenario}.{self.figure.name}"


def install(scenario: Scenario) -> None:
    """Make a scenario's figures known; a second time changes nothing.

    Raises BadInputError with every fault, each naming the scenario's file and the key.
    """
    kinds = [playbook.kind for playbook in scenario.playbooks]
    newest = {playbook.kind: playbook for playbook in sorted(scenario.playbooks, key=_version)}
    own = [figure for playbook in newest.values() for figure in builtin(playbook)]
    named = {getattr(figure, "name", "") for figure in scenario.figures}
    faults = faults_of(scenario.name, scenario.figures, scenario.scheme, kinds)
    if faults:
        raise BadInputError(*faults)
    forget(scenario.name)
    # a declared figure of a built-in one's name is the county's own definition of it
    for figure in (*scenario.figures, *(one for one in own if one.name not in named)):
        if isinstance(figure, Figure):  # the check refuses everything else
            one = Installed(scenario.name, figure)
            _figures[one.id] = one


def _version(playbook: Playbook) -> int:
    return playbook.version


def forget(scenario: str) -> None:
    """Take a scenario's figures out again: tests install many."""
    for key in [key for key, one in _figures.items() if one.scenario == scenario]:
        del _figures[key]


def installed() -> dict[str, Installed]:
    """Every installed figure by its id, in the order of declaration."""
    return dict(_figures)


def figure(figure_id: str) -> Installed:
    """The figure of this id; BadInputError where nobody declares it."""
    try:
        return _figures[figure_id]
    except KeyError:
        raise bad("figure", figure_id, "a figure that is declared") from None
