"""Text frames of h02: `*HQ,id,TYPE,…#`. Times are UTC, speeds in knots."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from bihuan.gateway.decoded import Position
from bihuan.gateway.decoders.draft import Draft, decimal_parts, number
from bihuan.gateway.decoders.h02_status import read_status
from bihuan.gateway.decoders.protocol import Options

KNOT_KMH = 1.852
_STATUS = re.compile(r"[0-9A-Fa-f]{8}")
_DASHED = re.compile(r"-(\d+)-(\d+\.\d+)", re.ASCII)  # -22-34.56: degrees and minutes
_POINTED = re.compile(r"(\d{0,3}?)(\d{1,2}\.\d+)", re.ASCII)
_PACKED = re.compile(r"(\d{1,3})(\d{2})(\d{4})", re.ASCII)  # minutes in ten thousandths

Reader = Callable[[Draft, list[str], Options], None]


def read_position(draft: Draft, fields: list[str], options: Options) -> None:
    """[answer,]time,A|V,lat,N|S,lon,E|W,speed,course,[battery,]date[,sim…][,status[,…]]

    Fields are found from the hemispheres, because firmware puts others before and after.
    """
    north = _hemisphere(fields)
    if north is None:
        _no_position(draft, fields, options)
        return
    time = fields[north - 3] if north >= 3 else ""
    ahead = fields[: max(north - 3, 0)]
    if ahead:
        draft.attributes["answer"] = ",".join(ahead)
    rest = fields[north + 3 :]
    rest += [""] * (3 - len(rest))
    dated = 3 if _is_date(rest[2:4]) else 2
    at = _time(draft, rest[dated], time)
    _status(draft, rest[dated + 1 :], at, options)
    lat, lon = _degrees(fields[north - 1]), _degrees(fields[north + 1])
    if lat is None or lon is None:
        draft.fault("position", ",".join(fields[north - 1 : north + 3]), "ddmm.mmmm,N|S,…,E|W")
        return
    flag = fields[north - 2] if north >= 2 else ""
    speed = number(rest[0])
    draft.fix(
        Position(
            -lat if fields[north] == "S" else lat,
            -lon if fields[north + 2] == "W" else lon,
            at,
            flag == "A" or flag.isdecimal(),  # a coding scheme stands for a good fix
            options.datum,
            None if speed is None else round(speed * KNOT_KMH, 3),
            number(rest[1]),
        )
    )


def _hemisphere(fields: list[str]) -> int | None:
    for i in range(1, len(fields) - 2):
        if fields[i] in ("N", "S") and fields[i + 2] in ("E", "W"):
            return i
    return None


def _is_date(fields: list[str]) -> bool:
    """Whether a battery field stands before the date."""
    return len(fields) == 2 and len(fields[1]) == 6 and len(fields[0]) not in (0, 6)


def _no_position(draft: Draft, fields: list[str], options: Options) -> None:
    """A frame of a position's type without one: what it says of the state still counts."""
    if fields[1:2] == ["V"] and not any(number(text) for text in fields[2:6]):
        draft.attributes["has_fix"] = False
    else:
        draft.fault("position", ",".join(fields)[:80], "latitude,N|S,longitude,E|W")
    _status(draft, fields[9:], None, options)


def _status(draft: Draft, fields: list[str], at: datetime | None, options: Options) -> None:
    """[status,…] or [sim,sim,sim,status]: nowhere else, or an odometer would be an SOS"""
    for i in (0, 3):
        if len(fields) > i and _STATUS.fullmatch(fields[i]):
            read_status(draft, int(fields[i], 16), at, options)
            more = [field.strip() for field in fields[i + 1 :]]
            if any(more):
                draft.attributes["more"] = more
            return
    if any(fields):
        draft.attributes["more"] = fields


def _degrees(text: str) -> float | None:
    text = text.strip()
    for form in (_DASHED, _POINTED):
        found = form.fullmatch(text)
        if found:
            return int(found[1] or 0) + float(found[2]) / 60
    packed = _PACKED.fullmatch(text)
    if packed:
        return int(packed[1]) + (int(packed[2]) + int(packed[3]) / 10_000) / 60
    return None


