"""Deciding what a received warning changes: what it ends, whether it is news.

Only the issuer's own messages end a warning; one of another sender is kept and stands beside it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec

from bihuan.base.errors import Fault
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.project import Recorded
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.entries import SignalReceived
from bihuan.register.models import County
from bihuan.register.warnings import entries
from bihuan.register.warnings.models import STANDING, OfficialWarning, WarningMention
from bihuan.register.warnings.places import area_of
from bihuan.register.warnings.projectors import expires_us

SEVERITIES = ("Unknown", "Minor", "Moderate", "Severe", "Extreme")  # CAP 1.2, section 3.2.2
NEWS: tuple[entries.Change, ...] = ("new", "upgraded", "cancelled")
ENDS: dict[str, entries.How] = {"Update": "superseded", "Cancel": "cancelled"}
SIGNAL = "warning"


class ContradictionError(Exception):
    """A message with the identity of one that is known, and other content."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message. ended: ids of warnings; not_ended: references it could not end."""

    id: int
    change: str
    is_new: bool
    ended: tuple[int, ...] = ()
    not_ended: tuple[str, ...] = ()
    signal_id: int | None = None


def receive(said: entries.WarningReceived, clock: Clock) -> Taken:
    """Record a message, what it ends and the signal it is, in one transaction.

    said.change is decided here. The same message again adds nothing; raises ContradictionError
    where its identity is known with other content.
    """
    idem = hashlib.sha256(f"cap|{said.said.text}".encode()).digest()[:16]
    with Appender(FACTS_LANE, clock) as lane:
        if lane.last_with(idem) is not None:
            return _known(lane, said)
        meant = [(ref, _own(lane.rows, ref)) for ref in said.references]
        ours = [row for ref, row in meant if row is not None and ref.sender == said.said.sender]
        change = _change(said, ours)
        entry = lane.append(msgspec.structs.replace(said, change=change), idem=idem)
        ended = [row.id for row in ours if _end(lane, row, said.msg_type, entry.id())]
        late = _ended_before(lane, entry)
        signal = None
        late = late or _ran_out(entry)
        if change in NEWS and not late and _calls(lane.rows, said) and _is_news(change, ended):
            signal = lane.append(_signal(entry, ended)).id()
        strange = tuple(ref.text for ref in said.references if ref.sender != said.said.sender)
        not_ended = strange if said.msg_type in ENDS else ()
        return Taken(entry.id(), change, True, tuple(ended), not_ended, signal)


def expire_due(clock: Clock) -> int:
    """Record the end of every warning whose time ran out; how many."""
    found = OfficialWarning.objects.using(MAIN).filter(
        state=STANDING, expires_us__lte=clock.now_us()
    )
    if not found.exists():
        return 0
    with Appender(FACTS_LANE, clock) as lane:
        over = list(found.order_by("id").values_list("id", flat=True))
        for identity in over:
            lane.append(entries.WarningEnded(warning_id=identity, how="expired", by_id=None))
    return len(over)


def contradiction(said: entries.WarningReceived) -> Fault:
    """The fault of a message that contradicts the one that is known."""
    return Fault("alert/identifier", said.said.identifier, "the content received before, unchanged")


def _known(lane: Appender, said: entries.WarningReceived) -> Taken:
    row = _own(lane.rows, said.said)
    assert row is not None, "a message with this key has its row"
    if bytes(row.document) != said.document:
        raise ContradictionError
    return Taken(row.id, row.change, is_new=False)


def _own(rows: Rows, reference: entries.WarningReference) -> OfficialWarning | None:
    found = rows.where(OfficialWarning, reference=reference.text)
    return found[0] if found else None


