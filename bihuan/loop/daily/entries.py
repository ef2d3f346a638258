"""What lane 0 says about daily notices: who is told about which subject, part by part."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type


class ToTell(Payload, frozen=True, kw_only=True):
    """One person to be told about one subject, on one quiet channel."""

    subject_id: int
    person_id: int
    channel: str


@entry_type("daily_notice.swept.v1")
class DailyNoticeSwept(Payload, frozen=True, kw_only=True):
    """A part of the subjects was gone through for one day's notice.

    day          YYYY-MM-DD in the county's time; due_us: when it fell due
    upto         the last subject of this part; is_done: there is none after it, or the day is over
    unreachable  persons who were to be told and have no quiet channel
    broken       subjects for which the scenario's function failed
    """

    scenario: str
    name: str
    day: str
    due_us: int
    upto: int
    is_done: bool
    to: list[ToTell]
    unreachable: list[int]
    broken: list[int]
