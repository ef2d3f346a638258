"""What people have set, as of any moment of a lane: (lane-0 position seen, recorded time).

One `Settings` serves every lane of a process. It only grows, so that a lane that is read again
finds what it found the first time.
"""

from __future__ import annotations

import json
from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Q

from bihuan.base.errors import BadInputError
from bihuan.base.ids import position_of
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.payloads import decode
from bihuan.journal.storage import MAIN
from bihuan.register.records.entries import RowCorrected
from bihuan.rules.kinds import KINDS, Plain, checked
from bihuan.rules.overrides.models import RegionLimit, SubjectOverride
from bihuan.rules.rule import Rule

NEVER_ENDS = 1 << 62
MOVED = "row.corrected.v1"


class Mark(NamedTuple):
    """A moment of a lane: what of lane 0 its batches have seen, and its recorded time (µs)."""

    seen0: int
    now_us: int


@dataclass(slots=True)
class Setting:
    """One thing that somebody set. subject None: for every subject of these areas (none = all)."""

    id: int
    rule: str  # scenario.rule
    position: int
    from_us: int
    until_us: int
    parameters: Mapping[str, object]
    source: str
    subject: int | None = None
    areas: frozenset[int] = frozenset()
    depth: int = 0
    ended: int = NEVER_ENDS

    def holds(self, at: Mark) -> bool:
        """Whether it holds at a moment; what is over by then, or not yet seen, does not."""
        is_seen = self.position <= at.seen0 < self.ended
        return is_seen and self.from_us <= at.now_us < self.until_us


@dataclass(frozen=True, slots=True)
class Effective:
    """What judges one subject in place of the rule as declared."""

    typed: dict[str, Plain]
    source: str
    setting_id: int


@dataclass(slots=True)
class _Turns:
    """The moments at which something changes: by lane-0 position, by time; with what changes."""

    at: list[int] = field(default_factory=list)
    what: dict[int, list[Setting | int]] = field(default_factory=dict)

    def add(self, at: int, what: Setting | int) -> None:
        if at not in self.what:
            insort(self.at, at)
        self.what.setdefault(at, []).append(what)

    def between(self, after: int, upto: int) -> Iterable[Setting | int]:
        for at in self.at[bisect_right(self.at, after) : bisect_right(self.at, upto)]:
            yield from self.what[at]


