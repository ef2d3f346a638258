"""限值 / Limits: by which figures passes, stock and other counties' answers are judged.

No device measures here, so no rule judges readings. Each figure names whose it is, since when and
where; the county replaces it. None of them is law.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bihuan.base.bilingual import also


@dataclass(frozen=True, slots=True)
class Days:
    """A number of days: whose figure, since when, where it holds."""

    days: int
    source: str
    effective_from: str
    region: str


_KNOWN: Final = (
    "通行做法 [K]，以本县自定的为准 / general practice [K]; the county's own figure replaces it"
)
_HERE: Final = "各县通用，本县可自定 / every county until it sets its own"
# one vehicle, one pass, one route; at most ten days, many trips, ends by itself
PASS_MOST: Final = Days(
    10,
    "2022年车辆通行证，苏州 [L]：最长10天 / vehicle passes of 2022, Suzhou [L]: at most 10 days",
    "2022",
    "Suzhou",
)
_OLD = also(_KNOWN, "更早的盘点按未知算", "what was counted longer ago counts as unknown")
_AGAIN = also(_KNOWN, "再问外县", "another county is asked again")
_SHORT = also(_KNOWN, "库存只够这几天算急需", "stock for so few days is urgent")
STOCK_HOLDS: Final = Days(7, _OLD, "2026-01-01", _HERE)
LEG_REPLY: Final = Days(3, _AGAIN, "2026-01-01", _HERE)
URGENT_STOCK: Final = Days(3, _SHORT, "2026-01-01", _HERE)
LIMITS: Final = (PASS_MOST, STOCK_HOLDS, LEG_REPLY, URGENT_STOCK)
