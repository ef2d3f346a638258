"""Readings of a subject as small plots, drawn on the server, each with its table of numbers.

Only the newest day is read, from the newest entries of the lanes that carry the subject's series:
what a person looks at to decide. The whole past is the archive's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from bihuan.base.time import DAY_US
from bihuan.console.register import wording
from bihuan.journal.batch import QUALITY_GOOD
from bihuan.journal.models import Entry
from bihuan.journal.read import last_position, read_batches
from bihuan.journal.series import SeriesAt, series_of_subject
from bihuan.journal.storage import alias_of
from bihuan.register.consents.effect import purpose_of

MOST_BATCHES: Final = 400  # of a lane: some tenths of a second at the most
MOST_POINTS: Final = 120
MOST_ROWS: Final = 12
WIDE: Final = 320.0
HIGH: Final = 64.0
# a place is no height, a link no measure, and what a fix was made by is read beside the fix
NO_PLOT: Final = ("lat", "lon", "link", "position", "fix_satellites", "fix_hdop", "fix_accuracy")
_Points = list[tuple[int, float]]  # event time (µs), value; in order of time


@dataclass(frozen=True, slots=True)
class Plot:
    """One channel of a day. line: the points of the SVG; limits: heights of the open limits.

    rows  the newest values, newest first, as (µs, text)
    """

    title: str
    unit: str
    newest: str
    at_us: int
    low: str
    high: str
    from_us: int
    until_us: int
    count: int
    line: str
    last: tuple[float, float]
    limits: list[tuple[float, str]]
    rows: list[tuple[int, str]]


def plots(
    subject_id: int,
    now_us: int,
    limits: Mapping[str, Iterable[float]] | None = None,
    without: frozenset[str] = frozenset(),
) -> list[Plot]:
    """A plot for each channel that was read within the last day, in the order of their names.

    limits   values of limits that are passed now, by channel
    without  purposes for which the consent was withdrawn: what was kept is not drawn any more
    """
    found = readings(subject_id, now_us - DAY_US)
    return [
        _plot((channel, unit), points, tuple((limits or {}).get(channel, ())))
        for (channel, unit), points in sorted(found.items())
        if channel not in NO_PLOT and purpose_of(channel) not in without
    ]


def readings(subject_id: int, since_us: int) -> dict[tuple[str, str], _Points]:
    """Good readings of a subject by (channel, unit) since a time of their own, oldest first."""
    found: dict[tuple[str, str], _Points] = defaultdict(list)
    by_lane: dict[int, list[SeriesAt]] = defaultdict(list)
    for place in series_of_subject(subject_id):
        by_lane[place.lane].append(place)
    for lane, places in sorted(by_lane.items()):
        slots = np.array([place.slot for place in places], dtype=np.uint32)
        for recorded in read_batches(lane, _after(lane, since_us)):
            batch = recorded.batch
            is_its = np.isin(batch.series, slots) & (batch.quality == QUALITY_GOOD)
            for n in np.flatnonzero(is_its & (batch.event_us >= since_us)).tolist():
                channel = recorded.slots.channel(int(batch.channel[n]))
                point = (int(batch.event_us[n]), float(batch.value[n]))
                found[channel.channel, channel.unit].append(point)
    return {key: sorted(points) for key, points in found.items()}


def _after(lane: int, since_us: int) -> int:
    """The position before the first entry to read."""
    lines = Entry.objects.using(alias_of(lane)).filter(lane=lane, recorded_us__gte=since_us)
    first: int | None = (
        lines.order_by("recorded_us", "position").values_list("position", flat=True).first()
    )
    last = last_position(lane)
    return max((first or last + 1) - 1, last - MOST_BATCHES)


def _plot(of: tuple[str, str], points: _Points, limits: tuple[float, ...]) -> Plot:
    channel, unit = of
    values = [value for _us, value in points]
    low, high = min([*values, *limits]), max([*values, *limits])
    span = (high - low) or 1.0
    from_us, until_us = points[0][0], max(points[-1][0], points[0][0] + 1)

    def x(at_us: int) -> float:
        return round(4 + (WIDE - 8) * (at_us - from_us) / (until_us - from_us), 1)

    def y(value: float) -> float:
        share = (value - low) / span if high > low else 0.5
        return round(HIGH - 6 - (HIGH - 12) * share, 1)

    kept = thinned(points)
    newest = points[-1]
    return Plot(
        title=wording.named(wording.CHANNELS, channel),
        unit=wording.unit(unit),
        newest=f"{newest[1]:g}",
        at_us=newest[0],
        low=f"{min(values):g}",
        high=f"{max(values):g}",
        from_us=from_us,
        until_us=until_us,
        count=len(points),
        line=" ".join(f"{x(us)},{y(value)}" for us, value in kept),
        last=(x(newest[0]), y(newest[1])),
        limits=[(y(limit), f"{limit:g}") for limit in limits],
        rows=[(us, f"{value:g}") for us, value in reversed(points[-MOST_ROWS:])],
    )


def thinned(points: _Points) -> _Points:
    """At most 120 points: of each stretch its lowest and its highest, so that no peak is lost."""
    if len(points) <= MOST_POINTS:
        return points
    size = -(-len(points) // (MOST_POINTS // 2))
    kept: _Points = []
    for n in range(0, len(points), size):
        stretch = points[n : n + size]
        ends = {min(stretch, key=lambda p: p[1]), max(stretch, key=lambda p: p[1])}
        kept += sorted(ends)
    return kept
