"""一动不动的探针 / A probe that says one and the same value for hours: is it alive?

Air in a store that is opened and cooled moves by tenths of a degree; a value that stands to its
last digit for two hours is more likely a probe that hangs. The officer is told before the cooking
and before the meal; it is a question, no deviation, and calls nobody at night.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bihuan.base.time import MINUTE_US
from bihuan.loop.shows import Book, Notice
from bihuan.register.scheme import Words
from bihuan.scenarios.kitchen import matched
from bihuan.scenarios.kitchen.batch_times import LIVE
from bihuan.scenarios.kitchen.limits import limit
from bihuan.scenarios.kitchen.roles import OFFICER
from bihuan.scenarios.kitchen.times import HOT

WATCHED: Final = {
    "cold_store": matched.AIR,
    "special_room": matched.AIR,
    "hot_box": matched.CORE,
}
TIMES: Final = ("06:30", "10:30")
MORE_US: Final = 5 * MINUTE_US  # the run may begin between two readings


def stands_still(kind: str) -> Callable[[Book, int], Words | None]:
    """What is said of a control point of a kind; None while it moves or is empty."""

    def text(book: Book, point_id: int) -> Words | None:
        point = book.row(point_id)
        if point is None or (kind == "hot_box" and not _is_filled(book, point.get("supplier"))):
            return None
        minutes = limit("still", book.now_us)
        since_us = book.now_us - int(minutes * MINUTE_US) - MORE_US
        found = book.readings(point_id, WATCHED[kind], since_us, book.now_us + 1)
        good = [one for one in found if one.is_good]
        if (still := matched.still_run(good)) is None:
            return None
        said = f"{still.value:g} ℃"
        return (
            f"{point['name']}的读数{minutes:g}分钟以上一直是{said}，一点没有变，请看探针是否失灵",
            f"{point['name']} has said {said} for {minutes:g} minutes and more without any change;"
            " please see whether its probe is alive",
        )

    return text


def _is_filled(book: Book, supplier: object) -> bool:
    if not isinstance(supplier, int):
        return False
    rows = book.rows("batch", subject_id=supplier, states=LIVE)
    return any(row["keeping"] == HOT for row in rows)


NOTICES: Final = tuple(
    Notice(
        name=f"still_{kind}_{at.replace(':', '')}",
        title=("探针读数不变", "A probe that does not move"),
        subject=kind,
        to=OFFICER,
        at=at,
        text=stands_still(kind),
    )
    for kind in WATCHED
    for at in TIMES
)
