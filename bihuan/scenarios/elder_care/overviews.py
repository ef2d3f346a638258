"""Over many elders: which village has which place, who came; who was looked in on in the heat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from bihuan.base.time import CHINA, datetime_of
from bihuan.loop.shows import Book, Overview, Row
from bihuan.scenarios.elder_care.daily import FRAIL, heat_now
from bihuan.scenarios.elder_care.looks import day_begins
from bihuan.scenarios.elder_care.records_place import HEAT, PLACE

DAYS = 30
SORTS = next(field.choices for field in PLACE.fields if field.name == "sort")
LEVELS = dict(next(field.choices for field in HEAT.fields if field.name == "level"))


def coverage(book: Book) -> Mapping[str, Any]:
    """Villages with elders, and what serves each; places, and who came in thirty days.

    A place stands in its own village and serves what its coverage names besides; one that is
    shut serves nobody. Visits count in the village of the place.
    """
    places = book.rows("place")
    times = _times(book)
    serves = _serves(book, places)
    elders = Counter(_whole(one["area_id"]) for one in book.rows("elder"))
    by_area = Counter[int]()
    for one in places:
        by_area[_whole(one["area_id"])] += times[_whole(one["id"])]
    names = {area_id: name for area_id, name, _parent in book.areas()}
    known = sorted({*elders, *(area for area, _sort in serves)} & set(names))
    return {
        "sorts": [title for _value, title in SORTS],
        "villages": [
            {
                "name": names[area],
                "elders": elders[area],
                "places": [serves[area, value] for value, _title in SORTS],
                "times": by_area[area],
            }
            for area in known
        ],
        "places": [_shown(book, one, times) for one in places],
    }


def _times(book: Book) -> Counter[int]:
    """Visits of the last thirty days by place; what was entered late counts on its own day."""
    since = _day(book) - timedelta(days=DAYS - 1)
    found = Counter[int]()
    for one in book.rows("attendance", where={"on": (since.isoformat(), _day(book).isoformat())}):
        found[_whole(one["subject_id"])] += _whole(one["times"])
    return found


def _serves(book: Book, places: Sequence[Row]) -> Counter[tuple[int, str]]:
    sort_of = {
        _whole(one["id"]): (str(one["sort"]), _whole(one["area_id"]))
        for one in places
        if one["state"] != "shut"
    }
    pairs = {(area, sort, place) for place, (sort, area) in sort_of.items()}
    for one in book.rows("coverage", states=("on",)):
        place = _whole(one["subject_id"])
        if place in sort_of:
            pairs.add((_whole(one["covers"]), sort_of[place][0], place))
    return Counter((area, sort) for area, sort, _place in pairs)


def _shown(book: Book, place: Row, times: Counter[int]) -> Mapping[str, Any]:
    came = book.rows("attendance", subject_id=_whole(place["id"]))
    last = max((str(one["on"]) for one in came), default=None)
    return {
        "name": place["name"],
        "sort": dict(SORTS).get(str(place["sort"]), ("", "")),
        "is_shut": place["state"] == "shut",
        "covers": place["covers"],
        "times": times[_whole(place["id"])],
        "last": last,
    }


def heat(book: Book) -> Mapping[str, Any]:
    """On a day of official heat: who lives alone or is frail, and who was met today."""
    warned = heat_now(book)
    begins = day_begins(book.now_us)
    met = {
        one["subject_id"]
        for one in book.rows("visit", where={"seen": (begins, book.now_us), "met": True})
    }
    frail = [one for one in book.rows("elder") if one["living"] == "alone" or one["risk"] in FRAIL]
    wanted = Counter(_whole(one["area_id"]) for one in frail)
    seen = Counter(_whole(one["area_id"]) for one in frail if one["id"] in met)
    return {
        "heat": None if warned is None else {**warned, "level": LEVELS[str(warned["level"])]},
        "villages": [
            {
                "name": book.area(area),
                "frail": n,
                "met": seen[area],
                "left": n - seen[area],
            }
            for area, n in sorted(wanted.items(), key=lambda one: seen[one[0]] - one[1])
        ],
    }


def _day(book: Book) -> date:
    return datetime_of(book.now_us).astimezone(CHINA).date()


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


OVERVIEWS = (
    Overview(
        name="coverage",
        title=("养老服务点与覆盖", "Places and whom they serve"),
        facts=coverage,
        template="coverage.html",
        roles=("town_duty", "county_command"),
    ),
    Overview(
        name="heat",
        title=("高温日看望", "Looked in on in the heat"),
        facts=heat,
        template="heat.html",
        roles=("village_duty", "town_duty", "county_command"),
    ),
)
