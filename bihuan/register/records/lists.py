"""Looking at typed rows: lists by indexed fields, one row opened, its history, what may be done.

Rights and the log of openings are the caller's: a list shows what is not sealed; `opened_row`
shows everything, and whoever calls it logs the view first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from bihuan.base.errors import BadInputError, Fault
from bihuan.journal.keys import KeyRing
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.holders import role_for
from bihuan.register.models import Area, Subject
from bihuan.register.records.acts import barred
from bihuan.register.records.facts import computed
from bihuan.register.records.models import FieldValue, Proposal, Record, RowChange
from bihuan.register.records.rows import Row, act_of, read, row_of, type_of, where
from bihuan.register.records.sealing import opened, opened_text
from bihuan.register.scheme import Field, RecordAct, Value

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is to show, newest first.

    filters  by indexed field: a value, or (from, to) for numbers, dates and times, None = open;
             a text that ends in * is found by its beginning
    states   any of these; () = whatever state
    under    area paths of which a row must lie in one; None = anywhere (who may see everything)
    own      subjects whose rows are shown wherever they lie
    before   the id after which to go on (`Page.next`)
    """

    scenario: str
    kind: str
    filters: Mapping[str, Any] | None = None
    state: str | None = None
    states: Sequence[str] = ()
    under: Sequence[str] | None = None
    own: frozenset[int] = frozenset()
    subject_id: int | None = None
    before: int | None = None
    limit: int = 50


class Page(NamedTuple):
    """Rows of a list; next: the `before` of the page that follows, None = the end."""

    rows: list[Row]
    next: int | None


class Offered(NamedTuple):
    """An act that a person may do to a row now. proposal_id: it is to be confirmed or declined."""

    act: RecordAct
    role: str
    proposal_id: int | None


class Change(NamedTuple):
    """One line of a row's history, sealed values opened (None where their key is destroyed)."""

    at_us: int
    what: str
    from_state: str
    to_state: str
    before: dict[str, Value]
    after: dict[str, Value]
    extra: dict[str, Value]
    by_id: int | None
    second_id: int | None
    role: str
    via: str
    reason: str | None


def matching(asked: Asked) -> QuerySet[Any]:
    """Every row that is asked for, in no order: `before` and `limit` are the caller's.

    Raises BadInputError with every filter that cannot be used.
    """
    fields, is_record = _declared(asked)
    found: QuerySet[Any] = (Record if is_record else Subject).objects.using(MAIN)
    found = found.filter(scenario=asked.scenario, kind=asked.kind)
    for wanted in _filters(asked, fields):
        found = found.filter(id__in=wanted.values("row_id"))
    if is_record:
        found = found.filter(is_erased=False)
    if asked.state is not None:
        found = found.filter(state=asked.state)
    if asked.states:
        found = found.filter(state__in=asked.states)
    if asked.subject_id is not None and is_record:
        found = found.filter(subject_id=asked.subject_id)
    if asked.under is not None:
        mine = Q(**{"subject_id__in" if is_record else "id__in": asked.own})
        found = found.filter(mine | Q(area_id__in=_areas(asked.under)))
    return found


def listed(asked: Asked) -> Page:
    """A page of rows of one type. Raises BadInputError with every filter that cannot be used."""
    found = matching(asked)
    if asked.before is not None:
        found = found.filter(id__lt=asked.before)
    rows = list(found.order_by("-id")[: asked.limit + 1])
    more = len(rows) > asked.limit
    return Page(rows[: asked.limit], rows[asked.limit - 1].id if more else None)


def opened_row(row_id: int, keys: KeyRing, now_us: int) -> dict[str, Value] | None:
    """Every field of a row, computed ones too, sealed ones opened; None where there is none.

    A field whose person is erased is None. The caller logs the view first.
    """
    rows = Rows(MAIN)
    row = row_of(rows, row_id)
    if row is None or getattr(row, "is_erased", False):
        return None
    held = opened(keys, row.sealed) or {}
    own = {field.name: None for field in type_of(row).fields}
    return {**own, **read(row.values), **held, **computed(rows, row, now_us)}


def shown_row(row: Row, now_us: int) -> dict[str, Value]:
    """The same without what is sealed, for lists and walls."""
    return {**read(row.values), **computed(Rows(MAIN), row, now_us)}


def history(row_id: int, keys: KeyRing) -> list[Change]:
    """Who changed what, oldest first. The caller logs the view first."""
    return changes_of(lines_of(row_id).order_by("id"), keys)


def lines_of(row_id: int) -> QuerySet[RowChange]:
    """The lines of a row's history as they are kept, sealed texts still sealed."""
    return RowChange.objects.using(MAIN).filter(row_id=row_id)


def changes_of(lines: Iterable[RowChange], keys: KeyRing) -> list[Change]:
    """Lines opened. The caller logs the view first."""
    return [_change(line, keys) for line in lines]


def as_it_was(row_id: int, at_us: int, keys: KeyRing) -> tuple[str, dict[str, Value]] | None:
    """State and fields of a row at a time; None where it was not there yet."""
    state, said = None, dict[str, Value]()
    for change in history(row_id, keys):
        if change.at_us > at_us:
            break
        state = change.to_state
        said |= change.after
    return None if state is None else (state, said)


