"""The `trv` protocol of TRV and IW bands: `IWAP01…#` over TCP, port 5010. Times are UTC.

Sources: the public IW "GPS Watch Protocol" and devices.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from bihuan.gateway.decoded import Decoded, Position
from bihuan.gateway.decoders.draft import Draft, decimal_parts, number, whole
from bihuan.gateway.decoders.protocol import PLAIN, DeviceProtocol, Options
from bihuan.gateway.decoders.trv_frame import splitter

_TYPE = re.compile(r"(TRV|IW)([A-Z])(P[0-9A-Z]{2})")
_ORDER_ANSWER = re.compile(r",\d{6}")  # nothing but the serial of an order
_UNANSWERED = frozenset(
    ("AP12", "AP14", "AP33", "AP34", "AP40", "AP76", "AP77", "AP84", "AP85", "AP86", "AP87")
)

# answers to orders, and settings: their content is kept, nothing in it is for us
_NOTED = frozenset(
    [f"AP{n:02}" for n in (5, 6, 8, 11, 13, 15, 16, 17, 18, 19, 20, 25, 28, 31, 46, 51, 52)]
    + ["APXL", "APXY", "APXT"]
)

# Alarm code of AP10: the signals it means. 05 is a cut strap in the IW document and a fall for
# others; both are told unless the model says which: a fall must not wait for the difference.
ALARMS: Mapping[str, tuple[str, ...]] = {
    "00": (),
    "01": ("sos",),
    "02": ("low_battery",),
    "03": ("off_wrist",),
    "05": ("tamper", "fall"),
    "06": ("fall",),
    "08": ("hr_high",),
    "09": ("hr_low",),
    "10": ("bp_high",),
    "11": ("bp_low",),
    "12": ("bp_high",),
    "13": ("bp_low",),
}
MODEL_ALARMS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "05-strap": {"05": ("tamper",)},
    "05-fall": {"05": ("fall",)},
}

_LOCATION = re.compile(
    r"(\d{6})([AV])(\d{2})(\d{2}\.\d+)([NS])(\d{3})(\d{2}\.\d+)([EW])(\d{3}\.\d)"
    r"(\d{6})([\d.]{6})(\d{3})(\d{3})(\d{3})(\d)(\d{2})(\d{2})\d{0,5}"
    r"(?:,(\d+),(\d+),([0-9A-Fa-f]+),([0-9A-Fa-f]+)(.*))?",
    re.ASCII | re.DOTALL,
)
_STATE = re.compile(r"(\d{3})(\d{3})(\d{3})(\d)([0-9A-Fa-f]{2})(\d{2})(.*)", re.ASCII)


def _location(draft: Draft, text: str, options: Options) -> None:
    found = _LOCATION.match(text.removeprefix(","))
    if found is None:
        draft.fault("location", text, "yymmdd A|V ddmm.mmmm N|S dddmm.mmmm E|W speed hhmmss …")
        return
    at = _time(draft, found[1], found[10])
    lat = int(found[3]) + float(found[4]) / 60
    lon = int(found[6]) + float(found[7]) / 60
    draft.fix(
        Position(
            -lat if found[5] == "S" else lat,
            -lon if found[8] == "W" else lon,
            at,
            found[2] == "A",
            options.datum,
            float(found[9]),
            number(found[11]),
        )
    )
    draft.attributes.update(
        gsm=int(found[12]), satellites=int(found[13]), ignition=found[15], arm=found[16]
    )
    draft.read("battery", int(found[14]), at)
    if found[18] is not None:
        draft.attributes["mobile_network"] = [found[18], found[19]]
        draft.attributes["cells"] = [[found[20], found[21]]]
        _after_cell(draft, found[22], at, options)


def _after_cell(draft: Draft, text: str, at: datetime | None, options: Options) -> None:
    """[,alarm,language,reply][,name|mac|signal&…]"""
    fields = [field for field in text.split(",") if field]
    code = fields[0][:2] if fields and "|" not in fields[0] else None
    if code is not None and draft.kind in ("AP10", "YP14", "YP10"):
        draft.attributes["alarm_code"] = code
        special = MODEL_ALARMS.get(options.model or "", {})
        kinds = special.get(code, ALARMS.get(code))
        for kind in kinds or ():
            draft.signal(kind, at)
        if kinds is None:
            draft.other(code, at)
    if fields and "|" in fields[-1]:
        draft.attributes["wifi"] = _wifi(fields[-1])


def _wifi(text: str) -> list[list[str]]:
    """[mac, signal] of name|mac|signal&name|mac|signal"""
    return [each.split("|")[1:3] for each in text.split("&") if each.count("|") >= 2]


def _towers(draft: Draft, text: str, _options: Options) -> None:
    """,language,reply,cells,mcc,mnc,lac|cell|signal,…,networks,name|mac|signal&…"""
    fields = text.removeprefix(",").split(",")
    count = whole(fields[2]) if len(fields) > 5 else None
    if count is None:
        draft.fault("fields", text, "language,reply,count,mcc,mnc,lac|cell|signal,…")
        return
    draft.attributes["mobile_network"] = fields[3:5]
    draft.attributes["cells"] = [each.split("|") for each in fields[5 : 5 + count]]
    if len(fields) > 6 + count:
        draft.attributes["wifi"] = _wifi(",".join(fields[6 + count :]))


def _heartbeat(draft: Draft, text: str, _options: Options) -> None:
    """AP03: ,state[,steps,turnovers]; CP01: ,state and settings"""
    fields = text.removeprefix(",").split(",")
    state = _STATE.fullmatch(fields[0])
    if state is None:
        draft.fault("state", fields[0], "gsm, satellites and battery of 3 digits each, …")
    else:
        draft.attributes.update(gsm=int(state[1]), satellites=int(state[2]), arm=state[5])
        draft.read("battery", int(state[3]))
        if state[7]:
            draft.attributes["settings"] = state[7]
    if draft.kind.startswith("A"):
        _values(draft, fields[1:], ("steps", "turnovers"))


def _values(draft: Draft, fields: list[str], channels: tuple[str, ...]) -> None:
    """Values in the order of channels; any may be blank, and `blood_sugar` is no channel."""
    for channel, text in zip(channels, fields, strict=False):
        if channel == "blood_sugar":
            if text:
                draft.attributes[channel] = text
        else:
            draft.read_text(channel, text)


def _reads(*channels: str) -> Callable[[Draft, str, Options], None]:
    def read(draft: Draft, text: str, _options: Options) -> None:
        fields = text.removeprefix(",").split(",")
        if not any(field.strip() for field in fields):
            draft.fault("fields", text, ",".join(channels))
        _values(draft, fields, channels)

    return read


def _note(draft: Draft, text: str, _options: Options) -> None:
    if text.strip(","):
        draft.attributes["content"] = text.removeprefix(",")


def _media(draft: Draft, text: str, _options: Options) -> None:
    parts = text.removeprefix(",").split(",", 4)
    draft.attributes["media"] = {"fields": parts[:4], "bytes": len(parts[4]) if parts[4:] else 0}


READERS: Mapping[str, Callable[[Draft, str, Options], None]] = {
    "AP01": _location,
    "AP10": _location,
    "YP03": _location,
    "YP10": _location,
    "YP14": _location,
    "AP02": _towers,
    "AP03": _heartbeat,
    "CP01": _heartbeat,
    "AP07": _media,
    "AP42": _media,
    "AP49": _reads("heart_rate"),
    "AP50": _reads("temperature", "battery"),
    "APHT": _reads("heart_rate", "systolic", "diastolic"),
    "APHP": _reads("heart_rate", "systolic", "diastolic", "spo2", "blood_sugar", "temperature"),
    **dict.fromkeys(sorted(_UNANSWERED | _NOTED), _note),
}


class TrvDecoder:
    """Reads the frames of one band; who it is comes with AP00."""

    def __init__(self, options: Options = PLAIN) -> None:
        self.device: str | None = None
        self._options = options

    def decode(self, frame: bytes, received: datetime) -> Decoded:
        text = frame.decode("latin-1").strip("\r\n ").removesuffix("#")
        head = _TYPE.match(text)
        if head is None:
            draft = Draft(self.device, "unreadable")
            draft.fault("frame", frame, "TRV or IW and a type such as AP01")
            return draft.done(received)
        maker, kind = head[1], head[2] + head[3]
        rest = text[head.end() :]
        if kind == "AP00":
            draft = self._login(rest)
        else:
            draft = Draft(self.device, kind)
            # YP… is what TRV bands send again later, in the form of AP…
            reader = READERS.get(kind) or READERS.get("A" + kind[1:] if kind[0] == "Y" else "")
            if reader is not None:
                reader(draft, rest, self._options)
            else:
                _note(draft, rest, self._options)
                if not _ORDER_ANSWER.fullmatch(rest):
                    draft.unsupported(kind)
        draft.attributes["maker"] = maker
        _answer(draft, maker, rest, received)
        return draft.done(received)

    def _login(self, rest: str) -> Draft:
        imei, *more = rest.removeprefix(",").split(",")
        is_id = 5 <= len(imei) <= 20 and imei.isdecimal() and imei.isascii()
        if is_id:
            self.device = imei
        draft = Draft(self.device, "AP00")
        if not is_id:
            draft.fault("device", imei, "an IMEI of 15 digits")
        if more:
            draft.attributes["sim"] = more
        return draft


def _answer(draft: Draft, maker: str, rest: str, received: datetime) -> None:
    kind = draft.kind
    content = ""
    if maker == "IW":
        if kind == "AP00":
            if draft.faults:
                return
            content = f",{received.astimezone(UTC):%Y%m%d%H%M%S},8"
        elif kind in _UNANSWERED:
            return
    elif kind == "AP14":
        content = ",0.000,0.000"
    elif kind in _UNANSWERED:
        return
    if _ORDER_ANSWER.fullmatch(rest):
        return
    draft.replies.append(f"{maker}{chr(ord(kind[0]) + 1)}{kind[1:]}{content}#".encode("ascii"))


def _time(draft: Draft, date: str, time: str) -> datetime | None:
    ymd, hms = decimal_parts(date), decimal_parts(time)
    if ymd is None or hms is None:  # the pattern has made sure of six digits each
        return None
    return draft.moment((2000 + ymd[0], ymd[1], ymd[2], *hms))


TRV = DeviceProtocol(
    name="trv",
    port=5010,
    transports=("tcp",),
    starts=(b"TRV", b"IW"),
    splitter=splitter,
    decoder=TrvDecoder,
    delimiter=b"#",
)
