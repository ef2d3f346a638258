"""Playbooks (办理流程): which states, who acts, what clocks, what proof, whom to call.

A scenario declares them as frozen tables; the loop reads nothing else of a scenario. A case
pins `key`, so a changed playbook is a new version beside the old one, and an open case goes on
by the version that opened it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import Final, Literal

from bihuan.base.deadlines import StartRule, Unit
from bihuan.base.errors import bad
from bihuan.base.time import CHINA, datetime_of
from bihuan.register.scheme import Facts

# who somebody is to this case, where a role of a post says nothing about it
ORIGIN_ROLE: Final = "family"
OF_THE_CASE: Final = (
    "family",  # a contact of the subject
    "origin",  # the person who reported it
    "owner",  # who holds it now
    "assignee",  # whoever may sign for it: the person, the post or the unit that it is assigned to
    "assisting",  # a unit that assists
    "summoned",  # a unit that was summoned
    "successor",  # to whom it is being handed over
    "asked",  # whose own statement was asked for
)
STAYS: Final = ""  # an act that leaves the state as it is
MOST_TEXT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit: how long, whose figure it is, since when, where it holds.

    seconds  for hours, which start at once and never pause; 0 where days are given
    days     for calendar or working days, counted as `rule` says
    """

    seconds: int
    source: str
    effective_from: str
    region: str
    days: int = 0
    unit: Unit = "hours"
    rule: StartRule | None = None
    most_extension: int | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """Supervision that a clock brings by itself.

    share  of the limit since the start: 0.8 before it runs out, 1 when, 1.5 half as long after
    level  1 催办, 2 督办, 3 挂牌督办
    roles  whose nearest holders are told besides the handler
    """

    share: float
    level: int
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A clock of a playbook. again_s: how often the last watch comes again while it is overdue."""

    kind: str
    limit: Limit
    may_pause: bool = False
    watches: tuple[Watch, ...] = ()
    again_s: int = 86_400


@dataclass(frozen=True, slots=True)
class LadderStep:
    """People called in parallel: each role is looked up where the subject lives or above.

    title: in zh and en. wait: how long after the first attempt of this step the next one is called.
    hours: the county's time in which it is called, from (with) until (without), over midnight too:
    ("21:00", "07:00"); None = at any hour. Outside them the step is skipped, as one with nobody.
    """

    title: tuple[str, str]
    roles: tuple[str, ...]
    wait: Limit
    hours: tuple[str, str] | None = None

    def is_called_at(self, now_us: int) -> bool:
        """Whether the step is called at a time, µs."""
        if self.hours is None:
            return True
        at = datetime_of(now_us).astimezone(CHINA).time()
        start, end = (time.fromisoformat(one) for one in self.hours)
        return start <= at < end if start < end else at >= start or at < end


FieldKind = Literal[
    "text", "days", "date", "yes", "level", "clock", "case", "target", "targets", "choice"
]


@dataclass(frozen=True, slots=True)
class Field:
    """What an act asks for beside its words; pages and the API are made from it.

    kind  text (sealed), days (whole), date (RFC 3339), yes (yes or no), level (1 to 3), clock (its
          kind), case (an id), target (`person:5`, `role:town_duty@7`, `unit:9`), targets (several),
          choice (one of `options`: value, words in zh and en)
    title zh and en, where the standard words do not fit
    """

    name: str
    kind: FieldKind
    is_required: bool = True
    options: tuple[tuple[str, tuple[str, str]], ...] = ()
    title: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Keeps:
    """A record that an act of a case files in its own transaction, so that nothing is typed twice.

    record  its type, of the case's scenario, about the case's subject; who may do the act may file
    fields  (field of the act, field of the record), those that were given
    at      the record's field that gets the time of the act where none was given; "" = none
    words   the record's field that gets the act's words, where there are any; "" = none
    """

    record: str
    fields: tuple[tuple[str, str], ...] = ()
    at: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """What may be done: from which states, by which roles, into which state, with what proof.

    does     the verb that does it, where that is not its name
    proof    kinds of which one must be shown, empty = none
    not_by   who may not, because another part of the loop was theirs (`owner`: the handler)
    fields   what is asked besides; those of the verb come first
    starts   clocks that it starts; meets: clocks that it ends in time
    outcome  how the case ends, where the act closes it
    title    zh and en, where the standard words do not fit
    keeps    a record that it files besides
    """

    name: str
    from_states: tuple[str, ...]
    to: str
    roles: tuple[str, ...]
    proof: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    does: str = ""
    fields: tuple[Field, ...] = ()
    starts: tuple[str, ...] = ()
    meets: tuple[str, ...] = ()
    outcome: str = ""
    title: tuple[str, str] | None = None
    keeps: Keeps | None = None

    @property
    def verb(self) -> str:
        return self.does or self.name


@dataclass(frozen=True, slots=True)
class Playbook:
    """One loop of one scenario.

    begins        the state of a new case; opening: the clocks that start with it
    answer        from the signal (or a new press) to somebody's 我来处置
    progress      from there to a report or a word of progress; else it waits for an answer again
    confirmation  how long the origin is given before it is asked again
    clocks        every other clock, and what watches each
    tries         how often the origin is asked before a verifier may sign 未回复办结
    refusals      after how many "没解决" a superior decides with reasons
    repeat        after the last step: how long until it is called again
    late_after    how old a signal may be and still count as fresh
    reopen_s      how long after its end a case may be reopened; 0 = never
    reports       whether people may report it themselves (web, taken down, API)
    is_open       whether the public form takes it, from people without an account
    per_row       a case for each record whose act or duty raises the signal, not for each subject
    supersedes    kinds of this scenario whose open case of the same subject (with `per_row` of the
                  same record) ends in this one when its signal comes: it is no longer so
    at_stake      whether a finding of a rule matters now, by the facts of its subject and the
                  name of the rule; None = always. One that does not is set aside
    """

    scenario: str
    kind: str
    version: int
    title: tuple[str, str]
    severity: str
    signals: tuple[str, ...]
    acts: tuple[Act, ...]
    repeat: Limit
    late_after: Limit
    ladder: tuple[LadderStep, ...] = ()
    answer: Limit | None = None
    progress: Limit | None = None
    confirmation: Limit | None = None
    clocks: tuple[ClockRule, ...] = ()
    begins: str = "awaiting_answer"
    opening: tuple[str, ...] = ("answer",)
    tries: int = 3
    refusals: int = 2
    reopen_s: int = 0
    reports: bool = False
    is_open: bool = False
    per_row: bool = False
    supersedes: tuple[str, ...] = ()
    at_stake: Callable[[Facts, str], bool] | None = None

    @property
    def key(self) -> str:
        return f"{self.scenario}.{self.kind}@{self.version}"

    @property
    def name(self) -> str:
        """What all versions have in common: limits of a county are set for it."""
        return f"{self.scenario}.{self.kind}"

    def act(self, name: str) -> Act:
        """The act of this name."""
        for act in self.acts:
            if act.name == name:
                return act
        raise bad("act", name, " or ".join(act.name for act in self.acts))

    def clock(self, kind: str) -> ClockRule | None:
        """The rule of a clock; None where this playbook has none of the kind."""
        for rule in self.clocks:
            if rule.kind == kind:
                return rule
        limits = {
            "answer": self.answer,
            "progress": self.progress,
            "confirmation": self.confirmation,
        }
        limit = limits.get(kind)
        return ClockRule(kind, limit) if limit is not None else None

    def clock_kinds(self) -> tuple[str, ...]:
        """Every clock that the playbook knows."""
        own = [kind for kind in ("answer", "progress", "confirmation") if getattr(self, kind)]
        return tuple(dict.fromkeys([*own, *(rule.kind for rule in self.clocks)]))

    def roles_of(self, verb: str) -> tuple[str, ...]:
        """Who may do what a verb does, in the order of the table."""
        roles = [role for act in self.acts if act.verb == verb for role in act.roles]
        return tuple(dict.fromkeys(roles))


_playbooks: dict[str, Playbook] = {}
_by_signal: dict[tuple[str, str], Playbook] = {}
_newest: dict[str, Playbook] = {}


def register(playbook: Playbook) -> None:
    """Make a playbook known. The newest version of a kind opens new cases."""
    known = _playbooks.get(playbook.key)
    if known is not None and known != playbook:
        raise bad("playbook", playbook.key, "a new version number for a changed playbook")
    _playbooks[playbook.key] = playbook
    newest = _newest.get(playbook.name)
    if newest is None or newest.version <= playbook.version:
        _newest[playbook.name] = playbook
    for signal in playbook.signals:
        present = _by_signal.get((playbook.scenario, signal))
        if present is None or present.version <= playbook.version:
            _by_signal[playbook.scenario, signal] = playbook


def playbook_of(key: str) -> Playbook:
    """The playbook that a case pinned."""
    try:
        return _playbooks[key]
    except KeyError:
        raise bad("playbook", key, "a playbook of an installed scenario") from None


def playbook_for(scenario: str, signal: str) -> Playbook | None:
    """The playbook that a signal opens in a scenario; None where none asks for it."""
    return _by_signal.get((scenario, signal))


def playbooks_for(signal: str) -> list[Playbook]:
    """Every scenario's playbook that a signal about a place opens, in the order of their names."""
    found = [playbook for (_scenario, kind), playbook in _by_signal.items() if kind == signal]
    return sorted(found, key=lambda playbook: playbook.key)


def newest(scenario: str, kind: str) -> Playbook:
    """The version of a kind that opens new cases."""
    try:
        return _newest[f"{scenario}.{kind}"]
    except KeyError:
        raise bad("kind", f"{scenario}.{kind}", " or ".join(sorted(_newest)) or "none") from None


def playbooks() -> list[Playbook]:
    """Every registered playbook."""
    return list(_playbooks.values())
