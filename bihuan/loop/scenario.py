"""What a scenario folder declares, and the list of those that are installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from bihuan.base.errors import bad
from bihuan.loop import playbook as playbooks
from bihuan.loop import shows_check
from bihuan.loop import verbs as _verbs  # noqa: F401 - a table is checked against every verb
from bihuan.loop.callout.acts import Order, Words
from bihuan.loop.cases.report import Report
from bihuan.loop.playbook import ORIGIN_ROLE, Playbook
from bihuan.loop.playbook_check import check
from bihuan.loop.shows import Guard, Notice, Overview, Panel, Sheet
from bihuan.register import roles, schemes
from bihuan.register.acts import Registrar
from bihuan.register.records.opening import Opening
from bihuan.register.rights import REGISTER, Verb, grant
from bihuan.register.scheme import Scheme


class DeclaredRule(Protocol):
    """A version of a rule: its name in findings, and how a page calls it. The rules read more."""

    @property
    def id(self) -> str: ...
    @property
    def channel(self) -> str: ...
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
    """A person of the demo whose phone can be shown on the screen; role in zh and en.

    sign_in  user name of the person's own sign-in; "" = none
    """

    person_id: int
    name: str
    latin: str
    role: tuple[str, str]
    sign_in: str = ""


@dataclass(frozen=True, slots=True)
class DemoSensor:
    """A sensor to simulate at the demo's MQTT broker.

    protocol  zigbee2mqtt, tasmota or thingsboard
    measured  by the system's own keys: temperature, humidity; Temperature; rain, level
    """

    protocol: str
    number: str
    measured: dict[str, float | str]


@dataclass(frozen=True, slots=True)
class Cast:
    """What a scenario's demo brings: devices to simulate, phones, places and subjects by name."""

    bands: tuple[DemoBand, ...]
    phones: tuple[DemoPhone, ...]
    sensors: tuple[DemoSensor, ...] = ()
    areas: dict[str, int] = field(default_factory=dict)
    subjects: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """An official warning of a story, as the station says it by phone; about: what it changes."""

    change: Literal["issue", "change", "lift"]
    issuer: str
    title: str
    areas: tuple[int, ...]
    text: str = ""
    about: int | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One system of the founding texts: the only thing that core reads of its folder.

    subjects, signals and roles map a name used in entries to its words (zh, en). demo registers
    invented people and devices in the demo county, story plays what happens to them. scheme holds
    its typed subjects and records, figures its declared figures (read by bihuan.figures). panels,
    sheets, overviews and notices are what it shows and sends besides, guards what devices may say
    against an act (bihuan.loop.shows). grants are rights besides those that `grants_of` derives:
    export, say, by role.
    """

    name: str
    title: tuple[str, str]
    subjects: dict[str, tuple[str, str]]
    signals: dict[str, tuple[str, str]]
    roles: dict[str, tuple[str, str]]
    playbooks: tuple[Playbook, ...] = field(default=())
    rules: tuple[DeclaredRule, ...] = field(default=())
    scheme: Scheme | None = None
    figures: tuple[object, ...] = field(default=())
    panels: tuple[Panel, ...] = field(default=())
    sheets: tuple[Sheet, ...] = field(default=())
    overviews: tuple[Overview, ...] = field(default=())
    notices: tuple[Notice, ...] = field(default=())
    guards: tuple[Guard, ...] = field(default=())
    grants: Mapping[str, tuple[Verb, ...]] = field(default_factory=dict)
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

    def report(self, said: Report) -> int:
        """Somebody reports something; the id of its case."""
        ...

    def do(self, person_id: int, name: str, case_id: int, said: Mapping[str, str]) -> None:
        """The person does something to a case; said: text, answer, and the act's own fields."""
        ...

    def ahead(self, **parts: float) -> str:
        """A moment ahead, as an act's date field takes it."""
        ...

    def file(self, person_id: int, new: Opening) -> int:
        """The person files a record; its id."""
        ...

    def row(self, person_id: int, name: str, row_id: int, said: Mapping[str, Any]) -> None:
        """The person does an act of a subject or record."""
        ...

    def case_of(self, row_id: int) -> int:
        """The newest case that a record opened."""
        ...

    def confirm(self, person_id: int, row_id: int) -> None:
        """The person confirms, as the second one, what waits for it at a subject or record."""
        ...

    def newest(self, kind: str, subject_id: int) -> int:
        """The newest case of a kind about a subject."""
        ...

    def warn(self, person_id: int, said: Warned) -> int:
        """The person takes down an official warning in the station's words; its id."""
        ...

    def call_out(self, person_id: int, order: Order) -> int:
        """The person orders a call-out; its id."""
        ...

    def lift(self, person_id: int, call_out_id: int, words: Words) -> None:
        """The person lifts a call-out; empty words are those of the official cancellation."""
        ...


_scenarios: dict[str, Scenario] = {}


