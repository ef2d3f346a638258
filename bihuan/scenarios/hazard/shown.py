"""What pages show besides the common parts: a response as it stands, its after-action sheet, the
ledger's open rows. Villages stand in the order of the register, never ranked by speed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from bihuan.base.time import HOUR_US, MINUTE_US
from bihuan.loop.shows import Book, Overview, Panel, Row, Sheet
from bihuan.scenarios.hazard.ledger import GRADES, HAZARD, SITES
from bihuan.scenarios.hazard.moves import MOVE, people_over
from bihuan.scenarios.hazard.rain import HOURS, REACH_US, sums
from bihuan.scenarios.hazard.response import EVENTS, LEVELS, ROLES, TASK, UNIT

MOST_UNITS: Final = 20  # on the case of a warning; the others stand in the ledger
OPEN_HAZARDS: Final = ("found", "rectifying", "review", "passed")
LOOKS: Final = ("safety_office", "town_duty", "county_command", "flood_command", "village_duty")


def _word(book: Book, words: Iterable[tuple[str, tuple[str, str]]], code: object) -> str:
    n = 0 if book.language == "zh" else 1
    return next(
        (said[n] for name, said in words if name == code), "" if code is None else str(code)
    )


def _whole(said: object) -> int | None:
    return said if isinstance(said, int) and not isinstance(said, bool) else None


def _minutes(row: Row, act: str) -> int | None:
    """Whole minutes from a row's filing to an act; None while it was not done."""
    opened, done = _whole(row["opened_us"]), _whole(row.get(f"at.{act}"))
    return None if opened is None or done is None else (done - opened) // MINUTE_US


def _of_now(rows: Sequence[Row], since_us: int) -> list[Row]:
    return [row for row in rows if (_whole(row["opened_us"]) or 0) >= since_us]


def _task(book: Book, row: Row) -> dict[str, Any]:
    return {
        "row": row,
        "place": book.area(int(str(row["area_id"]))),
        "state": _word(book, TASK.states, row["state"]),
        "role": _word(book, ROLES, row["role"]),
        "took": _minutes(row, "confirm"),
        "is_open": row["state"] in ("open", "cannot"),
    }


def _move(book: Book, row: Row) -> dict[str, Any]:
    return {
        "row": row,
        "place": book.area(int(str(row["area_id"]))),
        "state": _word(book, MOVE.states, row["state"]),
        "took": _minutes(row, "moved"),
        "is_open": row["state"] in ("to_move", "refused"),
    }


def response(book: Book, unit_id: int) -> Mapping[str, Any]:
    """One unit: its level, its tasks and moves of this response, the last one where it is over."""
    unit = book.row(unit_id)
    if unit is None:
        return {"unit": None}
    since_us = _whole(unit.get("at.start")) or 0
    tasks = _of_now(book.rows("task", subject_id=unit_id), since_us)
    moves = _of_now(book.rows("move", subject_id=unit_id), since_us)
    order = [area_id for area_id, _name, _parent in book.areas()]
    place = {area_id: n for n, area_id in enumerate(order)}

    def by_place(row: Row) -> tuple[int, int]:
        return place.get(int(str(row["area_id"])), len(place)), int(str(row["id"]))

    return {
        "unit": unit,
        "state": _word(book, UNIT.states, unit["state"]),
        "is_responding": unit["state"] == "responding",
        "level": _word(book, LEVELS, unit["level"]) if since_us else "",
        "began_us": since_us or None,
        "ended_us": _whole(unit.get("at.end")),
        "tasks": [_task(book, row) for row in sorted(tasks, key=by_place)],
        "moves": [_move(book, row) for row in sorted(moves, key=by_place)],
        "open_tasks": sum(row["state"] in ("open", "cannot") for row in tasks),
        "to_move": _people(moves, "to_move"),
        "refused": _people(moves, "refused"),
        "moved": _people(moves, "moved"),
        "returned": _people(moves, "returned"),
    }


def _people(rows: Sequence[Row], *states: str) -> tuple[int, int]:
    """(homes, people) of the moves in these states."""
    found = [row for row in rows if row["state"] in states]
    return len(found), sum(_whole(row["people"]) or 0 for row in found)