def _change(said: entries.WarningReceived, meant: list[OfficialWarning]) -> entries.Change:
    """What a message changes, by what it speaks about."""
    if said.msg_type == "Cancel":
        return "cancelled"
    if said.msg_type not in ("Alert", "Update"):
        return "notice"
    before = [row for row in meant if row.state in (STANDING, "superseded")]
    if said.msg_type == "Alert" or not before:
        return "new"
    was = max(_gravest(_infos(row)) for row in before)
    now = _gravest(said.infos) if said.infos else was
    if now > was or not _places(said.infos) <= _all_places(before):
        return "upgraded"  # a place that was not warned before is news there
    return "downgraded" if now < was else "repeated"


def _places(infos: list[entries.WarningInfo]) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for info in infos:
        for area in info.areas:
            found |= {("code", *code) for code in area.codes} or {
                ("named", area.description, str(area.polygons), str(area.circles))
            }
    return found


def _all_places(rows: list[OfficialWarning]) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for row in rows:
        found |= _places(_infos(row))
    return found


def _infos(row: OfficialWarning) -> list[entries.WarningInfo]:
    return msgspec.json.decode(row.infos, type=list[entries.WarningInfo])


def _gravest(infos: list[entries.WarningInfo]) -> int:
    """The gravest part counts, in whatever language or place it stands."""
    return max((SEVERITIES.index(info.severity) for info in infos), default=0)


def _end(lane: Appender, row: OfficialWarning, msg_type: str, by_id: int) -> bool:
    """End a warning if this message can; a Cancel outranks an Update, not the other way round."""
    how = ENDS.get(msg_type)
    if how is None or row.state in ("cancelled", "message") or row.state == how:
        return False
    lane.append(entries.WarningEnded(warning_id=row.id, how=how, by_id=by_id))
    return True


def _ended_before(lane: Appender, entry: Recorded[entries.WarningReceived]) -> bool:
    """Whether what ends this message came before it: it then never stands."""
    said = entry.payload
    enders = []
    for mention in lane.rows.where(WarningMention, reference=said.said.text):
        ender = lane.rows.get(OfficialWarning, mention.warning_id)
        if ender is not None and ender.sender == said.said.sender and ender.msg_type in ENDS:
            enders.append(ender)
    enders.sort(key=lambda row: (row.msg_type == "Cancel", row.sent_us))
    row = lane.rows.get(OfficialWarning, entry.id())
    if not enders or row is None:
        return False
    return _end(lane, row, enders[-1].msg_type, enders[-1].id)


def _ran_out(entry: Recorded[entries.WarningReceived]) -> bool:
    """Whether its own time was over when it came: it is kept, and nobody is woken by it."""
    end_us = expires_us(entry.payload.infos)
    is_cancel = entry.payload.msg_type == "Cancel"
    return not is_cancel and end_us is not None and end_us <= entry.recorded_us


def _is_news(change: entries.Change, ended: list[int]) -> bool:
    """A Cancel of what never stood here lifts nothing."""
    return change != "cancelled" or bool(ended)


def _calls(rows: Rows, said: entries.WarningReceived) -> bool:
    """Whether a message is for people: an Exercise only where the county exercises."""
    county = rows.get(County, 1)
    is_live = county is None or county.mode == "live"
    return said.status == "Actual" or (said.status == "Exercise" and not is_live)


def _signal(entry: Recorded[entries.WarningReceived], ended: list[int]) -> SignalReceived:
    said = entry.payload.said
    return SignalReceived(
        kind=SIGNAL,
        subject_id=None,
        device_id=None,
        at_us=said.sent_us,
        detail=None,
        source=f"cap {said.sender},{said.identifier}"[:128],
        warning_id=entry.id(),
        area_id=area_of(entry.payload.infos),
        follows=sorted(_before(ended)),
    )


def _before(ended: list[int]) -> set[int]:
    """The warnings that ended, and whatever these had superseded before."""
    found, more = set(ended), set(ended)
    while more:
        older = OfficialWarning.objects.using(MAIN).filter(ended_by__in=more)
        more = set(older.values_list("id", flat=True)) - found
        found |= more
    return found
