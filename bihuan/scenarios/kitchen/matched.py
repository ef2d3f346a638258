"""What devices measured of a batch: readings of its line's control points within each step's time.

A control point that belongs to another line is none of its; one without a line serves them all.
What a device says can only shorten what the entries by hand prove: which box a batch is in is
known by its line alone, so a warm reading counts against it and a hot one proves nothing more.
Air is never taken for core: a cold store's air is judged by its own rule and shortens no time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from bihuan.base.time import DAY_US, MINUTE_US
from bihuan.loop.shows import Book, Measured, Row
from bihuan.register.scheme import Value, Words
from bihuan.scenarios.kitchen import times
from bihuan.scenarios.kitchen.limits import limit, said, span_us

NEAR_US: Final = 5 * MINUTE_US  # a probe's own readings around the moment a person wrote down [K]
ODD_US: Final = 5 * MINUTE_US  # of a core: one odd reading is none, as the rules say [K]
DOOR_US: Final = 20 * MINUTE_US  # of air: how long a door may stand open, as the rules say [K]
CORE, AIR = "core_temperature", "air_temperature"
ENDS: Final = ("at.finish", "at.discard", "at.recall")  # no more of it is kept for a meal
CURVE: Final = "cool_first, cool_second"


class Against(NamedTuple):
    """A core temperature that a device measured and that counts against the batch.

    entry_id  the entry by hand that it contradicts (the batch itself: its cooking); 0 = none
    """

    entry_id: int
    at_us: int
    core_c: float
    step: str


@dataclass(frozen=True, slots=True)
class Matched:
    """A step of a batch and what one control point measured in its time; temperatures in ℃.

    is_beyond  None where too little was measured to say, or the probe stood still
    is_still   the same value to its last digit for two hours: it is asked whether the probe lives
    """

    step: Words
    point: str
    instrument: str
    channel: str
    from_us: int
    until_us: int
    count: int
    bad: int
    least: float | None
    most: float | None
    is_beyond: bool | None
    limit: str
    against: Against | None = None
    is_still: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """When a step of a batch was: µs, from-to, and by which kind of control point.

    entry_id  the entry by hand around which it lies; 0 = none
    """

    step: str
    kind: str
    channel: str
    from_us: int
    until_us: int
    entry_id: int = 0


Judged = tuple[bool | None, str, Against | None]
Judge = Callable[[Row, Window, Sequence[Measured]], Judged]


def windows(batch: Row, checks: Sequence[Row], now_us: int) -> list[Window]:
    """The steps of a batch in which control points of its line measure it.

    Hot food stands in a box from its packing or its first hold entry, whichever is earlier, until
    it leaves. Chilled food is in the chiller from cooking until an entry of 8 ℃, then in a store.
    """
    start_us = times.done_us(batch, checks)
    if start_us is None:
        return []
    ends = [times.moment(batch.get(name)) for name in ("gone", *ENDS)]
    life = "chilled_life" if batch.get("keeping") == times.CHILLED else "hot_life"
    end_us = min([us for us in ends if us is not None] + [start_us + span_us(life, start_us)])
    end_us = min(end_us, now_us + 1)
    if batch.get("keeping") != times.CHILLED:
        into = [times.moment(row["at"]) for row in checks if row["step"] == "hold"]
        known = [us for us in [*into, times.moment(batch.get("at.pack"))] if us is not None]
        found = [Window("hold", "hot_box", CORE, min(known), end_us)] if known else []
    else:
        cold_us = times.cold_us(start_us, checks)
        until_us = end_us if cold_us is None else min(cold_us + 1, end_us)
        found = [Window("chill", "chiller", CORE, start_us, until_us)]
        if cold_us is not None:
            found.append(Window("store", "cold_store", AIR, cold_us, end_us))
    return [one for one in found if one.from_us < one.until_us]


def matched(
    book: Book, batch: Row, checks: Sequence[Row], words: Mapping[str, Words]
) -> list[Matched]:
    """Every step of a batch in which a device measured something, in the order of time."""
    found = []
    for window in windows(batch, checks, book.now_us):
        for point in _points(book, batch, window.kind):
            measured = _measured(book, point, window)
            found.append(_matched(batch, window, point, measured, words))
    for row in _taken(batch, checks):
        at_us = times.past(row, "at")
        point_id = times.moment(row.get("probe"))
        probe = None if point_id is None else book.row(point_id)
        if at_us is None or probe is None:
            continue
        step = str(row["step"])
        span = (at_us - NEAR_US, at_us + NEAR_US + 1)
        window = Window(step, "core_probe", CORE, *span, entry_id=times.moment(row["id"]) or 0)
        measured = _measured(book, probe, window)
        found.append(_matched(batch, window, probe, measured, words))
    return sorted((one for one in found if one.count + one.bad), key=lambda one: one.from_us)


def eat_by(batch: Row, checks: Sequence[Row], found: Sequence[Matched]) -> int | None:
    """Until when it may be eaten by entries and devices together: never later than by the entries.

    None = not at all, or not yet. Two people who release in spite of a deviation judge what a box
    said until then: which box a batch is in no device knows. Of the cooking nobody judges.
    """
    by_us, against = times.eat_by(batch, checks), objections(batch, found)
    if by_us is None or not against:
        return by_us
    instead = {one.entry_id: one.core_c for one in against}
    rows = [{**_only(row, TAKEN), "core": instead.get(_id(row), row["core"])} for row in checks]
    rows += [
        {"at": one.at_us, "core": one.core_c, "step": one.step}
        for one in against
        if not one.entry_id
    ]
    cooked = {**_only(batch, COOKED), "core": instead.get(_id(batch), batch["core"])}
    with_us = times.eat_by(cooked, rows)
    return None if with_us is None else min(by_us, with_us)


def objections(batch: Row, found: Sequence[Matched]) -> list[Against]:
    """What devices say against a batch and nobody has judged."""
    judged_us = times.moment(batch.get("at.release_deviating")) or 0
    against = [one.against for one in found if one.against is not None]
    return [one for one in against if one.step == "cook" or one.at_us > judged_us]


TAKEN: Final = ("at", "step", "opened_us")
COOKED: Final = ("cooked", "keeping", "opened_us")


def _only(row: Row, names: tuple[str, ...]) -> dict[str, Value]:
    return {name: row.get(name) for name in names}


def _id(row: Row) -> int:
    return times.moment(row["id"]) or 0


def _points(book: Book, batch: Row, kind: str) -> list[Row]:
    its = book.rows(kind, where={"supplier": batch["subject_id"]})
    return [one for one in its if one.get("line") in (None, batch.get("line"))]


def _taken(batch: Row, checks: Sequence[Row]) -> list[dict[str, Value]]:
    """What people wrote down with a probe in the hand, the cooking itself among it."""
    cooked: dict[str, Value] = {
        "id": batch["id"],
        "step": "cook",
        "at": batch.get("cooked"),
        "opened_us": batch.get("opened_us"),
        "probe": batch.get("probe"),
    }
    return [cooked, *(_only(row, tuple(cooked)) for row in checks)]


def _measured(book: Book, point: Row, window: Window) -> Sequence[Measured]:
    until_us = min(window.until_us, window.from_us + 2 * DAY_US, book.now_us + 1)
    point_id = times.moment(point["id"])
    if point_id is None or until_us <= window.from_us:
        return ()
    return book.readings(point_id, window.channel, window.from_us, until_us)


def _matched(
    batch: Row,
    window: Window,
    point: Row,
    measured: Sequence[Measured],
    words: Mapping[str, Words],
) -> Matched:
    good = [one for one in measured if one.is_good]
    values = [one.value for one in good]
    is_beyond, by, against = _JUDGES[window.kind](batch, window, good) if good else (None, "", None)
    still = still_run(good) is not None
    if still and not is_beyond:
        is_beyond = None  # a dead probe bears nothing out; what it says against the batch counts
    return Matched(
        step=words[window.step],
        point=str(point["name"]),
        instrument=str(point["instrument"]),
        channel=window.channel,
        from_us=window.from_us,
        until_us=window.until_us - 1,
        count=len(good),
        bad=len(measured) - len(good),
        least=min(values, default=None),
        most=max(values, default=None),
        is_beyond=is_beyond,
        limit=by,
        against=against,
        is_still=still,
    )


def still_run(readings: Sequence[Measured]) -> Measured | None:
    """The first reading of a run of one value as long as `still` says; None = none."""
    if not readings:
        return None
    begun: Measured | None = None
    count, at_us = 0, readings[0].at_us
    lasts_us, fewest = limit("still", at_us) * MINUTE_US, limit("still_count", at_us)
    for one in readings:
        if begun is None or one.value != begun.value:
            begun, count = one, 0
        count += 1
        if one.at_us - begun.at_us >= lasts_us and count >= fewest:
            return begun
    return None


def first_run(
    readings: Sequence[Measured], is_beyond: Callable[[float], bool], lasting_us: int
) -> Measured | None:
    """The first reading of a run beyond a limit that lasts so long (µs); None = there is none."""
    begun: Measured | None = None
    for one in readings:
        begun = (begun or one) if is_beyond(one.value) else None
        if begun is not None and one.at_us - begun.at_us >= lasting_us:
            return begun
    return None


def _of_box(_batch: Row, window: Window, good: Sequence[Measured]) -> Judged:
    least = limit("hot_hold", window.from_us)
    fell = first_run(good, lambda core_c: core_c < least, ODD_US)
    against = None if fell is None else Against(0, fell.at_us, fell.value, window.step)
    return fell is not None, said("hot_hold", window.from_us), against


def _of_chiller(_batch: Row, window: Window, good: Sequence[Measured]) -> Judged:
    """By the curve, from the last reading of 60 ℃; a chiller that was never hot had nothing in."""
    hot_c, middle_c, cold_c = (
        limit(name, window.from_us) for name in ("hot_hold", "middle", "chilled")
    )
    hot_us = max((one.at_us for one in good if one.value >= hot_c), default=None)
    if hot_us is None:
        return None, CURVE, None
    after = [one for one in good if one.at_us >= hot_us]
    now_us = after[-1].at_us
    middle_us = next((one.at_us for one in after if one.value <= middle_c), None)
    cold_us = next((one.at_us for one in after if one.value <= cold_c), None)
    is_slow = (middle_us or now_us) - hot_us > span_us("cool_first", hot_us)
    if middle_us is not None:
        is_slow = is_slow or (cold_us or now_us) - middle_us > span_us("cool_second", hot_us)
    return (True if is_slow else None if cold_us is None else False), CURVE, None


def _of_store(_batch: Row, window: Window, good: Sequence[Measured]) -> Judged:
    most = limit("chilled", window.from_us)
    warm = first_run(good, lambda air_c: air_c > most, DOOR_US)
    return warm is not None, said("chilled", window.from_us), None


def _of_probe(batch: Row, window: Window, good: Sequence[Measured]) -> Judged:
    """By what a probe in the food settles at: the most of hot food, the least of chilled."""
    is_cold = batch.get("keeping") == times.CHILLED and window.step != "cook"
    settled = (min if is_cold else max)(good, key=lambda one: one.value)
    row: dict[str, Value] = {"at": settled.at_us, "core": settled.value, "step": window.step}
    against = Against(window.entry_id, settled.at_us, settled.value, window.step)
    is_beyond = times.is_deviation(row, batch)
    return is_beyond, times.limit_of(row, batch), against if is_beyond else None


_JUDGES: Final[dict[str, Judge]] = {
    "hot_box": _of_box,
    "chiller": _of_chiller,
    "cold_store": _of_store,
    "core_probe": _of_probe,
}