def install(scenario: Scenario) -> None:
    """Make a scenario and its playbooks known; a second time changes nothing."""
    known = _scenarios.get(scenario.name)
    if known is not None and known is not scenario:
        raise bad("scenario", scenario.name, "one folder of this name")
    shows_check.check(*_shown(scenario))
    _check_superseded(scenario)
    if scenario.scheme is not None:
        if scenario.scheme.scenario != scenario.name:
            wanted = f"Scheme(scenario={scenario.name!r})"
            raise bad(f"{scenario.name}/scenario.py: scheme", scenario.scheme.scenario, wanted)
        _check_loops(scenario, scenario.scheme)
        schemes.install(scenario.scheme, scenario.signals, scenario.roles)
    _scenarios[scenario.name] = scenario
    roles.know(scenario.roles)
    for declared in scenario.playbooks:
        if declared.scenario != scenario.name:
            raise bad(f"{scenario.name}.playbooks", declared.key, f"{scenario.name}.*")
        check(declared, scenario.roles)
        _check_kept(declared)
        playbooks.register(declared)
    for role, verbs in grants_of(scenario).items():
        grant(scenario.name, role, verbs)
        if role != ORIGIN_ROLE:  # who acts anywhere may find the offices and areas of that place
            grant(REGISTER, role, ("see",))


def _check_superseded(scenario: Scenario) -> None:
    for declared in scenario.playbooks:
        others = {one.kind: one.per_row for one in scenario.playbooks if one.kind != declared.kind}
        for kind in declared.supersedes:
            place = f"{declared.key}.supersedes"
            if kind not in others:
                raise bad(place, kind, " or ".join(sorted(others)) or "nothing: no other kind")
            if others[kind] != declared.per_row:
                raise bad(place, kind, "a kind with a case for each record, or not, as this one")


def _check_loops(scenario: Scenario, scheme: Scheme) -> None:
    kinds = {one.kind for one in scenario.playbooks}
    for declared in scheme.subjects:
        for kind in set(declared.loops or ()) - kinds:
            place = f"{scenario.name}/scenario.py: scheme.{declared.name}.loops"
            raise bad(place, kind, " or ".join(sorted(kinds)) or "no loop: there is no playbook")


def _check_kept(declared: Playbook) -> None:
    """An act files only a record of its own scenario, into fields that the record has."""
    for act in declared.acts:
        if act.keeps is None:
            continue
        place = f"{declared.key}.acts.{act.name}.keeps"
        record = schemes.record_type(declared.scenario, act.keeps.record)
        if record is None or record.subject is None:
            raise bad(place, act.keeps.record, "a record type of a subject of the scenario")
        named = [to for _name, to in act.keeps.fields] + [act.keeps.at, act.keeps.words]
        fields = {one.name for one in record.fields}
        if strange := sorted({name for name in named if name} - fields):
            raise bad(place, strange[0], f"a field of {record.name}")


def _shown(scenario: Scenario) -> tuple[shows_check.Declared, shows_check.Shows]:
    kinds = {playbook.kind for playbook in scenario.playbooks} | set(scenario.signals)
    given = shows_check.Declared(scenario.name, scenario.scheme, scenario.roles, kinds)
    return given, shows_check.Shows(
        scenario.panels, scenario.sheets, scenario.overviews, scenario.notices
    )


def templates_of(scenario: Scenario) -> list[str]:
    """The files of its folder that its panels, sheets and overviews name."""
    named = {one.template for one in scenario.panels}
    named |= {one.template for one in scenario.sheets}
    return sorted(named | {one.template for one in scenario.overviews})


def forget(name: str) -> None:
    """Take a scenario out again, with its scheme: tests install many."""
    _scenarios.pop(name, None)
    schemes.forget(name)


def grants_of(scenario: Scenario) -> dict[str, set[Verb]]:
    """Role → verbs: who acts may see, open and act; who edits a type edits; and what is declared.

    Who may look at a sheet or an overview may see.
    Raises BadInputError for a grant to a role that the scenario does not declare.
    """
    found: dict[str, set[Verb]] = {}
    for role in (r for p in scenario.playbooks for act in p.acts for r in act.roles):
        found.setdefault(role, set()).update(("see", "open", "act"))
    if scenario.scheme is not None:
        _of_scheme(scenario.scheme, found)
    looks = [one.roles for one in scenario.sheets] + [one.roles for one in scenario.overviews]
    for role in (role for roles_ in looks for role in roles_):
        found.setdefault(role, set()).add("see")
    for role, verbs in scenario.grants.items():
        if role not in scenario.roles:
            raise bad(f"{scenario.name}/scenario.py: grants.{role}", role, "a declared role")
        found.setdefault(role, set()).update(verbs)
    return found


def _of_scheme(scheme: Scheme, found: dict[str, set[Verb]]) -> None:
    declared = [t.acts for t in scheme.subjects] + [t.acts for t in scheme.records]
    for acts in declared:
        for act in acts:
            for role in (*act.roles, *act.second):
                found.setdefault(role, set()).update(("see", "open", "act"))
    for routine in scheme.routines:
        for role in routine.roles:
            found.setdefault(role, set()).update(("see", "open", "act"))
    for editors in (scheme.editors or {}).values():
        for role in editors:
            found.setdefault(role, set()).update(("see", "open", "edit"))


def installed() -> dict[str, Scenario]:
    """Every installed scenario by name."""
    return dict(_scenarios)