def next_of_warning(book: Book, case_id: int) -> Mapping[str, Any]:
    """A warning's case: the units in its area, and whom each level of their tables would call."""
    case = book.case(case_id)
    if case is None:
        return {"units": [], "more": 0}
    inside = _within(book, int(str(case["area_id"])))
    units = [one for one in book.rows("unit") if one["area_id"] in inside]
    calls: dict[object, list[Row]] = {one["id"]: [] for one in units}
    for one in book.rows("measure", states=("valid",)):
        if one["calls"] and one["subject_id"] in calls:
            calls[one["subject_id"]].append(one)
    shown = [_would_call(book, one, calls[one["id"]]) for one in units[:MOST_UNITS]]
    return {"units": shown, "more": max(len(units) - MOST_UNITS, 0)}


def _within(book: Book, area_id: int) -> set[int]:
    """An area and all that lies in it."""
    found = {area_id}
    for one, _name, parent in book.areas():  # parents come first
        if parent in found:
            found.add(one)
    return found


def _would_call(book: Book, unit: Row, calls: Sequence[Row]) -> dict[str, Any]:
    is_responding = unit["state"] == "responding"
    return {
        "unit": unit,
        "state": _word(book, UNIT.states, unit["state"]),
        "level": _word(book, LEVELS, unit["level"]) if is_responding else "",
        "levels": _by_level(book, unit, calls),
    }


def _by_level(book: Book, unit: Row, calls: Sequence[Row]) -> list[dict[str, Any]]:
    """From IV up to I, what each level adds; a level that adds nothing is left out."""
    found = []
    for code, _words in reversed(LEVELS):
        mine = [one for one in calls if one["from_level"] == code]
        if mine:
            level = _word(book, LEVELS, code)
            found.append({"level": level, "calls": [_call(book, unit, one) for one in mine]})
    return found


def _call(book: Book, unit: Row, measure: Row) -> dict[str, Any]:
    where = _whole(measure["where"]) or _whole(unit["area_id"]) or 0
    return {
        "place": book.area(where),
        "role": _word(book, ROLES, measure["role"]),
        "what": measure["what"],
        "event": _word(book, EVENTS, measure["event"]),
    }


def after_action(book: Book, unit_id: int, _period: tuple[int, int] | None) -> Mapping[str, Any]:
    """The sheet after a response: what was ordered, who confirmed when, who was moved."""
    facts = response(book, unit_id)
    used = {one["row"]["shelter"] for one in facts.get("moves", ()) if one["row"]["shelter"]}
    found = [row for one in sorted(used) if (row := book.row(one)) is not None]
    return {**facts, "shelters": [_shelter(book, row) for row in found]}


def five(book: Book, row_id: int) -> Mapping[str, Any]:
    """A hazard's five items, and what is missing of them."""
    row = book.row(row_id)
    if row is None:
        return {"row": None}
    names = [
        ("owner", ("责任", "Responsibility")),
        ("measures", ("措施", "Measures")),
        ("funds", ("资金", "Funds")),
        ("deadline", ("时限", "Deadline")),
        ("plan", ("预案", "Plan")),
    ]
    items = [(_word(book, names, name), row[name] is not None) for name, _words in names]
    return {
        "row": row,
        "items": items,
        "missing": sum(not stands for _name, stands in items),
        "is_listed": row.get("at.list") is not None,
        "listed_us": row.get("at.list"),
        "is_major": row["grade"] == "major",
        "told": row["told"] is not None,
    }


def responses(book: Book) -> Mapping[str, Any]:
    """Every unit of defence in reach: those that respond first, then the others."""
    units = sorted(book.rows("unit"), key=lambda row: (row["state"] != "responding", row["id"]))
    return {
        "units": [{**response(book, int(str(row["id"]))), "name": row["name"]} for row in units],
        "shelters": [_shelter(book, row) for row in book.rows("shelter")],
    }


def _shelter(book: Book, row: Row) -> dict[str, Any]:
    """A shelter as it stands: people over its capacity, and people in one that is not open."""
    guests = _whole(row["guests_now"]) or 0
    return {
        "row": row,
        "place": book.area(int(str(row["area_id"]))),
        "guests": guests,
        "over": people_over(guests, row["beds"]),
        "is_open": row["state"] == "open",
    }


