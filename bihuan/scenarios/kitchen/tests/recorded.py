"""By hand, for each rule: readings at which it opens, and readings so near that it must not.

(minute, value); the last minute without a value says how long nothing more was heard.
"""

from __future__ import annotations

from typing import Final

RECORDED: Final = {
    # a door that stands open for 19 minutes, and 20
    "store_warm": (
        [(0, 4.0), (1, 8.1), (11, 9.0), (21, 9.5)],
        [(0, 4.0), (1, 8.1), (11, 9.0), (20, 9.5), (21, 8.0)],
    ),
    "hot_falling": ([(0, 66.0), (1, 62.9), (6, 62.5)], [(0, 66.0), (1, 63.0), (6, 63.0)]),
    "hot_low": ([(0, 62.0), (1, 59.9), (6, 59.0)], [(0, 62.0), (1, 59.9), (5, 59.0), (6, 60.0)]),
    # neither 8 nor 60 is between them
    "exposed": (
        [(0, 61.0), (10, 40.0), (70, 30.0), (130, 20.0)],
        [(0, 60.0), (60, 60.0), (120, 8.0), (180, 8.0), (181, 30.0), (240, 30.0)],
    ),
    # from the last hot reading to 21 in two hours, on to 8 in two more
    "cooling_curve": (
        [(0, 75.0), (60, 40.0), (121, 22.0)],
        [(0, 75.0), (60, 40.0), (120, 21.0), (180, 12.0), (240, 8.0)],
    ),
    "room_warm": ([(0, 25.1), (20, 25.1)], [(0, 25.0), (20, 25.0), (40, 25.0)]),
    "probe_dead": ([(0, 4.0), (16, None)], [(0, 4.0), (15, 4.0)]),
    "hot_probe_dead": ([(0, 66.0), (16, None)], [(0, 66.0), (15, 66.0)]),
}
