"""An act's word to one person becomes a message: who reported a case on that case's own channels.

It wakes nobody and asks nothing. Who cannot be reached is written down with the reason.
"""

from __future__ import annotations

from typing import Final

from bihuan.base.errors import bad
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Parked
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop import ladder
from bihuan.loop.callout.plan import quiet
from bihuan.loop.cases.models import Decided
from bihuan.loop.delivery.texts import COUNTY_ROW, MARKS, Saying
from bihuan.loop.delivery.topics import Topic, are_about
from bihuan.loop.due import Stream, is_decided_by
from bihuan.loop.entries import DeliveryTold
from bihuan.loop.models import Case, Delivery
from bihuan.loop.told.entries import RowMessageDecided
from bihuan.loop.told.models import RowMessage
from bihuan.register.holders import today_id
from bihuan.register.models import County
from bihuan.register.records.entries import RowTold

OFFSET: Final = "row_messages"
PURPOSE, PRIORITY = "row_message", 15  # with the daily notices: behind every call


def decide(lane: Appender, entry: Recorded[RowTold]) -> None:
    """Queue it to the person named, or to the origin of the case named."""
    said, rows = entry.payload, lane.rows
    person = said.person_id
    if person is None and said.case_id is not None:
        case = rows.get(Case, said.case_id)
        person = case.origin_id if case is not None else None
    known = None if person is None else today_id(rows, person)
    channels = [] if known is None else _channels(rows, known)
    reason = "" if channels else ("nobody is known" if known is None else "no way to reach them")
    lane.append(
        RowMessageDecided(
            asked=entry.position,
            row_id=said.row_id,
            person_id=known,
            channels=channels,
            title=said.title,
            text=said.text,
            reason=reason,
        )
    )


def _channels(rows: Rows, person_id: int) -> list[str]:
    """The first quiet channel, else whatever the origin of a case is asked on."""
    found = ladder.channels_of(rows, person_id)
    return quiet(found)[:1] or found[:1]


@projects(RowMessageDecided)
def row_message_decided(rows: Rows, entry: Recorded[RowMessageDecided]) -> None:
    said = entry.payload
    rows.put(Decided, id=OFFSET, position=said.asked)
    if said.is_broken:
        rows.new(
            Parked, id=entry.id(), stream=entry.id(), type="RowTold", reason=said.reason,
            recorded_us=entry.recorded_us,
        )  # fmt: skip
        return
    rows.new(
        RowMessage,
        id=entry.id(),
        row_id=said.row_id,
        person_id=said.person_id,
        title_zh=said.title[0],
        title_en=said.title[1],
        zh=said.text[0],
        en=said.text[1],
        reason=said.reason,
        told_us=entry.recorded_us,
    )
    for n, channel in enumerate(said.channels):
        rows.new(
            Delivery,
            id=entry.id(1 + n),
            case_id=entry.id(),
            pursuit_id=None,
            purpose=PURPOSE,
            step=0,
            round=0,
            person_id=said.person_id,
            channel=channel,
            priority=PRIORITY,
            state="queued",
            queued_us=entry.recorded_us,
        )


def _says(rows: Rows, delivery: Delivery, _keys: KeyRing, is_english: bool) -> Saying:
    one = rows.get(RowMessage, delivery.case_id)
    if one is None:
        raise bad("row_message", delivery.case_id, "a message that was queued")
    county = rows.get(County, COUNTY_ROW)
    mark = MARKS[county.mode if county is not None else "live"][is_english]
    name = (county.latin if is_english else county.name) if county is not None else ""
    title, text = (one.title_en, one.en) if is_english else (one.title_zh, one.zh)
    params = {"what": text, "who": "", "place": "", "time": "", "county": name, "mark": mark}
    colon = ": " if is_english else "："
    return Saying(f"{mark}{title}", f"{mark}{name}{colon}{text}", params, glance=f"{mark}{title}")


def _nothing(_rows: Rows, _delivery: Delivery, _at_us: int) -> None:
    """No step waits for it."""


def _told(_rows: Rows, _delivery: Delivery, _said: DeliveryTold, _at_us: int) -> None:
    """Nobody is asked to answer it."""


def _is_wanted(_rows: Rows, _delivery: Delivery) -> bool:
    return True


def _waiting(_deliveries: list[Delivery]) -> set[int]:
    return set()


are_about((PURPOSE,), Topic(_nothing, _told, _is_wanted, _waiting, _says))
is_decided_by(
    Stream(
        "row.told.v1",
        OFFSET,
        decide,
        lambda at, why: RowMessageDecided(
            asked=at,
            row_id=0,
            person_id=None,
            channels=[],
            title=("", ""),
            text=("", ""),
            reason=why[:200],
            is_broken=True,
        ),
        is_urgent=False,
        per_turn=20,
    )
)