def shelter(book: Book, shelter_id: int) -> Mapping[str, Any]:
    """What a shelter's own page says of its capacity."""
    row = book.row(shelter_id)
    return {"shelter": None if row is None else _shelter(book, row)}


def move(book: Book, move_id: int) -> Mapping[str, Any]:
    """Where a home was taken: who is over there is told, and nobody was turned away."""
    row = book.row(move_id)
    if row is None or row["shelter_not_open"] is None:
        return {"over": None, "is_closed": False}
    return {"over": row["shelter_over"], "is_closed": row["shelter_not_open"]}


def ledger(book: Book) -> Mapping[str, Any]:
    """Hazards that are not cleared, overdue ones first; micro-parks are in the same ledger."""
    sites = {row["id"]: row for row in book.rows("site")}
    found = []
    for row in book.rows("hazard", states=OPEN_HAZARDS):
        site = sites.get(row["subject_id"])
        found.append(
            {
                "row": row,
                "site": site["name"] if site is not None else "",
                "kind": _word(book, SITES, site["kind_of"]) if site is not None else "",
                "place": book.area(int(str(row["area_id"]))),
                "state": _word(book, HAZARD.states, row["state"]),
                "grade": _word(book, GRADES, row["grade"]),
                "is_major": row["grade"] == "major",
                "deadline": row["deadline"],
                "is_listed": row.get("at.list") is not None,
            }
        )
    found.sort(key=lambda one: (not one["is_major"], str(one["deadline"] or "9999")))
    return {"hazards": found, "major": sum(one["is_major"] for one in found)}


def rain(book: Book, gauge_id: int) -> Mapping[str, Any]:
    """What fell at a gauge in its last hours: its own sums first, else those made of what it sends.

    rows  (hours, mm or None), by hours; empty where it measures no rain
    """
    gauge = book.row(gauge_id)
    if gauge is None or gauge["measures"] != "rain":
        return {"rows": []}
    now_us, since_us = book.now_us, book.now_us - REACH_US
    amounts = book.readings(gauge_id, "rain_step", since_us, now_us + 1)
    totals = book.readings(gauge_id, "rain_total", since_us, now_us + 1)
    made = sums(amounts, totals, now_us)
    found = []
    for hours in HOURS:
        own = book.readings(gauge_id, f"rain_{hours}h", now_us - HOUR_US, now_us + 1)
        good = [one.value for one in own if one.is_good]
        found.append((hours, good[-1] if good else made[hours]))
    return {"rows": found}


PANELS: Final = (
    Panel(
        on="case",
        kind="warning",
        title=("下一步：启动响应", "Next: start the response"),
        facts=next_of_warning,
        template="next.html",
    ),
    Panel(on="subject", kind="gauge", title=("雨量", "Rain"), facts=rain, template="rain.html"),
    Panel(
        on="subject",
        kind="shelter",
        title=("安置人数", "People here"),
        facts=shelter,
        template="shelter.html",
    ),
    Panel(
        on="record",
        kind="move",
        title=("安置场所", "The shelter"),
        facts=move,
        template="moved.html",
    ),
    Panel(on="subject", kind="unit", title=("本次响应", "This response"), facts=response),
    Panel(
        on="record",
        kind="hazard",
        title=("五落实与督办", "Five items and supervision"),
        facts=five,
        template="hazard.html",
    ),
)
SHEETS: Final = (
    Sheet(
        name="after_action",
        on="subject",
        kind="unit",
        title=("应急响应情况表", "After-action sheet"),
        facts=after_action,
        template="after_action.html",
        roles=LOOKS,
    ),
)
OVERVIEWS: Final = (
    Overview(
        name="response",
        title=("应急响应总览", "Responses"),
        facts=responses,
        template="responses.html",
        roles=LOOKS,
    ),
    Overview(
        name="ledger",
        title=("隐患台账总览", "Hazards not cleared"),
        facts=ledger,
        template="ledger.html",
        roles=LOOKS,
    ),
)
