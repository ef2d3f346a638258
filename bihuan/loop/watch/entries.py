"""What lane 0 says about the platform itself: a fault that a person must mend, and its end."""

from __future__ import annotations

from typing import Literal

from bihuan.journal.payloads import Payload, entry_type

NoticeKind = Literal["stage", "part", "ladder", "roster", "channel", "parked", "clock", "path"]


@entry_type("watch.noticed.v1")
class Noticed(Payload, frozen=True, kw_only=True):
    """Something of the platform does not work. key: what it is about; detail: what was seen."""

    kind: NoticeKind
    key: str
    detail: str


@entry_type("watch.settled.v1")
class Settled(Payload, frozen=True, kw_only=True):
    """It works again."""

    kind: NoticeKind
    key: str
