"""Every page asks the database a fixed number of questions, however many cases there are."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bihuan.loop.models import Case
from tests.console.place import Place

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.sqlite_only(reason="the same code asks on both; pinned once"),
]

# with nothing to show, nothing more is asked
EMPTY = {"/": 30, "/board/live": 28, "/cases/": 20}
PINNED = {"/": 42, "/board/live": 40, "/cases/": 29}
SHARED = 26  # somebody who sees the same asked in the same second: only what decides that
WAITING, IN_HAND = 93, 93  # a case page with its panel; what may be done is asked once


def asked(place: Place, path: str, role: str = "command") -> int:
    """How many queries a page makes, the session's and the county's own among them."""
    client = place.client(role)
    client.get("/")  # what a process asks once, it has asked
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def with_cases(place: Place, number: int) -> None:
    """Open cases of as many elders: a third in hand, a third reported, a third waiting."""
    for n in range(number):
        place.signal(place.subject())
        if n % 10 == 9:
            place.settle()
    place.settle()
    for n, case_id in enumerate(Case.objects.order_by("id").values_list("id", flat=True)):
        if n % 3:
            place.do("take", place.people.secretary, case=case_id)
        if n % 3 == 2:
            place.do("report", place.people.secretary, case=case_id)


def test_lists_without_a_case_ask_a_fixed_number_of_questions(place: Place) -> None:
    assert {path: asked(place, path) for path in EMPTY} == EMPTY


@pytest.mark.parametrize("number", [3, 50])
def test_lists_ask_as_much_for_fifty_cases_as_for_three(place: Place, number: int) -> None:
    with_cases(place, number)
    assert Case.objects.count() == number
    assert {path: asked(place, path) for path in PINNED} == PINNED


def test_part_of_the_board_that_is_made_already_asks_little(place: Place) -> None:
    with_cases(place, 3)
    client = place.client("command")
    client.get("/board/live")
    with CaptureQueriesContext(connection) as queries:
        client.get("/board/live")
    assert len(queries) == SHARED


def test_case_page_asks_a_fixed_number_of_questions(place: Place) -> None:
    case_id = place.hold_key()
    assert asked(place, f"/cases/{case_id}/") == WAITING
    place.do("take", place.people.secretary)
    assert asked(place, f"/cases/{case_id}/") == IN_HAND


def test_case_page_with_a_long_story_asks_no_more(place: Place) -> None:
    """Three rounds of calling on three steps, and thirty lines of progress."""
    case_id = place.hold_key()
    for _round in range(2):
        place.wait(minutes=10)
        place.hold_key()
    place.do("take", place.people.secretary)
    for _line in range(30):
        place.do("progress", place.people.secretary)
    assert asked(place, f"/cases/{case_id}/") == IN_HAND


def test_phone_asks_a_fixed_number_of_questions(place: Place) -> None:
    first = place.hold_key()
    one = asked(place, place.phone("village"))
    with_cases(place, 8)
    assert Case.objects.get(id=first).id == first
    assert asked(place, place.phone("village")) == one
