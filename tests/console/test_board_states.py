"""Whatever is open stands on the board, in each state that a case can have, once."""

from __future__ import annotations

import re

import pytest
from django.db import connections

from bihuan.console import words
from bihuan.loop.models import Case
from tests.console.place import Place

pytestmark = pytest.mark.django_db(databases="__all__")

OPEN = [state for state in words.STATES if state != "closed"]


@pytest.mark.parametrize("state", OPEN)
def test_open_case_stands_on_the_board_once(state: str, place: Place) -> None:
    """A case that nobody has taken on is the last that may be out of sight."""
    case_id = place.hold_key()
    with connections["default"].cursor() as cursor:  # the row alone: which page shows which state
        said = "state = %s, owner_id = %s"
        args = [state, None if state == "awaiting_answer" else place.people.secretary]
        cursor.execute(f"UPDATE {Case._meta.db_table} SET {said}", args)
    client = place.client("command")
    for page in (client.get("/"), client.get("/board/live")):
        rows = re.findall(r'<li class="[^"]*" id="case-(\d+)"', page.content.decode())
        assert rows == [str(case_id)], state
    assert client.get(f"/cases/?state={state}").content.decode().count(f"/cases/{case_id}/") >= 1


def test_closed_case_leaves_the_board(place: Place) -> None:
    place.hold_key()
    with connections["default"].cursor() as cursor:
        said = "state = 'closed', outcome = 'confirmed', closed_us = opened_us"
        cursor.execute(f"UPDATE {Case._meta.db_table} SET {said}")
    assert 'id="case-' not in place.client("command").get("/").content.decode()
