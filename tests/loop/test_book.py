"""The county as one person may see it: rows, names, readings; a stranger's book is empty."""

from __future__ import annotations

from typing import Any

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import DAY_US, HOUR_US, MINUTE_US
from bihuan.journal.readings import NewReading, append_readings
from bihuan.loop.book.county import ALL, CountyBook
from bihuan.loop.book.done import Done
from bihuan.loop.book.rows import CaseView, Reader
from bihuan.loop.book.seen import seen_by
from bihuan.loop.models import Case
from bihuan.register.rights import for_user
from tests.console.place import ELDER, Place

pytestmark = pytest.mark.django_db(databases="__all__")
ELDER_CARE = "elder_care"


@pytest.fixture
def place(data: object, clock: object) -> Place:
    return Place(clock)  # type: ignore[arg-type]  # the movable clock of every test


def book(
    place: Place,
    role: str,
    opens: frozenset[int] | None = frozenset(),
    *,
    is_logged: bool = False,
) -> CountyBook:
    now_us = place.clock.now_us()
    seen = seen_by(for_user(place.person(role), now_us), ELDER_CARE)
    return CountyBook(seen, now_us, "zh", place.keys, opens, is_logged=is_logged)


def measure(place: Place, minutes_ago: int, value: float, stored_ago: int | None = None) -> int:
    """One heart rate; its time."""
    people, now_us = place.people, place.clock.now_us()
    at_us = now_us - minutes_ago * MINUTE_US
    row = NewReading(
        people.subject, people.device, 1, "heart_rate", "/min", at_us, value, 0, now_us
    )
    append_readings([row], seen0=place.position, clock=place.clock)
    return at_us


def test_book_masks_names_but_of_what_is_opened_or_near(place: Place) -> None:
    subject = place.people.subject

    def name(role: str, opens: frozenset[int] | None = frozenset()) -> object:
        row = book(place, role, opens).row(subject)
        return None if row is None else row["name"]

    assert name("village") == "王**"
    assert name("village", frozenset({subject})) == ELDER
    assert name("village", ALL) == ELDER
    assert name("family") == ELDER, "her own mother"
    assert name("stranger", ALL) is None
    assert name("neighbour", ALL) is None


def test_book_of_a_stranger_is_empty(place: Place) -> None:
    case = place.hold_key()
    measure(place, 5, 77.0)
    now_us = place.clock.now_us()
    theirs = book(place, "stranger", ALL)
    assert theirs.rows("elder") == []
    assert theirs.case(case) is None
    assert theirs.cases() == []
    assert (
        list(theirs.readings(place.people.subject, "heart_rate", 0 + now_us - DAY_US, now_us)) == []
    )
    assert theirs.areas() == []
    mine = book(place, "village")
    assert [row["id"] for row in mine.rows("elder")] == [place.people.subject]
    assert [one["id"] for one in mine.cases(("sos",), is_open=True)] == [case]
    assert mine.cases(is_open=False) == []
    assert [name for _id, name, _parent in mine.areas()] == ["石桥村"]


def test_book_gives_readings_by_their_own_time(place: Place) -> None:
    """From the first moment until before the last, whatever the order they came in."""
    late = measure(place, 90, 88.0)
    early = measure(place, 150, 66.0)
    other = measure(place, 10, 99.0)
    place.wall.advance(minutes=1)
    mine = book(place, "family")
    found = mine.readings(place.people.subject, "heart_rate", early, other)
    assert [(one.at_us, one.value, one.is_good) for one in found] == [
        (early, 66.0, True),
        (late, 88.0, True),
    ]
    assert list(mine.readings(place.people.subject, "battery", early, other + HOUR_US)) == []
    with pytest.raises(BadInputError, match="31 days"):
        mine.readings(place.people.subject, "heart_rate", 0, other)


def test_book_refuses_a_filter_that_is_none(place: Place) -> None:
    with pytest.raises(BadInputError, match="nothing"):
        book(place, "village").rows("elder", where={"nothing": 1})
    with pytest.raises(BadInputError, match="asleep"):
        book(place, "village").rows("elder", states=("asleep",))


def test_book_gives_columns_to_whom_it_gives_rows_and_nothing_sealed(place: Place) -> None:
    subject = place.people.subject
    mine = book(place, "village", ALL)
    [(row_id, area_id)] = mine.columns("elder", ("id", "area_id"))
    row = mine.row(subject)
    assert row is not None
    assert (row_id, area_id) == (subject, row["area_id"])
    assert book(place, "family").columns("elder", ("id",)) == [(subject,)]
    for role in ("stranger", "neighbour"):
        assert book(place, role, ALL).columns("elder", ("id",)) == []
    for field in ("illness", "name", "nothing"):
        with pytest.raises(BadInputError, match=field):
            mine.columns("elder", ("id", field))
    with pytest.raises(BadInputError, match="unheard"):
        mine.columns("unheard", ("id",))


def test_book_row_lists_its_computed_fields_and_every_known_name(place: Place) -> None:
    row = book(place, "village").row(place.people.subject)
    assert row is not None
    assert len(row) == len(list(row)) == len(set(row))
    for name in ("id", "kind", "state", "area_id", "subject_id", "opened_us", "person_id"):
        assert name in row
    assert dict(row)["id"] == place.people.subject


def test_book_names_who_acted_in_full_only_where_the_view_is_logged(place: Place) -> None:
    """The secretary took it; a list shows that masked, who holds no post there learns nothing."""
    case = place.hold_key()
    place.do("take", place.people.secretary)

    def who(role: str, *, is_logged: bool) -> object:
        found = book(place, role, is_logged=is_logged).case(case)
        return None if found is None else found["who.taken"]

    assert who("town", is_logged=True) == "沈文启"
    assert who("town", is_logged=False) == "沈**"
    assert who("family", is_logged=True) == "", "a daughter sees the case and holds no post"
    assert who("neighbour", is_logged=True) is None, "another village's"
    assert who("stranger", is_logged=True) is None
    found = book(place, "town", is_logged=True).case(case)
    assert found is not None
    assert found["at.taken"] == Case.objects.get(id=case).answered_us
    assert (found["who.reported"], found["at.reported"]) == ("", None), "nobody did that yet"
    assert not [name for name in found if "." in name], "names come by name alone"


def test_book_reads_the_timelines_of_many_cases_at_once(
    place: Place, django_assert_num_queries: Any
) -> None:
    place.hold_key()
    place.do("take", place.people.secretary)
    mine = book(place, "town", is_logged=True)
    mine.areas()
    (found,) = mine.cases()
    with django_assert_num_queries(2, using="default"):  # the timelines, and who is named there
        said = [found[name] for name in ("who.taken", "at.taken", "who.taken", "who.closed")]
    assert said[0] == said[2] == "沈文启"
    assert said[3] == ""


def test_book_does_not_name_who_a_sealed_case_comes_from(place: Place) -> None:
    case = Case.objects.get(id=place.reported())
    reader = Reader(place.clock.now_us(), frozenset, lambda _area, ids: f"{ids}")
    secretary = place.people.secretary
    assert CaseView(case, Done([case.id]), reader)["who.reported"] == f"[{secretary}]"
    case.is_sealed, case.origin_id = True, secretary
    assert CaseView(case, Done([case.id]), reader)["who.reported"] == f"[{secretary}]", (
        "what was done in a post stays under its name: a gap would say who it was"
    )
    done = Done([case.id])
    line = done.line(case, "reported")
    assert line is not None
    line.role = "origin"
    assert CaseView(case, done, reader)["who.reported"] == ""
