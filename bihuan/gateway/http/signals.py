"""Signals as they are posted: an SOS from another system, a report, what a camera saw.

    {"kind": "sos", "device": "watch/1208178692", "at": "2026-03-02T08:00:00+08:00",
     "detail": "…"}

A signal of a device that nobody adopted is kept too, and stands on the duty board: a press too
many wakes somebody, a press too few may cost a life.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from bihuan.base.errors import BadInputError, Fault, bad, shown
from bihuan.base.ids import row_id
from bihuan.base.time import Clock, us_of
from bihuan.gateway.http.directory import Directory, Place, place_of, unknown_device
from bihuan.gateway.http.once import refuse_other_body
from bihuan.gateway.http.request import Answer, Request, faulty, said
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.readings import seen0_now
from bihuan.register.entries import SignalReceived

MOST: Final = 100
MOST_DETAIL: Final = 8_000
# what a camera of a sunshine kitchen can say (domain.md, 2): a lead for a person, never proof
CAMERA_KINDS: Final = ("no_hat", "no_mask", "smoking", "bare_chest", "other")
_SHA256: Final = re.compile(r"sha256:[0-9a-f]{64}")
_LINK: Final = re.compile(r"https://[^\s\"<>]{1,480}")
_Id = Annotated[int, msgspec.Meta(ge=1)]
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=96)]


class Posted(msgspec.Struct, forbid_unknown_fields=True):
    """One signal as it is posted; device or subject, where there is one."""

    kind: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z_]{0,31}$")]
    device: _Text | None = None
    subject: _Id | None = None
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    detail: Annotated[str, msgspec.Meta(max_length=MOST_DETAIL)] | None = None


class Seen(msgspec.Struct, forbid_unknown_fields=True):
    """What a camera says it saw. picture: a link or `sha256:…`; it is never fetched here."""

    kind: str
    device: _Text
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    picture: str
    code: Annotated[str, msgspec.Meta(max_length=96)] | None = None
    confidence: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None


@dataclass(frozen=True, slots=True)
class NewSignal:
    """A signal to be kept. detail: as JSON, sealed before it is stored."""

    kind: str
    device: str | None
    subject_id: int | None
    at_us: int | None
    detail: dict[str, Any] | None


class SignalStore:
    """Keeps signals; used by the worker's thread alone."""

    def __init__(self, clock: Clock, keys: KeyRing) -> None:
        self._clock, self._keys = clock, keys
        self._directory = Directory()

    def post(self, request: Request) -> Answer:
        """Keep what was posted; 422 with every fault, and then nothing is kept."""
        posted = many(request.body, Posted)
        new = [
            NewSignal(
                kind=one.kind,
                device=one.device,
                subject_id=one.subject,
                at_us=_at_us(request, one.at),
                detail=None if one.detail is None else {"detail": one.detail},
            )
            for one in posted
        ]
        return self.keep(request, new, request.source)

    def post_seen(self, request: Request) -> Answer:
        """Keep what cameras saw, as leads."""
        posted = many(request.body, Seen)
        faults, lines = [], []
        for line, one in enumerate(posted, start=1):
            found = seen_faults(one)
            faults += found
            lines += [line] * len(found)
        if faults:
            return faulty(faults, at=lines)
        new = [NewSignal(one.kind, one.device, None, us_of(one.at), _lead(one)) for one in posted]
        return self.keep(request, new, f"camera {request.sender.name}")

    def keep(self, request: Request, signals: Sequence[NewSignal], source: str) -> Answer:
        """Keep signals in one transaction, once for each key of the sender."""
        found = self._places(request, signals)
        with Appender(FACTS_LANE, self._clock) as lane:
            idem = request.idem
            if idem is not None:
                since_us = lane.now_us - request.window_us
                refuse_other_body(range(1), idem, since_us)
                known = lane.last_with(idem, since_us)
                if known is not None:
                    return said(200, {"signals": _ids(known.position, len(signals)), "new": False})
            first = lane.next_position
            for one, (device_id, place) in zip(signals, found, strict=True):
                # the last carries the key: its position tells those of the others
                key = idem if one is signals[-1] else None
                lane.append(self._signal(one, device_id, place, source, first), idem=key)
                first = lane.next_position
        ids = _ids(lane.next_position - 1, len(signals))
        return said(201, {"signals": ids, "new": True})

    def _signal(
        self, one: NewSignal, device_id: int | None, place: Place | None, source: str, at: int
    ) -> SignalReceived:
        # without a subject it has a key of its own, so that it can be erased by itself
        whose = place.person_id if place is not None else _ids(at, 1)[0]
        detail = None
        if one.detail is not None:
            detail = self._keys.seal(whose, json.dumps(one.detail, ensure_ascii=False))
        named = f"{source} {one.device}" if one.device is not None else source
        return SignalReceived(
            kind=one.kind,
            subject_id=place.subject_id if place is not None else None,
            device_id=device_id,
            at_us=one.at_us,
            detail=detail,
            source=named[:128],
        )

    def _places(
        self, request: Request, signals: Sequence[NewSignal]
    ) -> list[tuple[int | None, Place | None]]:
        """(device, place) of each; raises with everything that this sender may not send for."""
        names = [one.device for one in signals if one.device is not None]
        devices = dict(zip(names, self._directory.devices(names, seen0_now()), strict=True))
        faults: list[Fault] = []
        made: list[tuple[int | None, Place | None]] = []
        for one in signals:
            device = devices[one.device] if one.device is not None else None
            place = device.place if device is not None else None
            if device is not None and not device.is_for(request.sender):
                faults.append(unknown_device(one.device or ""))
            if one.subject_id is not None:
                asked = place_of(one.subject_id)
                faults += _subject_faults(request, one.subject_id, asked, place)
                place = asked
            made.append((device.key.device if device is not None else None, place))
        if faults:
            raise BadInputError(*faults)
        return made


