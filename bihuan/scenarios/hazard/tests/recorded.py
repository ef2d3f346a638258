"""By hand, for each rule: readings at which it opens, and readings so near that it must not.

(minute, value); the last minute without a value says how long nothing more was heard.
"""

from __future__ import annotations

from typing import Final

Given = list[tuple[int, float | None]]


def own(amount: float) -> tuple[Given, Given]:
    """A gauge that adds up its own hours, to a tenth of a millimetre."""
    return [(0, 0.0), (60, amount)], [(0, 0.0), (60, amount - 0.1)]


def tips(amount: int, hours: int) -> tuple[Given, Given]:
    """One mm at a time, the last of them within the hours, and just out of them."""
    every = hours * 60 // amount  # minutes from tip to tip, at most
    fires: Given = [(n * every, 1.0) for n in range(amount)]
    late = hours * 60  # the first tip is as old as the window is long: it counts no more
    return fires, [*fires[:-1], (late, 1.0)]


def total(amount: int, hours: int) -> tuple[Given, Given]:
    """The same as a running total of a gauge that counts from 700 mm."""

    def added(given: Given) -> Given:
        return [(-1, 700.0), *((at, 701.0 + n) for n, (at, _) in enumerate(given))]

    fires, silent = tips(amount, hours)
    return added(fires), added(silent)


AMOUNTS: Final = ((20, 1), (50, 24), (50, 12), (50, 6), (50, 3), (100, 3))
RECORDED: Final = {
    **{f"rain_{amount}_{hours}h": own(amount) for amount, hours in AMOUNTS},
    **{f"rain_{amount}_{hours}h_steps": tips(amount, hours) for amount, hours in AMOUNTS},
    **{f"rain_{amount}_{hours}h_total": total(amount, hours) for amount, hours in AMOUNTS},
    "depth_watch": ([(0, 0.16), (1, 0.16)], [(0, 0.15), (1, 0.15), (2, 0.16)]),
    "depth_close": ([(0, 0.28)], [(0, 0.27)]),
    "river_rise": ([(0, 2.0), (60, 2.5)], [(0, 3.0), (30, 2.5), (60, 2.99), (91, 3.25)]),
    "gauge_silent": ([(0, 1.0), (61, None)], [(0, 1.0), (60, 1.0)]),
}
