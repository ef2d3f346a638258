"""叫应情况表: the situation sheet that a person signs, and the paper list for a dead network."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from bihuan.base.errors import bad
from bihuan.base.ids import row_id
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.storage import MAIN
from bihuan.loop.act import ForbiddenError
from bihuan.loop.callout import entries, rights
from bihuan.loop.callout.models import CallOut, CallOutList, CallOutPerson, CallOutSheet
from bihuan.register.entries import Actor
from bihuan.register.rights import for_user

MOST_REMARK = 2000


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One person on the sheet: what was said to whom, the reply, the times (µs)."""

    person_id: int
    area_id: int
    role: str
    household_id: int | None
    state: str
    tries: int
    reason: str
    called_us: int | None
    reached_us: int | None
    confirmed_us: int | None
    how: str | None
    behalf_by: int | None
    read_back: bool | None
    door_by: int | None
    door_us: int | None
    photo: str | None


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """The whole sheet, persons by id, so that an erased one is erased here too."""

    call_out_id: int
    event: str
    mode: str
    level: str
    issuer: str
    zh: str
    ordered_us: int
    ordered_by: int
    state: str
    ended_us: int | None
    as_of_us: int
    total: int
    lines: list[Line]


class PaperLine(NamedTuple):
    """One person on the paper list."""

    area_id: int
    person_id: int
    role: str
    household_id: int | None
    risk: int


def sheet_of(call_out: CallOut, as_of_us: int) -> Sheet:
    """The sheet as it stands; lines by area, silent ones first."""
    found = CallOutPerson.objects.using(MAIN).filter(call_out_id=call_out.id)
    names = list(Line.__struct_fields__)
    rows = found.order_by("area_id", "-risk", "id").values(*names)
    return Sheet(
        call_out_id=call_out.id,
        event=call_out.event,
        mode=call_out.mode,
        level=call_out.level,
        issuer=call_out.issuer,
        zh=call_out.zh,
        ordered_us=call_out.ordered_us,
        ordered_by=call_out.ordered_by,
        state=call_out.state,
        ended_us=call_out.ended_us,
        as_of_us=as_of_us,
        total=call_out.total,
        lines=[Line(**row) for row in rows],
    )


def encoded(sheet: Sheet) -> bytes:
    """The bytes that are signed: JSON in a fixed order."""
    return msgspec.json.encode(sheet, order="deterministic")


def signed_sheet(row: CallOutSheet) -> Sheet:
    """A signed sheet again. Raises BadInputError where it is not what was signed."""
    body = zlib.decompress(bytes(row.body))
    if hashlib.sha256(body).hexdigest() != row.digest:
        raise bad("sheet", row.id, "the sheet that was signed")
    return msgspec.json.decode(body, type=Sheet)


def sign(call_out_id: int, digest: str, remark: str, by: Actor, at: tuple[Clock, KeyRing]) -> int:
    """Sign the sheet as it stands; its id. The same digest signed again is the same signature.

    digest  "" or what `digest_of` said of the sheet that was read: another one raises
            BadInputError, so that nobody signs what they have not seen. ForbiddenError: no right.
    """
    clock, keys = at
    call_out = CallOut.objects.using(MAIN).filter(id=call_out_id).first()
    mine = for_user(by.person_id, clock.now_us())
    if call_out is None or not rights.may(mine, "act", call_out.area_path):
        raise ForbiddenError
    if len(remark) > MOST_REMARK:
        raise bad("remark", f"{len(remark)} characters", f"at most {MOST_REMARK}")
    sheet = sheet_of(call_out, clock.now_us())
    if digest and digest != digest_of(sheet):
        raise bad("digest", digest, "the sheet as it stands now: it has changed since it was read")
    body = encoded(sheet)
    packed = zlib.compress(body)
    idem = f"sheet:{call_out_id}:{by.person_id}:{digest_of(sheet)}".encode()
    with Appender(FACTS_LANE, clock) as lane:
        earlier = lane.last_with(idem)
        if earlier is not None:
            return row_id(earlier.position)
        said = entries.SheetSigned(
            call_out_id=call_out_id,
            n=len(lane.rows.where(CallOutSheet, call_out_id=call_out_id)) + 1,
            body=packed,
            digest=hashlib.sha256(body).hexdigest(),
            remark=keys.seal(call_out.area_id, remark.strip()) if remark.strip() else None,
            by=by,
        )
        return lane.append(said, idem=idem).id()


def digest_of(sheet: Sheet) -> str:
    """What a reader saw, but for the moment of reading: SHA-256, in hex."""
    return hashlib.sha256(encoded(msgspec.structs.replace(sheet, as_of_us=0))).hexdigest()


def paper(call_out: CallOut) -> Iterator[PaperLine]:
    """Everybody whom the order names, queued or not, by area: for when the network is dead."""
    found = CallOutPerson.objects.using(MAIN).filter(call_out_id=call_out.id)
    lines = [
        PaperLine(*row)
        for row in found.values_list("area_id", "person_id", "role", "household_id", "risk")
    ]
    parts = CallOutList.objects.using(MAIN).filter(call_out_id=call_out.id, is_done=False)
    for part in parts:
        for one in msgspec.json.decode(part.people, type=list[entries.Listed]):
            lines.append(
                PaperLine(one.area_id, one.person_id, one.role, one.household_id, one.risk)
            )
    yield from sorted(lines, key=lambda line: (line.area_id, -line.risk, line.person_id))