def offered(row: Row, person_id: int, now_us: int) -> list[Offered]:
    """What a person may do to a row now, with the fields that each act asks for."""
    rows, found = Rows(MAIN), list[Offered]()
    at = where(row, now_us)
    waiting = {p.act: p for p in rows.where(Proposal, row_id=row.id) if p.state == "waiting"}
    if getattr(row, "ended_us", None) is not None or getattr(row, "is_erased", False):
        return []
    for act in type_of(row).acts:
        if row.state not in act.from_states or person_id in barred(row, act):
            continue
        proposal = waiting.get(act.name)
        is_mine = proposal is not None and proposal.by_id == person_id
        roles = act.roles if proposal is None else act.second
        role = role_for(rows, person_id, roles, at)
        if role is not None and not is_mine:
            found.append(Offered(act, role, proposal.id if proposal is not None else None))
    return found


def proposed(proposal_id: int, keys: KeyRing) -> dict[str, Value]:
    """What a proposal says, for the second person to look at."""
    proposal = Proposal.objects.using(MAIN).get(id=proposal_id)
    row = row_of(Rows(MAIN), proposal.row_id)
    assert row is not None, "a proposal hangs on a row"
    names = [field.name for field in act_of(row, proposal.act).fields]
    said = {**read(proposal.values), **(opened(keys, proposal.sealed) or {})}
    return {name: said.get(name) for name in names}


def may_edit(row: Row, person_id: int, now_us: int) -> bool:
    """Whether a person may correct, hold or end a row."""
    editors = schemes.editors_of(row.scenario, row.kind)
    return role_for(Rows(MAIN), person_id, editors, where(row, now_us)) is not None


def _declared(asked: Asked) -> tuple[dict[str, Field], bool]:
    record = schemes.record_type(asked.scenario, asked.kind)
    declared = record or schemes.subject_type(asked.scenario, asked.kind)
    faults = []
    if declared is None:
        got = f"{asked.scenario}.{asked.kind}"
        raise BadInputError(Fault("kind", got, "a type that a scenario declares"))
    named = [*asked.states, *([] if asked.state is None else [asked.state])]
    for state in named:
        if state not in dict(declared.states):
            states = " | ".join(name for name, _words in declared.states)
            faults.append(Fault("state", state, states or "no state: the type has none"))
    if not 1 <= asked.limit <= MOST_ROWS:
        faults.append(Fault("limit", str(asked.limit), f"1 to {MOST_ROWS}"))
    indexed = {field.name: field for field in declared.fields if field.is_indexed}
    for name in asked.filters or {}:
        if name not in indexed:
            faults.append(Fault(name, "a filter", f"one of {', '.join(indexed) or 'no field'}"))
    if faults:
        raise BadInputError(*faults)
    return indexed, record is not None


def _filters(asked: Asked, fields: Mapping[str, Field]) -> list[QuerySet[FieldValue]]:
    found = FieldValue.objects.using(MAIN).filter(kind=f"{asked.scenario}.{asked.kind}")
    return [
        found.filter(_wanted(fields[name], wanted), field=name)
        for name, wanted in (asked.filters or {}).items()
    ]


def _wanted(field: Field, wanted: Any) -> Q:
    if field.kind == "time":
        column = "at_us"
    elif field.kind in ("integer", "decimal", "area", "party", "subject", "record"):
        column = "number"
    else:
        column = "text"
    if isinstance(wanted, tuple):
        low, high = wanted
        return (Q() if low is None else Q(**{f"{column}__gte": low})) & (
            Q() if high is None else Q(**{f"{column}__lte": high})
        )
    if isinstance(wanted, bool):
        wanted = "yes" if wanted else "no"
    if isinstance(wanted, str) and wanted.endswith("*"):
        return Q(**{f"{column}__startswith": wanted[:-1]})
    return Q(**{column: wanted})


def _areas(under: Sequence[str]) -> Any:
    inside = Q(pk__in=())
    for path in under:
        inside |= Q(path__startswith=path)
    return Area.objects.using(MAIN).filter(inside).values("id")


def _change(line: RowChange, keys: KeyRing) -> Change:
    names = read(line.sealed_names)
    before, after = (
        _named(opened(keys, held), names, is_first=line.what == "register")
        for held in (line.sealed_before, line.sealed_after)
    )
    return Change(
        line.at_us,
        line.what,
        line.from_state,
        line.to_state,
        {**read(line.before), **before},
        {**read(line.after), **after},
        {**read(line.extra), **(opened(keys, line.sealed_extra) or {})},
        line.by_id,
        line.second_id,
        line.role,
        line.via,
        opened_text(keys, line.reason),
    )


def _named(
    held: dict[str, Value] | None, names: Sequence[str], *, is_first: bool
) -> dict[str, Value]:
    """The sealed fields that a change names, None where the key is gone; of the first all."""
    if is_first:
        return held or {}
    return {name: (held or {}).get(name) for name in names}
