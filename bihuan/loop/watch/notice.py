"""Which faults are new and which are over: each is written down once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, cast

from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.storage import MAIN
from bihuan.loop.watch import entries
from bihuan.loop.watch.models import Notice

MOST_DETAIL = 500


class Trouble(NamedTuple):
    """One thing that is wrong now: what it is about, and what was seen (no personal words)."""

    kind: entries.NoticeKind
    key: str
    detail: str


def note(troubles: Iterable[Trouble], looked_at: set[str], clock: Clock) -> int:
    """Write down what is new and what is over; how many entries that took.

    looked_at  kinds that were examined: only of these a notice that is gone is over
    """
    now = {(t.kind, t.key[:128]): t for t in troubles}
    known = _open(looked_at)
    if now.keys() == known:
        return 0
    with Appender(FACTS_LANE, clock) as lane:
        known = _open(looked_at)  # again, under the lock
        for kind, key in sorted(known - now.keys()):
            lane.append(entries.Settled(kind=kind, key=key))
        new = sorted(now.keys() - known)
        for kind, key in new:
            detail = now[kind, key].detail[:MOST_DETAIL]
            lane.append(entries.Noticed(kind=kind, key=key, detail=detail))
        return len(known - now.keys()) + len(new)


def _open(kinds: set[str]) -> set[tuple[entries.NoticeKind, str]]:
    found = Notice.objects.using(MAIN).filter(settled_us=None, kind__in=kinds)
    return {(cast(entries.NoticeKind, notice.kind), notice.key) for notice in found}
