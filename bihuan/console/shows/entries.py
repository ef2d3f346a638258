"""What the views lane says of sheets: who opened which one, about whom, and why."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type


@entry_type("sheet.viewed.v1")
class SheetViewed(Payload, frozen=True, kw_only=True):
    """Somebody opened a scenario's sheet of one thing.

    row_id   the case, subject, record or area (`on`); about: the subject behind it
    purpose  page, pdf, print or api
    reason   sealed under the reader's own key; None where the sheet opens nothing sealed
    """

    scenario: str
    sheet: str
    on: str
    row_id: int
    about: int | None
    by: int
    purpose: str
    reason: bytes | None
