"""Playbooks (办理流程): which states, who acts, what clocks, what proof, whom to call.

A scenario declares them as frozen tables; the loop reads nothing else of a scenario. A case
pins `key`, so a changed playbook is a new version beside the old one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bihuan.base.errors import bad

ORIGIN_ROLE: Final = "family"


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit: value in seconds, whose figure it is, since when, where it holds."""

    seconds: int
    source: str
    effective_from: str
    region: str


@dataclass(frozen=True, slots=True)
class LadderStep:
    """People called in parallel: each role is looked up where the subject lives or above.

    title: in zh and en. wait: how long after the first attempt of this step the next one is called.
    """

    title: tuple[str, str]
    roles: tuple[str, ...]
    wait: Limit


@dataclass(frozen=True, slots=True)
class Act:
    """What may be done: from which states, by which roles, into which state, with what proof.

    proof: kinds of which one must be shown, empty = none. not_by: who may not, because another
    part of the loop was theirs (`owner`: the handler cannot verify).
    """

    name: str
    from_states: tuple[str, ...]
    to: str
    roles: tuple[str, ...]
    proof: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Playbook:
    """One loop of one scenario.

    answer        from the signal (or a new press) to somebody's 我来处置
    progress      from there to a report or a word of progress; else it waits for an answer again
    confirmation  how long the origin is given before it is asked again
    tries         how often the origin is asked before a verifier may sign 未回复办结
    refusals      after how many "没解决" a superior decides with reasons
    repeat        after the last step: how long until it is called again
    """

    scenario: str
    kind: str
    version: int
    title: tuple[str, str]
    severity: str
    signals: tuple[str, ...]
    ladder: tuple[LadderStep, ...]
    acts: tuple[Act, ...]
    answer: Limit
    progress: Limit
    confirmation: Limit
    repeat: Limit
    tries: int
    refusals: int
    late_after: Limit

    @property
    def key(self) -> str:
        return f"{self.scenario}.{self.kind}@{self.version}"

    def act(self, name: str) -> Act:
        """The act of this name."""
        for act in self.acts:
            if act.name == name:
                return act
        raise bad("act", name, " or ".join(act.name for act in self.acts))


_playbooks: dict[str, Playbook] = {}
_by_signal: dict[tuple[str, str], Playbook] = {}


def register(playbook: Playbook) -> None:
    """Make a playbook known. The newest version of a kind opens new cases."""
    known = _playbooks.get(playbook.key)
    if known is not None and known != playbook:
        raise bad("playbook", playbook.key, "a new version number for a changed playbook")
    _playbooks[playbook.key] = playbook
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


def playbooks() -> list[Playbook]:
    """Every registered playbook."""
    return list(_playbooks.values())
