"""What waits for a person in the ledgers: acts for a second person, duties, routines to fill."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final, NamedTuple

from django.db.models import Q, QuerySet

from bihuan.base.errors import BadInputError
from bihuan.base.time import DAY_US
from bihuan.console.shown import area_name
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.models import Area, Subject
from bihuan.register.records.models import DutyDue, Period, Proposal, Record
from bihuan.register.records.rows import Row, act_of, type_of
from bihuan.register.rights import Rights
from bihuan.register.scheme import RecordType, Scheme, SubjectType

MOST = 200
AHEAD_US = 7 * DAY_US
OPEN: Final = ("waiting", "passed")
Held = frozenset[tuple[str, str]]


class Waiting(NamedTuple):
    """One thing of a ledger that waits. title in zh and en; times are µs."""

    kind: str
    id: int
    title: tuple[str, str]
    detail: str
    at_us: int
    due_us: int | None


def waiting(rights: Rights, now_us: int) -> list[Waiting]:
    """What this person may confirm, or must do within seven days, by the roles held there."""
    held = rights.held
    due = now_us + AHEAD_US
    roles = {role for role, _path in held}
    mine = _Mine(roles, {path for _role, path in held})
    proposals = list(_first(mine.proposals(), "expires_us", now_us + 365 * DAY_US))
    duties = list(_first(mine.duties(), "due_us", due, OPEN))
    periods = list(_first(mine.periods(), "due_us", due))
    ids = {p.row_id for p in (*proposals, *duties)} | {p.subject_id for p in periods}
    if not ids:
        return []
    rows: dict[int, Row] = {**Subject.objects.using(MAIN).in_bulk(list(ids))}
    rows |= Record.objects.using(MAIN).in_bulk(list(ids))
    rows = {row_id: row for row_id, row in rows.items() if rights.reaches(row.scenario)}
    areas = Area.objects.using(MAIN).in_bulk({row.area_id for row in rows.values()})
    find = _Finder(rights.person_id, held, rows, areas)
    return [*find.proposals(proposals), *find.duties(duties), *find.periods(periods)]


def _first(
    found: QuerySet[Any], field: str, until_us: int, states: tuple[str, ...] = ("waiting",)
) -> QuerySet[Any]:
    return found.filter(state__in=states, **{f"{field}__lte": until_us}).order_by(field)[:MOST]


class _Mine:
    """What can concern somebody with these roles in these subtrees, before the first are taken.

    Coarse: a role held in one place and a row of another pass here and are sorted out later.
    """

    def __init__(self, roles: Collection[str], paths: Collection[str]) -> None:
        self._roles, self._paths = set(roles), paths
        self._schemes = schemes.installed()

    def duties(self) -> QuerySet[DutyDue]:
        wanted = Q(pk__in=())
        for name, scheme in self._schemes.items():
            for kind in _kinds(scheme):
                own = [one.name for one in kind.duties if self._roles & set(one.roles)]
                if own:
                    wanted |= Q(scenario=name, kind=kind.name, duty__in=own)
        return DutyDue.objects.using(MAIN).filter(wanted, self._near("row_id"))

    def periods(self) -> QuerySet[Period]:
        wanted = Q(pk__in=())
        for name, scheme in self._schemes.items():
            own = [one.name for one in scheme.routines if self._roles & set(one.roles)]
            if own:
                wanted |= Q(scenario=name, routine__in=own)
        return Period.objects.using(MAIN).filter(wanted, self._near("subject_id"))

    def proposals(self) -> QuerySet[Proposal]:
        own = {
            act.name
            for scheme in self._schemes.values()
            for kind in _kinds(scheme)
            for act in kind.acts
            if self._roles & set(act.second)
        }
        return Proposal.objects.using(MAIN).filter(self._near("row_id"), act__in=own)

    def _near(self, field: str) -> Q:
        """Rows in these subtrees; of a whole county nothing need be looked up."""
        if any(path.strip(".").count(".") == 0 for path in self._paths):
            return Q()
        under = Q(pk__in=())
        for path in self._paths:
            under |= Q(path__startswith=path)
        areas = Area.objects.using(MAIN).filter(under).values("id")
        records = Record.objects.using(MAIN).filter(area_id__in=areas).values("id")
        subjects = Subject.objects.using(MAIN).filter(area_id__in=areas).values("id")
        return Q(**{f"{field}__in": records}) | Q(**{f"{field}__in": subjects})


def _kinds(scheme: Scheme) -> Iterator[SubjectType | RecordType]:
    yield from scheme.subjects
    yield from scheme.records


class _Finder:
    def __init__(
        self, person_id: int, held: Held, rows: dict[int, Row], areas: dict[int, Area]
    ) -> None:
        self._person, self._held, self._rows, self._areas = person_id, held, rows, areas

    def proposals(self, found: Iterable[Proposal]) -> Iterator[Waiting]:
        for one in found:
            row = self._row(one.row_id)
            if row is None or one.by_id == self._person:
                continue
            act = act_of(row, one.act)
            if self._may(row, act.second):
                title = type_of(row).title
                both = (f"{title[0]} · {act.title[0]}", f"{title[1]} · {act.title[1]}")
                yield self._waiting("proposal", one.id, both, row, one.expires_us, one.proposed_us)

    def duties(self, found: Iterable[DutyDue]) -> Iterator[Waiting]:
        for one in found:
            row = self._row(one.row_id)
            if row is None:
                continue
            for duty in type_of(row).duties:
                # one that raised a case at its time waits there; any other is late, and still owed
                is_raised = one.state == "passed" and duty.raises is not None
                if duty.name == one.duty and not is_raised and self._may(row, duty.roles):
                    at_us = one.due_us or 0
                    yield self._waiting("duty", one.id, duty.title, row, one.due_us, at_us)

    def periods(self, found: Iterable[Period]) -> Iterator[Waiting]:
        for one in found:
            row = self._row(one.subject_id)
            routine = schemes.routine(one.scenario, one.routine)
            if row is not None and routine is not None and self._may(row, routine.roles):
                yield self._waiting("routine", one.id, routine.title, row, one.due_us, one.due_us)

    def _row(self, row_id: int) -> Row | None:
        """The row, unless its scenario is no longer installed."""
        row = self._rows.get(row_id)
        if row is None:
            return None
        try:
            type_of(row)
        except BadInputError:
            return None
        return row

    def _may(self, row: Row, roles: Iterable[str]) -> bool:
        area = self._areas.get(row.area_id)
        wanted = set(roles)
        return area is not None and any(
            role in wanted and area.path.startswith(path) for role, path in self._held
        )

    def _waiting(
        self,
        kind: str,
        identity: int,
        title: tuple[str, str],
        row: Row,
        due_us: int | None,
        at_us: int,
    ) -> Waiting:
        place = area_name(self._areas.get(row.area_id))
        number = getattr(row, "number", "")
        detail = " · ".join(part for part in (number, place) if part)
        return Waiting(kind, identity, title, detail, at_us, due_us)
