"""What people have set, put upon the rules that run over one lane.

Follows the lane: before a batch is judged every series stands as it is set in the lane-0
position which that batch has seen; what ends by time ends with the lane's recorded time.
"""

from __future__ import annotations

from typing import Protocol

from bihuan.journal.series import Slots
from bihuan.rules.engine import Engine
from bihuan.rules.overrides.settings import Effective, Mark, Settings
from bihuan.rules.rule import Rule

BEFORE_ALL = Mark(0, 0)


class Tuned(Protocol):
    """A rule that runs over a lane. name: scenario.rule."""

    @property
    def name(self) -> str: ...
    @property
    def rule(self) -> Rule: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def n_series(self) -> int: ...


class Tuning:
    """Which series of a lane are judged otherwise than as declared, and by what."""

    def __init__(self, settings: Settings, slots: Slots) -> None:
        self.mark = BEFORE_ALL
        self.n_met = 0  # slots below it were looked at
        self._settings, self._slots = settings, slots
        self._slots_of: dict[int, list[int]] = {}
        self._special: dict[str, dict[int, Effective]] = {}

    def of(self, name: str, slot: int) -> Effective | None:
        """What judges a series in place of the rule as declared."""
        return self._special.get(name, {}).get(slot)

    def pass_to(self, at: Mark, runs: dict[str, Tuned]) -> None:
        """Let what was set, ended or ran out between the last moment and this one take hold."""
        changed = self._settings.changed(self.mark, at)
        self.mark = at
        for name, subject in changed:
            for run in runs.values() if not name else filter(None, [runs.get(name)]):
                subjects = self._slots_of if subject is None else (subject,)
                for one in subjects:
                    self._set(run, one, self._slots_of.get(one, ()))

    def meet(self, upto: int, runs: dict[str, Tuned]) -> None:
        """Set series that were not heard before, as they are set at this moment."""
        for slot in range(self.n_met, upto):
            subject = self._slots.series(slot).subject
            if subject is None:
                continue
            self._slots_of.setdefault(subject, []).append(slot)
            for run in runs.values():
                self._set(run, subject, (slot,))
        self.n_met = max(self.n_met, upto)

    def renew(self, run: Tuned) -> None:
        """Set a rule anew that began, went over to a new version, or got more room."""
        if not self._settings.has(run.name):
            return
        for subject, slots in self._slots_of.items():
            self._set(run, subject, slots)

    def restore(self, mark: Mark, n_met: int, runs: dict[str, Tuned]) -> None:
        """Go on where a snapshot was taken."""
        self.mark = mark
        self.meet(n_met, runs)

    def _set(self, run: Tuned, subject: int, slots: tuple[int, ...] | list[int]) -> None:
        found = self._settings.of(run.name, run.rule, subject, self.mark)
        special = self._special.setdefault(run.name, {})
        for slot in slots:
            if found is None and special.pop(slot, None) is None:
                continue
            if found is not None:
                special[slot] = found
            if slot < run.n_series:  # else set when there is room for it
                typed = run.rule.typed if found is None else found.typed
                run.engine.override(run.rule.id, slot, typed)
