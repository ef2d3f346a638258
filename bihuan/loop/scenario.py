"""What a scenario folder declares, and the list of those that are installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bihuan.base.errors import bad
from bihuan.loop import playbook as playbooks
from bihuan.loop.playbook import Playbook
from bihuan.register.acts import Registrar


class DeclaredRule(Protocol):
    """A version of a rule: its name in findings, and how a page calls it. The rules read more."""

    @property
    def id(self) -> str: ...
    @property
    def title_zh(self) -> str: ...
    @property
    def title_en(self) -> str: ...


class DemoFrame(Protocol):
    """The demo county before any scenario: ids of areas and officials, names in Latin letters."""

    @property
    def registrar(self) -> Registrar: ...
    @property
    def areas(self) -> Mapping[str, int]: ...
    @property
    def officials(self) -> Mapping[str, int]: ...
    @property
    def latin(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class DemoBand:
    """A simulated device of the demo: protocol, number, whose, and where it is (lat, lon)."""

    protocol: str
    number: str
    wearer: str
    latin: str
    place: tuple[float, float]


@dataclass(frozen=True, slots=True)
class DemoPhone:
    """A person of the demo whose phone can be shown on the screen; role in zh and en."""

    person_id: int
    name: str
    latin: str
    role: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Cast:
    """What a scenario's demo brings: devices to simulate and phones to show."""

    bands: tuple[DemoBand, ...]
    phones: tuple[DemoPhone, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One system of the founding texts: the only thing that core reads of its folder.

    subjects, signals and roles map a name used in entries to its words (zh, en). demo registers
    invented people and devices in the demo county, story plays what happens to them.
    """

    name: str
    title: tuple[str, str]
    subjects: dict[str, tuple[str, str]]
    signals: dict[str, tuple[str, str]]
    roles: dict[str, tuple[str, str]]
    playbooks: tuple[Playbook, ...] = field(default=())
    rules: tuple[DeclaredRule, ...] = field(default=())
    demo: Callable[[DemoFrame], Cast] | None = None
    story: Callable[[Stage, Cast], None] | None = None


class Stage(Protocol):
    """Where a demo's story is played: time passes when told, phones do as told."""

    def press(self, number: str, *bits: int) -> None:
        """The band's key is held; its frame goes through decoder, journal and loop."""
        ...

    def wait(self, **parts: float) -> None:
        """Let time pass, and everything that falls due in it happen."""
        ...

    def phones(self, person_id: int, *, are_on: bool) -> None:
        """Switch a person's phone on or off."""
        ...

    def answer(self, person_id: int) -> None:
        """The person takes the call that rings and says: I go."""
        ...

    def act(self, person_id: int, name: str, text: str = "", answer: str = "") -> None:
        """The person does something to the case of the band that was pressed last."""
        ...


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