class Settings:
    """Every override and every region's limit that the journal holds, up to `load`."""

    def __init__(self, keys: KeyRing | None = None) -> None:
        """keys: open polygons that are sealed for a person; without them nobody has one."""
        self._keys = keys
        self._upto = self._moves_upto = 0
        self._by_id: dict[int, Setting] = {}
        self._of_subject: dict[tuple[str, int], list[Setting]] = {}
        self._of_region: dict[str, list[Setting]] = {}
        self._seen, self._time = _Turns(), _Turns()
        self._moved: dict[int, list[tuple[int, int]]] = {}
        self._first_area: dict[int, int] = {}

    def load(self, upto: int) -> None:
        """Take in what lane 0 says up to a position; what is known already is left as it is."""
        if upto <= self._upto:
            return
        after, self._upto = self._upto, upto
        for limit in RegionLimit.objects.using(MAIN).filter(position__gt=after, position__lte=upto):
            self._take(_of_region(limit))
        changed = Q(position__gt=after, position__lte=upto) | Q(ended__gt=after, ended__lte=upto)
        for row in SubjectOverride.objects.using(MAIN).filter(changed).order_by("position"):
            self._take(_of_subject(row, self._opened(row)))
        if self._of_region:
            self._load_moves()

    def has(self, rule: str) -> bool:
        """Whether anything was ever set of a rule."""
        return rule in self._of_region or any(name == rule for name, _ in self._of_subject)

    def changed(self, after: Mark, upto: Mark) -> set[tuple[str, int | None]]:
        """(rule, subject) that may be judged otherwise than before; None: any subject.

        Rule "" stands for every rule: the subject moved.
        """
        turns = [*self._seen.between(after.seen0, upto.seen0)]
        turns += self._time.between(after.now_us, upto.now_us)
        return {("", t) if isinstance(t, int) else (t.rule, t.subject) for t in turns}

    def of(
        self, name: str, rule: Rule, subject: int, at: Mark, is_trial: bool = False
    ) -> Effective | None:
        """What judges a subject at a moment; None = the rule as declared.

        is_trial: the rule was changed to try it, in the place of every region's limit

        The subject's own stands above its region's, a smaller region above a larger. What no
        longer fits a newer version of the rule is left out.
        """
        own = [s for s in self._of_subject.get((name, subject), ()) if s.holds(at)]
        layers = [*([] if is_trial else self._regional(name, subject, at)), *own[-1:]]
        while layers:
            given: dict[str, object] = dict(rule.parameters)
            for layer in layers:
                given |= layer.parameters
            try:
                typed = checked(KINDS[rule.kind], given)
            except BadInputError:
                layers.pop()
                continue
            return Effective(typed, layers[-1].source, layers[-1].id)
        return None

    def marks(self, name: str, subject: int) -> tuple[list[int], list[int]]:
        """Positions and times at which a rule may change for a subject, both in order."""
        mine = [*self._of_subject.get((name, subject), ()), *self._of_region.get(name, ())]
        positions = {at for s in mine for at in (s.position, s.ended)}
        positions |= {position for position, _area in self._moved.get(subject, ())}
        times = {at for s in mine for at in (s.from_us, s.until_us)}
        return sorted(positions - {NEVER_ENDS}), sorted(times - {NEVER_ENDS})

    def _opened(self, row: SubjectOverride) -> dict[str, object]:
        if row.polygon is None or self._keys is None:
            return {}
        opened = self._keys.open(bytes(row.polygon))  # None once its person is erased
        return {} if opened is None else {"polygon": opened}

    def _regional(self, name: str, subject: int, at: Mark) -> list[Setting]:
        holding = [s for s in self._of_region.get(name, ()) if s.holds(at)]
        if not holding:
            return []
        area = self._area_of(subject, at.seen0)
        mine = [s for s in holding if not s.areas or area in s.areas]
        return sorted(mine, key=lambda s: (s.depth, s.from_us, s.position))[-1:]

    def _area_of(self, subject: int, seen0: int) -> int:
        moves = [area for at, area in self._moved.get(subject, ()) if at <= seen0]
        if moves:
            return moves[-1]
        if subject not in self._first_area:
            self._first_area[subject] = _registered_in(subject)
        return self._first_area[subject]

    def _take(self, new: Setting) -> None:
        known = self._by_id.get(new.id)
        if known is None:
            self._by_id[new.id] = new
            if new.subject is None:
                self._of_region.setdefault(new.rule, []).append(new)
            else:
                self._of_subject.setdefault((new.rule, new.subject), []).append(new)
            self._seen.add(new.position, new)
            self._time.add(new.from_us, new)
            self._time.add(new.until_us, new)
        elif new.ended < known.ended:
            known.ended = new.ended
        else:
            return
        if new.ended < NEVER_ENDS:
            self._seen.add(new.ended, new)

    def _load_moves(self) -> None:
        """Subjects that moved since the last look; asked only where a region has a limit."""
        after, self._moves_upto = self._moves_upto, self._upto
        found = Entry.objects.using(MAIN).filter(
            lane=FACTS_LANE, type=MOVED, position__gt=after, position__lte=self._upto
        )
        for entry in found.order_by("position").iterator():
            said = decode(entry.type, bytes(entry.body or b""))
            if isinstance(said, RowCorrected) and said.area_id is not None:
                self._moved.setdefault(said.row_id, []).append((entry.position, said.area_id))
                self._seen.add(entry.position, said.row_id)


def _of_region(row: RegionLimit) -> Setting:
    return Setting(
        row.id,
        f"{row.scenario}.{row.rule}",
        row.position,
        row.effective_us,
        NEVER_ENDS,
        json.loads(row.parameters),
        row.source,
        areas=frozenset(json.loads(row.areas)),
        depth=row.depth,
    )


def _of_subject(row: SubjectOverride, opened: Mapping[str, object]) -> Setting:
    return Setting(
        row.id,
        f"{row.scenario}.{row.rule}",
        row.position,
        row.from_us,
        row.until_us,
        {**json.loads(row.parameters), **opened},
        f"personal limit, journal entry {row.position}",
        subject=row.subject_id,
        ended=NEVER_ENDS if row.ended is None else row.ended,
    )


def _registered_in(subject: int) -> int:
    """The area in which a subject was registered, whatever it moved to since."""
    entry = Entry.objects.using(MAIN).get(lane=FACTS_LANE, position=position_of(subject))
    area_id: int = getattr(decode(entry.type, bytes(entry.body or b"")), "area_id")  # noqa: B009 - of every version of its type
    return area_id
