"""Writing the log, handing over, signing reports: checked, one transaction each.

A handover carries every open case of its area, found at the moment it is offered: nobody can
leave one out. Who accepts is somebody else, and is shown what was opened since.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import msgspec

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.ids import row_id
from bihuan.base.time import DAY_US, MINUTE_US, Clock, rfc3339
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.act import ForbiddenError, TakenError
from bihuan.loop.models import Case
from bihuan.loop.shift import entries
from bihuan.loop.shift.models import FlashReport, Handover, LogLine
from bihuan.register.entries import Actor
from bihuan.register.models import Area
from bihuan.register.rights import areas_under, for_user

MOST_TEXT = 4000
LONGEST_SHIFT_US = 3 * DAY_US
OLDEST_LINE_US = 7 * DAY_US


class Line(NamedTuple):
    """A line for the log: when it happened (µs), what, about which case, which line it corrects."""

    at_us: int
    text: str
    about: int | None = None
    corrects: int | None = None


class Shifts:
    """Acts of those on duty. Every call raises ForbiddenError for who has no right there."""

    def __init__(self, clock: Clock, keys: KeyRing) -> None:
        self._clock, self._keys = clock, keys

    def write(self, area_id: int, line: Line, by: Actor, key: str = "") -> int:
        """Add a line to an area's log; its id. A key makes a repeated send do nothing twice."""
        idem = f"log:{by.person_id}:{key}".encode() if key else None
        with Appender(FACTS_LANE, self._clock) as lane:
            earlier = lane.last_with(idem) if idem else None
            if earlier is not None:
                return row_id(earlier.position)
            _must_be_on_duty(lane, area_id, by)
            _check_line(lane, area_id, line)
            said = entries.LogWritten(
                area_id=area_id,
                at_us=line.at_us,
                text=self._keys.seal(area_id, line.text),
                about=line.about,
                corrects=line.corrects,
                by=by,
            )
            return lane.append(said, idem=idem).id()

    def offer(self, area_id: int, times_us: tuple[int, int], text: str, by: Actor) -> int:
        """Offer the shift from one time to another; the handover's id."""
        from_us, until_us = times_us
        with Appender(FACTS_LANE, self._clock) as lane:
            _must_be_on_duty(lane, area_id, by)
            faults = _text_faults(text)
            if not from_us < until_us <= from_us + LONGEST_SHIFT_US:
                want = f"after {rfc3339(from_us)}, at most three days later"
                faults.append(Fault("until", rfc3339(until_us), want))
            if faults:
                raise BadInputError(*faults)
            waiting = [h for h in lane.rows.where(Handover, area_id=area_id) if not h.accepted_us]
            if waiting:
                raise bad("handover", waiting[0].id, "the one that waits to be accepted first")
            cases = _open_cases(_path(lane.rows, area_id))
            said = entries.HandoverOffered(
                area_id=area_id,
                from_us=from_us,
                until_us=until_us,
                text=self._keys.seal(area_id, text),
                open_cases=cases,
                digest=digest_of(area_id, times_us, text, cases),
                by=by,
            )
            return lane.append(said).id()

    def accept(self, handover_id: int, remark: str, by: Actor) -> int:
        """Take over what was offered. Raises TakenError where somebody else was first."""
        with Appender(FACTS_LANE, self._clock) as lane:
            handover = lane.rows.get(Handover, handover_id)
            if handover is None:
                raise ForbiddenError
            _must_be_on_duty(lane, handover.area_id, by)
            if handover.accepted_us is not None:
                raise TakenError(handover.accepted_by, handover.accepted_us, "accepted")
            if handover.offered_by == by.person_id:
                raise bad("by", "who handed over", "somebody else")
            if len(remark) > MOST_TEXT:
                raise bad("remark", f"{len(remark)} characters", f"at most {MOST_TEXT}")
            known = set(msgspec.json.decode(handover.open_cases, type=list[int]))
            present = _open_cases(_path(lane.rows, handover.area_id))
            said = entries.HandoverAccepted(
                handover_id=handover_id,
                since=[case for case in present if case not in known],
                remark=self._keys.seal(handover.area_id, remark) if remark.strip() else None,
                digest=handover.digest,
                by=by,
            )
            return lane.append(said).id()

    def sign_report(self, case_id: int, stage: entries.ReportStage, text: str, by: Actor) -> int:
        """Sign a flash report of a case; its id. The next one of the case gets the next number."""
        with Appender(FACTS_LANE, self._clock) as lane:
            case = lane.rows.get(Case, case_id)
            if case is None:
                raise ForbiddenError
            _must_be_on_duty(lane, case.area_id, by)
            faults = _text_faults(text)
            n = len(lane.rows.where(FlashReport, about=case_id)) + 1
            if (stage == "first") != (n == 1):
                want = "first for the first, follow_up or final for a later one"
                faults.append(Fault("stage", f"{stage} as no. {n}", want))
            if faults:
                raise BadInputError(*faults)
            said = entries.FlashReportSigned(
                about=case_id,
                area_id=case.area_id,
                n=n,
                stage=stage,
                text=self._keys.seal(case.area_id, text),
                digest=hashlib.sha256(text.encode()).hexdigest(),
                by=by,
            )
            return lane.append(said).id()


def digest_of(area_id: int, times_us: tuple[int, int], text: str, open_cases: list[int]) -> str:
    """What both sign: SHA-256 over area, times, text and open cases, in hex."""
    signed = msgspec.json.encode([area_id, list(times_us), text, open_cases])
    return hashlib.sha256(signed).hexdigest()


def _open_cases(path: str) -> list[int]:
    found = Case.objects.using(MAIN).filter(area_id__in=areas_under([path])).exclude(state="closed")
    return list(found.order_by("id").values_list("id", flat=True))


def _path(rows: Rows, area_id: int) -> str:
    area = rows.get(Area, area_id)
    if area is None:
        raise ForbiddenError
    return area.path


def _must_be_on_duty(lane: Appender, area_id: int, by: Actor) -> None:
    """Who holds a post or duty for the area or above; relatives do not write its log."""
    path = _path(lane.rows, area_id)
    mine = for_user(by.person_id, lane.now_us)
    if not any(path.startswith(above) for _role, above in mine.held):
        raise ForbiddenError


def _text_faults(text: str) -> list[Fault]:
    if not text.strip():
        return [Fault("text", "nothing", "a few words")]
    if len(text) > MOST_TEXT:
        return [Fault("text", f"{len(text)} characters", f"at most {MOST_TEXT}")]
    return []


def _check_line(lane: Appender, area_id: int, line: Line) -> None:
    faults = _text_faults(line.text)
    if line.at_us > lane.now_us + MINUTE_US:
        faults.append(Fault("at", rfc3339(line.at_us), f"at most {rfc3339(lane.now_us)}"))
    if line.at_us < lane.now_us - OLDEST_LINE_US:
        faults.append(Fault("at", rfc3339(line.at_us), "at most seven days ago"))
    if line.about is not None and lane.rows.get(Case, line.about) is None:
        faults.append(Fault("about", str(line.about), "a case"))
    if line.corrects is not None:
        old = lane.rows.get(LogLine, line.corrects)
        if old is None or old.area_id != area_id or old.corrected_by is not None:
            faults.append(Fault("corrects", str(line.corrects), "an uncorrected line of this log"))
    if faults:
        raise BadInputError(*faults)
