"""By hand, for each rule: readings at which it opens, and readings so near that it must not.

(minute, value); the last minute without a value says how long nothing more was heard. Of a
position the value is its latitude, of which 0 to 1 is home.
"""

from __future__ import annotations

from typing import Final

H = 60
# eight readings a day for eight days: a heart of 52 to 54, a pressure of 121 to 123
_NIGHTS: Final = [(n * 3 * H, n % 3) for n in range(8 * 8)]
_HEART: Final = [(at, 52.0 + more) for at, more in _NIGHTS]
_PRESSURE: Final = [(at, 121.0 + more) for at, more in _NIGHTS]
_END: Final = 8 * 24 * H
RECORDED: Final = {
    "heart_rate_high": ([(0, 131.0), (1, 131.0)], [(0, 131.0), (1, 130.0), (2, 131.0)]),
    "heart_rate_low": ([(0, 40.0), (1, 40.0)], [(0, 41.0), (1, 41.0), (2, 40.0)]),
    "systolic_high": ([(0, 180.0), (1, 180.0)], [(0, 179.0), (1, 179.0), (2, 180.0)]),
    "diastolic_high": ([(0, 110.0), (1, 110.0)], [(0, 109.0), (1, 109.0), (2, 110.0)]),
    "link_silent": ([(0, 1.0), (2 * H + 1, None)], [(0, 1.0), (2 * H, 1.0)]),
    "systolic_points": ([(0, 90.0), (1, 90.0)], [(0, 90.0), (1, 91.0), (2, 90.0)]),
    "spo2_points": ([(0, 91.0), (1, 91.0), (2, 91.0)], [(0, 91.0), (1, 91.0), (2, 92.0)]),
    "heart_rate_unusual": (
        [*_HEART, (_END, 95.0), (_END + 1, 95.0)],
        [*_HEART, (_END, 95.0), (_END + 1, 53.0), (_END + 2, 95.0)],
    ),
    "systolic_unusual": (
        [*_PRESSURE, (_END, 160.0), (_END + 1, 160.0)],
        [*_PRESSURE[:40], (40 * 3 * H, 160.0), (40 * 3 * H + 1, 160.0)],  # not a week is known
    ),
    "link_lost": ([(0, 1.0), (12 * H + 1, None)], [(0, 1.0), (12 * H, 1.0)]),
    "not_worn": ([(0, 72.0), (24 * H + 1, None)], [(0, 72.0), (24 * H, 72.0)]),
    "battery_low": ([(0, 19.0), (10, 19.0)], [(0, 20.0), (10, 20.0), (11, 19.0), (20, 19.0)]),
    "left_home": ([(0, 1.1), (5, 1.2), (10, 1.3)], [(0, 1.1), (5, 1.2), (9, 1.3), (10, 1.0)]),
    "still_away": (
        [(0, 1.1), (2 * H, 1.2), (4 * H, 1.3)],
        [(0, 1.1), (2 * H, 1.2), (4 * H - 1, 1.3), (4 * H, 1.0)],
    ),
}
