"""What lane 0 says about messages of a row's act: who hears it, and how."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type


@entry_type("row_message.decided.v1")
class RowMessageDecided(Payload, frozen=True, kw_only=True):
    """Who is told what an act said (`row.told.v1` at `asked`), on every channel that wakes nobody.

    channels  empty = nobody is told, and `reason` says why
    is_broken it could not be decided: a fault of the platform
    """

    asked: int
    row_id: int
    person_id: int | None
    channels: list[str]
    title: tuple[str, str]
    text: tuple[str, str]
    reason: str = ""
    is_broken: bool = False
