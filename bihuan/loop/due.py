"""What the engine waits for: kinds of stored things that fall due, and streams of entries.

A part of the loop makes its kind known once, when it is imported; the engine asks all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from bihuan.journal.append import Appender
from bihuan.journal.payloads import Payload
from bihuan.journal.project import Recorded
from bihuan.journal.rows import Rows


class Due(NamedTuple):
    """Something stored that falls due: when (µs), which kind, which row of its table."""

    at_us: int
    kind: str
    row: int


class DueKind(NamedTuple):
    """One table with times at which something must be decided.

    waiting  (at most n, now µs or None = whatever comes first) -> (due µs, row), oldest first;
             rows of parked cases are left out
    decide   under the lane's lock, once for each row; finds out itself that nothing is due any more
    gather   before that, of all rows of a turn at once: what `decide` will read, in few statements
    calls    whether it calls somebody: what has fallen due of these comes before all the rest
    """

    name: str
    waiting: Callable[[int, int | None], list[tuple[int, int]]]
    decide: Callable[[Appender, int], None]
    gather: Callable[[Rows, list[int]], None] | None = None
    calls: bool = False


class Stream(NamedTuple):
    """Entries of one type that wait for a decision, and how far that has come.

    offset     the row of `Decided` that says it; the projector of what `decide` appends moves it
    undecided  the entry that says why one could not be decided
    gather     what deciding a turn's entries will read, in few statements
    is_urgent  whether it is asked before what is due; others only when nothing urgent waits
    """

    entry_type: str
    offset: str
    decide: Callable[[Appender, Recorded[Any]], None]
    undecided: Callable[[int, str], Payload]
    is_urgent: bool
    per_turn: int
    gather: Callable[[Rows, list[Any]], None] | None = None


_kinds: dict[str, DueKind] = {}
_streams: dict[str, Stream] = {}


def falls_due(kind: DueKind) -> None:
    """Make a kind of due things known; the same one a second time changes nothing."""
    _kinds[kind.name] = kind


def is_decided_by(stream: Stream) -> None:
    """Make a stream of entries known."""
    _streams[stream.entry_type] = stream


def kinds() -> tuple[DueKind, ...]:
    """Every kind that is known, in the order of their names."""
    return tuple(_kinds[name] for name in sorted(_kinds))


def streams() -> tuple[Stream, ...]:
    """Every stream that is known: urgent ones first, then in the order of their types."""
    return tuple(sorted(_streams.values(), key=lambda s: (not s.is_urgent, s.entry_type)))


def first_due(limit: int, now_us: int | None) -> list[Due]:
    """What falls due first, oldest first; of what has fallen due by now_us, calls before the rest.

    A clock is missed at its own time however late that is written down; a call is not.
    """
    found = [
        Due(at_us, kind.name, row) for kind in kinds() for at_us, row in kind.waiting(limit, now_us)
    ]
    if now_us is None:
        return sorted(found)[:limit]
    return sorted(found, key=lambda due: (not _kinds[due.kind].calls, due))[:limit]


def decide(lane: Appender, due: Due) -> None:
    """Decide one of them."""
    _kinds[due.kind].decide(lane, due.row)


def gather(rows: Rows, due: Iterable[Due]) -> None:
    """Read what deciding all of these will need, kind by kind."""
    by_kind: dict[str, list[int]] = {}
    for one in due:
        by_kind.setdefault(one.kind, []).append(one.row)
    for name, ids in by_kind.items():
        if (gathering := _kinds[name].gather) is not None:
            gathering(rows, ids)
