"""CAP 1.2 in and out: what came becomes entries, unaltered; what leaves says what it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import Clock, us_of
from bihuan.gateway.formats import cap
from bihuan.gateway.http.request import Answer, RefusedError, Request, said
from bihuan.journal.storage import MAIN
from bihuan.register.models import County
from bihuan.register.warnings import entries
from bihuan.register.warnings.acts import ContradictionError, contradiction, receive
from bihuan.register.warnings.models import OfficialWarning

XML = "application/cap+xml"
EXERCISE = "Exercise"
EXERCISE_NOTE = "演练，非真实预警 / exercise, not a real warning"


def post(request: Request, clock: Clock) -> Answer:
    """Take a CAP document; 409 where it contradicts one of the same identity."""
    if len(request.body) > MOST_BYTES:
        raise bad("document", f"{len(request.body)} bytes", f"at most {MOST_BYTES} bytes")
    message = message_of(cap.parse(request.body), request.body, request.source)
    try:
        taken = receive(message, clock)
    except ContradictionError as error:
        raise RefusedError(409, contradiction(message)) from error
    told = {
        "warning": taken.id,
        "change": taken.change,
        "new": taken.is_new,
        "ended": list(taken.ended),
        "not_ended": list(taken.not_ended),
        "signal": taken.signal_id,
    }
    return said(201 if taken.is_new else 200, told)


def get(request: Request) -> Answer:
    """The CAP document of a warning that came."""
    found = None
    if request.path.isascii() and request.path.isdigit() and len(request.path) < 17:
        found = OfficialWarning.objects.using(MAIN).filter(id=int(request.path)).first()
    if found is None:
        raise RefusedError(404, Fault("warning", request.path[:32], "the number of a warning"))
    county = County.objects.using(MAIN).first()
    is_live = county is not None and county.mode == "live"
    document = bytes(found.document)
    return Answer(200, document if is_live else exercise(document), XML)


def exercise(document: bytes) -> bytes:
    """The same document as one of an exercise: what leaves a demo or drill county.

    A signature is left out: it was for other bytes.
    """
    alert = cap.parse(document)
    return cap.write(replace(alert, status=EXERCISE, note=EXERCISE_NOTE, signatures=()))


def outgoing(alert: cap.Alert, mode: str) -> bytes:
    """An alert of our own as a document: Exercise unless the county is live. Raises on faults."""
    if mode != "live":
        alert = replace(alert, status=EXERCISE, note=alert.note or EXERCISE_NOTE, signatures=())
    return cap.write(alert)


def message_of(alert: cap.Alert, document: bytes, source: str) -> entries.WarningReceived:
    """An alert as the entry that records it; `change` is decided when it is recorded."""
    faults = [
        Fault(f"alert/{name}", f"{len(text)} characters", "at most 255")
        for name, text in (("identifier", alert.identifier), ("sender", alert.sender))
        if len(text) > 255
    ]
    if faults:
        raise BadInputError(*faults)
    return entries.WarningReceived(
        said=_reference(alert.reference),
        status=alert.status,
        msg_type=alert.msg_type,
        scope=alert.scope,
        references=[_reference(one) for one in alert.references],
        note=alert.note,
        infos=[_info(one) for one in alert.infos],
        change="notice",
        document=document,
        source=source[:128],
    )


MOST_BYTES = 1024 * 1024


def _reference(one: cap.Reference) -> entries.WarningReference:
    return entries.WarningReference(
        sender=one.sender, identifier=one.identifier, sent_us=us_of(one.sent)
    )


def _info(info: cap.Info) -> entries.WarningInfo:
    return entries.WarningInfo(
        language=info.language,
        categories=list(info.categories),
        event=info.event,
        urgency=info.urgency,
        severity=info.severity,
        certainty=info.certainty,
        sender_name=info.sender_name,
        headline=info.headline,
        description=info.description,
        instruction=info.instruction,
        effective_us=_us(info.effective),
        onset_us=_us(info.onset),
        expires_us=_us(info.expires),
        parameters=_pairs(info.parameters),
        areas=[_area(one) for one in info.areas],
    )


def _area(area: cap.Area) -> entries.WarningArea:
    return entries.WarningArea(
        description=area.area_desc,
        codes=_pairs(area.geocodes),
        polygons=[[(float(lat), float(lon)) for lat, lon in ring] for ring in area.polygons],
        circles=[
            (float(one.centre[0]), float(one.centre[1]), float(one.radius_km))
            for one in area.circles
        ],
    )


def _us(at: datetime | None) -> int | None:
    return None if at is None else us_of(at)


def _pairs(named: Iterable[cap.NamedValue]) -> list[tuple[str, str]]:
    return [(one.name, one.value) for one in named]
