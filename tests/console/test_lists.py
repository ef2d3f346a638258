"""The board's numbers and the lists behind them, and boards that say they can be heard."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from bihuan.console.models import Listener
from bihuan.loop import rights as case_rights
from bihuan.loop.models import Case
from bihuan.register.rights import for_user
from tests.console.happened import happenings
from tests.console.place import MAY_SEE, ROLES, Place

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.parametrize("before", ["²", "x", "-1", "9" * 30, "9" * 5000])
def test_cases_before_something_that_is_no_number_is_not_found(place: Place, before: str) -> None:
    assert place.client("command").get("/cases/", {"before": before}).status_code == 404


@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 30])
def test_case_that_never_was_is_not_found(place: Place, number: str) -> None:
    client = place.client("command")
    for path in ("", "live", f"proof/{'0' * 64}"):
        assert client.get(f"/cases/{number}/{path}").status_code == 404


@pytest.mark.parametrize("fields", [{"state": "bogus"}, {"day": "yesterday"}])
def test_cases_by_an_unknown_filter_are_not_found(place: Place, fields: dict[str, str]) -> None:
    """A mistyped filter does not quietly become "all": a figure would be believed."""
    assert place.client("command").get("/cases/", fields).status_code == 404


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", {"closed", "asked", "asked again", "called in vain"}),
        ("state=awaiting_answer", {"called in vain"}),
        ("state=in_progress", {"asked again"}),
        ("state=awaiting_confirmation", {"asked"}),
        ("state=closed", {"closed"}),
        ("state=false_alarm", {"closed"}),
        ("state=no_reply", set()),
        ("day=today", {"closed", "asked", "asked again", "called in vain"}),
    ],
)
def test_cases_filter_in_the_address_lists_what_the_number_counts(
    place: Place, query: str, wanted: set[str]
) -> None:
    cases = happenings(place)
    page = place.client("command").get(f"/cases/?{query}").content.decode()
    assert {name for name, case_id in cases.items() if f'"/cases/{case_id}/"' in page} == wanted


def test_board_number_of_those_past_their_limit_is_the_list_behind_it(place: Place) -> None:
    """181 s without an answer, then the key is held again: its clock runs anew."""
    client = place.client("command")
    row = f'"/cases/{place.hold_key()}/"'
    for wait_s, number in ((179, 0), (2, 1)):
        place.wait(seconds=wait_s)
        board = client.get("/").content.decode()
        shown = board.split("?state=over")[1].split("</li>")[0]
        assert f'<span class="v">{number}</span>' in shown
        assert (row in client.get("/cases/?state=over").content.decode()) == bool(number)
    place.hold_key()
    assert row not in client.get("/cases/?state=over").content.decode()


def test_cases_list_goes_on_to_the_older_ones(place: Place) -> None:
    place.is_dispatching = False
    for _n in range(52):
        place.signal(place.subject())
    place.settle()
    client = place.client("command")
    first = client.get("/cases/").content.decode()
    older = re.search(r'href="(\?[^"]*before=\d+)"', first)
    assert older is not None
    second = client.get(f"/cases/{older.group(1).replace('&amp;', '&')}").content.decode()
    seen = [re.findall(r'href="/cases/(\d+)/"', page) for page in (first, second)]
    assert [len(page) for page in seen] == [50, 2]
    assert len({*seen[0], *seen[1]}) == Case.objects.count()


def test_board_warns_while_nobody_listens(place: Place) -> None:
    """A case waits and no board can be heard; one that reported within a minute stills it."""
    place.hold_key()
    client = place.client("command")
    assert "没有一个值守台能响铃" in client.get("/").content.decode()
    client.post("/listening", {"token": "a", "audible": "0"})
    assert "没有一个值守台能响铃" in client.get("/").content.decode()
    client.post("/listening", {"token": "a", "audible": "1"})
    assert "没有一个值守台能响铃" not in client.get("/").content.decode()
    place.wall.advance(seconds=61)
    assert "没有一个值守台能响铃" in client.get("/").content.decode()


@pytest.mark.parametrize("role", ["stranger", "neighbour"])
def test_board_that_does_not_show_the_case_does_not_ring_for_it(place: Place, role: str) -> None:
    """Their boards are open and loud, and empty: nobody hears this call there."""
    place.hold_key()
    place.client(role).post("/listening", {"token": role, "audible": "1"})
    assert "没有一个值守台能响铃" in place.client("command").get("/").content.decode()
    place.client("town").post("/listening", {"token": "town", "audible": "1"})
    assert "没有一个值守台能响铃" not in place.client("command").get("/").content.decode()


def test_listening_without_a_token_is_refused(place: Place) -> None:
    """Two boards without one would be one: a silent board would look as if it could be heard."""
    client = place.client("command")
    for token in ("", "x" * 37):
        assert client.post("/listening", {"token": token, "audible": "1"}).status_code == 422
    assert not Listener.objects.exists()


def test_board_says_that_time_is_held_to_those_who_act(place: Place) -> None:
    held = settings.BIHUAN_DATA / "run" / "time-held"
    held.parent.mkdir(exist_ok=True)
    held.write_text("86400000000")
    try:
        assert 'id="time-held"' in place.client("command").get("/").content.decode()
        assert 'id="time-held"' not in place.client("stranger").get("/").content.decode()
    finally:
        held.unlink()
    assert 'id="time-held"' not in place.client("command").get("/").content.decode()


@pytest.mark.parametrize("few", [0, 1, 2_000])
def test_list_is_of_all_that_one_may_see_however_it_is_found(
    place: Place, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Few cases are found by their own ways, many by going through everybody's: the same ones."""
    place.hold_key()
    place.signal(place.people.subject)
    place.reported()
    place.settle()
    monkeypatch.setattr(case_rights, "FEW", few)
    for role in ROLES:
        mine = for_user(place.person(role), place.clock.now_us())
        listed = set(case_rights.listed_for(mine).values_list("id", flat=True))
        assert listed == set(case_rights.cases_for(mine).values_list("id", flat=True)), role
        assert bool(listed) == (role in MAY_SEE), role
