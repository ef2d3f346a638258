"""告知发现人 / What a finder hears when a hazard that he filed is cleared or refused.

A reported hazard is answered by its case. A row of the ledger that somebody on a post filed is
answered here, at 18:00, to who filed it and to nobody else; a finder of no post is told by who
clears, who says how.
"""

from __future__ import annotations

from typing import Final

from bihuan.base.time import DAY_US
from bihuan.loop.shows import Book, Notice, Row
from bihuan.register.scheme import Words
from bihuan.scenarios.hazard.ledger import FINDERS, HAZARD

AT: Final = "18:00"
ENDS: Final = ("clear", "clear_major", "refuse")
STATES: Final = dict(HAZARD.states)


def _is_of_today(row: Row, now_us: int) -> bool:
    """Whether it ended in the day before `now_us`, that moment included."""
    times = [row.get(f"at.{act}") for act in ENDS]
    return any(isinstance(at, int) and now_us - DAY_US < at <= now_us for at in times)


def ended(book: Book, site_id: int) -> Words | None:
    """What became of the hazards that the reader filed at a place; None where nothing ended."""
    rows = book.rows("hazard", subject_id=site_id, states=("cleared", "not_one"))
    mine = [one for one in rows if one["mine.register"] and _is_of_today(one, book.now_us)]
    if not mine:
        return None
    return _line(mine, 0), _line(mine, 1)


def _line(rows: list[Row], n: int) -> str:
    said = [f"{row['number']} {row['what']} {STATES[str(row['state'])][n]}" for row in rows]
    told = "；".join(said) if n == 0 else "; ".join(said)
    words = (f"您发现的隐患有结果：{told}。", f"The hazards that you found: {told}.")
    return words[n]


def _of_role(role: str) -> Notice:
    return Notice(
        name=f"ended_{role}",
        title=("隐患处理结果", "Hazard: the result"),
        subject="site",
        to=role,
        at=AT,
        text=ended,
    )


NOTICES: Final = tuple(_of_role(role) for role in FINDERS)