def many(body: bytes, kind: type[Any]) -> list[Any]:
    """One or several objects of a JSON body; raises naming each that is wrong by its place."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise bad("document", shown(error), "JSON") from error
    listed = document if isinstance(document, list) else [document]
    if not 0 < len(listed) <= MOST:
        raise bad("document", f"{len(listed)} objects", f"1 to {MOST}")
    made, faults = [], []
    for place, one in enumerate(listed):
        try:
            made.append(msgspec.convert(one, kind))
        except msgspec.ValidationError as error:
            want, _, at = str(error).partition(" - at `$")
            field = f"[{place}]{at.rstrip('`')}"
            faults.append(Fault(field, shown(json.dumps(one, ensure_ascii=False), 80), want))
    if faults:
        raise BadInputError(*faults)
    return made


def _subject_faults(
    request: Request, subject_id: int, asked: Place | None, worn: Place | None
) -> list[Fault]:
    if asked is None or not request.sender.covers(None, asked.area_path):
        return [Fault("subject", str(subject_id), "a subject that this sender may send for")]
    if worn is not None and worn.subject_id != subject_id:
        return [Fault("subject", str(subject_id), "the subject to whom the device is bound")]
    return []


def seen_faults(one: Seen) -> list[Fault]:
    """What a camera says and cannot say."""
    faults = []
    if one.kind not in CAMERA_KINDS:
        faults.append(Fault("kind", shown(one.kind, 40), "one of " + ", ".join(CAMERA_KINDS)))
    if one.kind == "other" and not one.code:
        faults.append(Fault("code", "nothing", "what it is, as the kind is other"))
    if not (_SHA256.fullmatch(one.picture) or _LINK.fullmatch(one.picture)):
        faults.append(Fault("picture", shown(one.picture, 60), "https://… or sha256:…"))
    return faults


def _at_us(request: Request, at: datetime | None) -> int | None:
    """A signal's own time; of one without that waited at a spool, when it came there."""
    if at is None:
        return request.received_us if request.is_spooled else None
    return us_of(at)


def _lead(one: Seen) -> dict[str, Any]:
    detail = {"lead": True, "picture": one.picture, "code": one.code, "confidence": one.confidence}
    return {name: value for name, value in detail.items() if value is not None}


def _ids(last: int, count: int) -> list[int]:
    """The row ids of `count` entries that end at a position."""
    from_ = last - count + 1
    return [row_id(position) for position in range(from_, last + 1)]
