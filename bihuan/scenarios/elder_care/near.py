"""What a relative's page shows of an elder besides the band: when somebody last came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bihuan.loop.shows import Book, Panel


def last_visit(book: Book, elder_id: int) -> Mapping[str, Any]:
    """The newest visit by its own time; None where none was noted."""
    visits = book.rows("visit", subject_id=elder_id)
    seen = [one for one in visits if isinstance(one["seen"], int)]
    return {"visit": max(seen, key=lambda one: int(str(one["seen"])), default=None)}


PANELS = (
    Panel(
        on="near",
        kind="elder",
        title=("最近一次探访", "Last visit"),
        facts=last_visit,
        template="near.html",
    ),
)
