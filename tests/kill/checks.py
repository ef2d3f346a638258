"""What must hold after every kill: counted from the journal, the tables and the far end's log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from bihuan.base.ids import position_of
from bihuan.journal.models import FACTS_LANE, Entry, Parked
from bihuan.journal.read import entries, read_batches
from bihuan.journal.rebuild import check as rebuild_check
from bihuan.journal.storage import reading_lanes
from bihuan.journal.verify import verify
from bihuan.loop.entries import DeliveryAttempted
from bihuan.loop.models import Case, Delivery, Pursuit
from bihuan.register.entries import SignalReceived
from tests.kill.checks_callouts import call_out_faults
from tests.kill.frames import Frame, at_us
from tests.kill.traffic import Clicks

KEYED = (b"act:", b"callee:", b"report:", b"call-out:", b"reply:")
Clicked = dict[str, object]


def faults(sent: list[Frame], acked: list[Frame], clicks: Clicks, data: Path) -> list[str]:
    """Everything that is not as it must be."""
    return [
        *frame_faults(sent, acked),
        *act_faults(clicks),
        *delivery_faults(data / "phone.log", data / "sms.log"),
        *call_out_faults(clicks),
        *case_faults(),
        *(f"chain: {lane.broken}" for lane in verify() if lane.broken is not None),
        *rebuild_faults(),
    ]


def frame_faults(sent: list[Frame], acked: list[Frame]) -> Iterator[str]:
    """Acknowledged: in the journal; with the protocol's identity: once, acknowledged or not."""
    known = {frame.n for frame in acked}
    for frame, found in _found(sent):
        if frame.n in known and not found:
            yield f"frame {frame.n} of {frame.band}: acknowledged, but not in the journal"
        if frame.has_index and found > 1:
            yield f"frame {frame.n} of {frame.band}: {found} times in the journal, want once"


def twice(sent: list[Frame]) -> dict[str, int]:
    """Frames that stand more than once, of those with an identity and of those without."""
    counted = Counter(frame.has_index for frame, found in _found(sent) if found > 1)
    return {"with_identity": counted[True], "without": counted[False]}


def _found(sent: list[Frame]) -> Iterator[tuple[Frame, int]]:
    """How often each frame stands in the journal."""
    signals = Counter(_signal_times())
    readings = Counter(_readings())
    for frame in sent:
        if frame.is_sos:
            yield frame, signals[at_us(frame.n)]
        else:
            told = frame.n if frame.channel == "steps" else at_us(frame.n)
            yield frame, readings[frame.channel, told]


def _signal_times() -> Iterator[int]:
    for entry in entries(FACTS_LANE):
        if isinstance(entry.payload, SignalReceived) and entry.payload.at_us is not None:
            yield entry.payload.at_us


def _readings() -> Iterator[tuple[str, int]]:
    """What of readings tells a frame's number: the value of steps, the time of all others."""
    for lane in reading_lanes():
        for found in read_batches(lane):
            rows = found.batch
            names = [
                found.slots.channel(slot).channel for slot in range(int(max(rows.channel)) + 1)
            ]
            columns = (rows.channel.tolist(), rows.value.tolist(), rows.event_us.tolist())
            for slot, value, time_us in zip(*columns, strict=True):
                name = names[slot]
                if name != "steps":
                    yield name, time_us
                elif value:  # SOS frames have 0 steps
                    yield name, int(value)


def act_faults(clicks: Clicks) -> Iterator[str]:
    """What was answered OK is there; no click is there twice, answered or not."""
    stored = Entry.objects.filter(lane=FACTS_LANE, idem__isnull=False)
    keyed = {at: bytes(idem or b"") for at, idem in stored.values_list("position", "idem")}
    acts = {at: idem for at, idem in keyed.items() if idem.startswith(KEYED)}
    doubled = [idem for idem, times in Counter(acts.values()).items() if times > 1]
    yield from (f"act {idem!r}: stored more than once" for idem in doubled)
    yield from (f"click {n}: sent again, answered otherwise" for n in clicks.moved)
    for n, (asked, told) in clicks.done.items():
        # a report is answered with its case, which the entry after the matter opens
        at = position_of(told) - 1 if asked["do"] == "report_matter" else told
        if asked["do"] in ("lift_order", "end_order"):
            continue  # without a key: what became of them is counted with the orders
        if asked["do"] == "order":
            at = position_of(told)
        if at not in acts or not _is_of(asked, n, acts[at]):
            yield f"click {n}: answered with position {at}, which holds {acts.get(at)!r}"


def _is_of(asked: Clicked, n: int, idem: bytes) -> bool:
    if asked["do"] == "confirm":
        return f":delivery-{asked['call']}-".encode() in idem
    if asked["do"] == "reply":
        return idem.endswith(f":{n}".encode())
    return idem.endswith(f":click-{n}".encode())


def delivery_faults(*logs: Path) -> Iterator[str]:
    """Nothing left twice, nothing left without its attempt in the journal."""
    left = Counter(int(line) for log in logs for line in log.read_text().splitlines())
    yield from (f"delivery {d}: left {times} times" for d, times in left.items() if times > 1)
    attempted = Counter(
        entry.payload.delivery_id
        for entry in entries(FACTS_LANE)
        if isinstance(entry.payload, DeliveryAttempted)
    )
    yield from (f"delivery {d}: attempted {n} times" for d, n in attempted.items() if n > 1)
    yield from (f"delivery {d}: left without an attempt" for d in left if d not in attempted)
    made = Delivery.objects.exclude(state__in=("queued", "withdrawn")).values_list(
        "case_id", "purpose", "step", "person_id", "channel", "round"
    )
    yield from (f"message {key}: {n} times" for key, n in Counter(made).items() if n > 1)


def case_faults() -> Iterator[str]:
    """Nothing parked, nobody waits for an answer without being pursued."""
    yield from (f"parked: {parked.type} {parked.reason}" for parked in Parked.objects.all())
    pursued = set(Pursuit.objects.filter(state="running").values_list("case_id", flat=True))
    waiting: Iterable[int] = Case.objects.filter(state="awaiting_answer").values_list(
        "id", flat=True
    )
    yield from (
        f"case {case}: waits and nobody is called" for case in waiting if case not in pursued
    )


def rebuild_faults() -> Iterator[str]:
    result = rebuild_check()
    for table in result.tables:
        if table.different:
            yield f"rebuild: {table}"
