"""Sums over whole days of the past, kept in this process until something in them changes.

What an open month is compared with is a part of an earlier one, up to the same day and moment: too
much to add up for every page, and nearly always the same. The whole days of it are kept here with
the positions up to which their months were touched (`Touch`); the rest of the last day is read.
Positions only grow, so what was read a little later than its positions is left at the next page.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

from bihuan.base.time import CHINA, DAY_US, datetime_of, us_of
from bihuan.figures.groups import Group, month_of
from bihuan.figures.models import Touch
from bihuan.figures.periods import Window
from bihuan.journal.storage import MAIN

MOST: Final = 512  # windows of groups; a dashboard has about sixty
Found = list[tuple[int, str, Any]]  # area, its path then, numbers or its values

_kept: OrderedDict[tuple[Any, ...], Found] = OrderedDict()
_lock = threading.Lock()


def split(window: Window) -> tuple[Window | None, list[Window]]:
    """The whole days in a window (None: not one), and what is left before and after them."""
    first, last = _day_from(window.start_us), _day_of(window.end_us)
    if first >= last:
        return None, [window]
    around = (Window(window.start_us, first), Window(last, window.end_us))
    return Window(first, last), [one for one in around if one.start_us < one.end_us]


def _day_of(at_us: int) -> int:
    here = datetime_of(at_us).astimezone(CHINA)
    return us_of(here.replace(hour=0, minute=0, second=0, microsecond=0))


def _day_from(at_us: int) -> int:
    day = _day_of(at_us)
    return day if day == at_us else _day_of(day + DAY_US + DAY_US // 2)


class Touched:
    """Up to which positions the months of groups were touched; read once for each window."""

    def __init__(self) -> None:
        self._read: dict[tuple[int, int], dict[str, list[tuple[int, int]]]] = {}

    def of(self, group: Group, window: Window) -> tuple[tuple[int, int], ...]:
        """(month, position) of every month of the window in which something is."""
        months = month_of(window.start_us), month_of(window.end_us - 1)
        if months not in self._read:
            read = self._read[months] = {}
            found = Touch.objects.using(MAIN).filter(month__gte=months[0], month__lte=months[1])
            for cluster, month, position in found.values_list("cluster", "month", "position"):
                read.setdefault(cluster, []).append((month, position))
        return tuple(sorted(self._read[months].get(group.id, ())))


def kept(group: Group, days: Window, touched: Touched, read: Callable[[], Found]) -> Found:
    """What read() finds of a group in these whole days, or found when nothing was touched since."""
    key = (group.id, group.layout, days, touched.of(group, days))
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = read()
    with _lock:
        _kept[key] = found
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return found


def forget() -> None:
    """Let everything go: another database stands behind the same names (a test, a restore)."""
    with _lock:
        _kept.clear()