def _time(draft: Draft, date: str, time: str) -> datetime | None:
    """The UTC time; without a date or a time the frame has none, which is no fault."""
    if not date.strip() or not time.strip():
        return None
    dmy, hms = decimal_parts(date.strip()), decimal_parts(time.strip())
    if dmy is None or hms is None:
        draft.fault("time", f"{time},{date}", "hhmmss,ddmmyy")
        return None
    return draft.moment((2000 + dmy[2], dmy[1], dmy[0], *hms))


def _neighbours(draft: Draft, fields: list[str], options: Options) -> None:
    """NBR,time,mcc,mnc,timing advance,count,(lac,cell,signal)*,date,status"""
    count = int(fields[4]) if len(fields) > 4 and fields[4].isdecimal() else 0
    after = 5 + 3 * count
    if len(fields) < after + 2:
        draft.fault("fields", ",".join(fields), "time,mcc,mnc,delay,count,cells,date,status")
        return
    draft.attributes["mobile_network"] = fields[1:3]
    draft.attributes["cells"] = [fields[i : i + 3] for i in range(5, after, 3)]
    _status(draft, fields[after + 1 :], _time(draft, fields[after], fields[0]), options)


def _link(draft: Draft, fields: list[str], options: Options) -> None:
    """LINK,time,signal,satellites,battery,steps,turnovers,date,status"""
    if len(fields) < 8:
        draft.fault("fields", ",".join(fields), "time,signal,satellites,battery,steps,turnovers,…")
        return
    at = _time(draft, fields[6], fields[0])
    draft.attributes.update(gsm=fields[1], satellites=fields[2])
    _status(draft, fields[7:], at, options)
    for channel, text in zip(("battery", "steps", "turnovers"), fields[3:6], strict=True):
        draft.read_text(channel, text, at)


def _cells(draft: Draft, fields: list[str], options: Options) -> None:
    """V3,time,mcc mnc,count,(lac,cell,signal,…)*,battery hex,reboots,X,date,status"""
    if len(fields) < 8:
        draft.fault("fields", ",".join(fields), "time,network,count,cells,battery,…,date,status")
        return
    at = _time(draft, fields[-2], fields[0])
    draft.attributes.update(mobile_network=fields[1], cells=fields[3:-5], battery_raw=fields[-5])
    _status(draft, fields[-1:], at, options)


def _vp1(draft: Draft, fields: list[str], options: Options) -> None:
    """VP1,V,mcc,mnc,cells divided by Y; or VP1,A,lat,N,lon,E,speed,course,date (without a time)"""
    if fields[0] == "V" and _hemisphere(fields) is None:
        draft.attributes["mobile_network"] = fields[1:3]
        draft.attributes["cells"] = [c.split(",") for c in ",".join(fields[3:]).split("Y")]
    else:
        read_position(draft, ["", *fields], options)


def _heartbeat(draft: Draft, fields: list[str], _options: Options) -> None:
    """HTBT[,battery]"""
    draft.read_text("battery", fields[0] if fields else "")
    if fields[1:]:
        draft.attributes["more"] = fields[1:]


def _note(draft: Draft, fields: list[str], _options: Options) -> None:
    if fields:
        draft.attributes["result"] = ",".join(fields)


READERS: Mapping[str, Reader] = {
    "NBR": _neighbours,
    "LINK": _link,
    "V3": _cells,
    "VP1": _vp1,
    "HTBT": _heartbeat,
    "V0": _heartbeat,
    # texts, base stations, settings and answers: nothing in them is for us
    **dict.fromkeys(("SMS", "BS", "I1", "I2", "I3", "CC", "XT", "TZ", "ICCID", "VER"), _note),
}


def answer(maker: str, device: str, kind: str, received: datetime, options: Options) -> str | None:
    """What the band waits for: V4 with the time for V1 and NBR, the head for HTBT and V0."""
    now = received.astimezone(UTC)
    if kind in ("V1", "NBR"):
        return f"*{maker},{device},V4,{kind},{now:%Y%m%d%H%M%S}#"
    if kind in ("HTBT", "V0"):
        return f"*{maker},{device},{kind}#"
    if options.answers_all and kind.startswith("V") and kind != "V4":
        return f"*{maker},{device},R12,{now:%H%M%S}#"
    return None
