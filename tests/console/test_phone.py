"""Phones on the screen: they ring while they are open, and a call is answered without a login."""

from __future__ import annotations

import pytest
from django.core import signing
from django.test import Client

from bihuan.console.phone import SALT, phone_token
from bihuan.loop import entries
from bihuan.loop.models import Case, Delivery
from tests.console.place import DAUGHTER_PHONE, ELDER_PHONE, Place
from tests.loop.test_faults import broken

pytestmark = pytest.mark.django_db(databases="__all__")

IDLE = "开机待命"
RINGS, SPEAKS = 'class="ring rings"', 'class="ring speaks"'


def screen(place: Place, role: str) -> str:
    answer = Client().get(f"{place.phone(role)}live")
    assert answer.status_code == 200
    return answer.content.decode()


def tap(place: Place, role: str, do: str, delivery: Delivery | int | str) -> int:
    number = delivery.id if isinstance(delivery, Delivery) else delivery
    said = {"do": do, "delivery": str(number)}
    return Client().post(f"{place.phone(role)}act", said).status_code


def test_phone_rings_while_its_page_is_open(place: Place) -> None:
    assert IDLE in screen(place, "village")
    place.hold_key()
    shown = screen(place, "village")
    assert RINGS in shown
    assert f'data-ring="{place.call_of("village").id},"' in shown
    assert IDLE in screen(place, "stranger")


def test_phone_whose_page_is_closed_does_not_ring(place: Place) -> None:
    """Its page was last seen 16 s ago; the line allows 15."""
    Client().get(place.phone("village"))
    Client().get(place.phone("family"))
    place.on = set()
    place.wall.advance(seconds=10)
    Client().get(f"{place.phone('family')}live")  # what an open page fetches
    place.wall.advance(seconds=6)
    place.hold_key()
    assert place.call_of("village").state == "off"
    assert place.call_of("family").state == "delivered"


def test_phone_answered_speaks_and_the_case_still_waits(place: Place) -> None:
    case_id = place.hold_key()
    assert tap(place, "village", "answer", place.call_of("village")) == 302
    shown = screen(place, "village")
    assert SPEAKS in shown
    assert "王桂兰在" in shown
    assert 'data-ring=""' in shown
    assert Case.objects.get(id=case_id).state == "awaiting_answer"
    assert place.call_of("village").state == "answered"


def test_phone_go_takes_the_case(place: Place) -> None:
    case_id = place.hold_key()
    call = place.call_of("village")
    for do in ("answer", "go", "go"):
        assert tap(place, "village", do, call) == 302
    case = Case.objects.get(id=case_id)
    assert (case.state, case.owner_id) == ("in_progress", place.people.secretary)
    assert place.happened().count("taken") == 1
    assert "由你处置" in screen(place, "village")


def test_phone_is_answered_by_a_browser_that_keeps_no_cookies(place: Place) -> None:
    """The link itself is the secret that another site does not know. An idle phone has no form
    and sets no cookie; when it rang, two phones in one browser were each given a token of their
    own, and pressing 接听 on the first was answered with 403.
    """
    Client(enforce_csrf_checks=True).get(place.phone("village"))
    place.hold_key()
    for do in ("answer", "go"):
        said = {"do": do, "delivery": str(place.call_of("village").id)}
        fresh = Client(enforce_csrf_checks=True)
        assert fresh.post(f"{place.phone('village')}act", said).status_code == 302
    assert place.case.owner_id == place.people.secretary


def test_phone_declined_is_known_and_rings_no_more(place: Place) -> None:
    place.hold_key()
    assert tap(place, "village", "decline", place.call_of("village")) == 302
    assert place.call_of("village").state == "declined"
    assert IDLE in screen(place, "village")
    assert "拒接" in place.client("command").get("/").content.decode()


def test_phone_that_rang_out_rings_no_more_and_the_board_says_so(place: Place) -> None:
    """45 s of ringing (ScreenChannel.ring_s); then nobody is told that it still rings."""
    place.hold_key()
    place.wait(seconds=46)
    assert place.call_of("village").state == "no_answer"
    assert RINGS not in screen(place, "village")
    board = place.client("command").get("/").content.decode()
    assert "无人接" in board
    assert "响铃中" not in board


def test_phone_answered_just_after_it_rang_out_is_an_answer(place: Place) -> None:
    place.hold_key()
    call = place.call_of("village")
    place.wait(seconds=46)
    assert tap(place, "village", "go", call) == 302
    assert place.call_of("village").state == "confirmed"
    assert place.case.owner_id == place.people.secretary


def test_phone_that_rang_out_offers_to_go_until_somebody_has_it(place: Place) -> None:
    """Missed calls are answered late; once the case is in hand nothing is offered any more."""
    place.hold_key()
    call = place.call_of("village")
    place.wait(seconds=46)
    shown = screen(place, "village")
    assert f'id="missed-{call.id}"' in shown
    assert 'value="go"' in shown
    assert IDLE not in shown
    assert f'id="missed-{call.id}"' not in screen(place, "stranger")
    tap(place, "family", "go", place.call_of("family"))
    assert f'id="missed-{call.id}"' not in screen(place, "village")


def test_phone_of_who_was_slower_says_who_has_it(place: Place) -> None:
    case_id = place.hold_key()
    tap(place, "village", "go", place.call_of("village"))
    assert tap(place, "family", "go", place.call_of("family")) == 302
    shown = screen(place, "family")
    assert "由 沈文启 处置" in shown
    assert RINGS not in shown
    assert Case.objects.get(id=case_id).owner_id == place.people.secretary


@pytest.mark.parametrize(
    "token",
    [
        "no-token",
        "1:abc",
        signing.dumps(1, salt="another"),
        phone_token(1)[:-1] + "!",
        phone_token(1),  # signed by us, of nobody
    ],
    ids=["no token", "not signed", "signed for something else", "cut", "of nobody"],
)
def test_phone_with_a_bad_token_is_not_found(place: Place, token: str) -> None:
    place.hold_key()
    said = {"do": "go", "delivery": str(place.call_of("village").id)}
    assert Client().get(f"/phone/{token}/").status_code == 404
    assert Client().get(f"/phone/{token}/live").status_code == 404
    assert Client().post(f"/phone/{token}/act", said).status_code == 404
    assert place.case.state == "awaiting_answer"


def test_phone_token_is_bound_to_its_purpose(place: Place) -> None:
    assert signing.loads(phone_token(place.people.secretary), salt=SALT) == place.people.secretary
    with pytest.raises(signing.BadSignature):
        signing.loads(phone_token(place.people.secretary))


@pytest.mark.parametrize("do", ["answer", "go", "decline", "solved"])
def test_phone_cannot_answer_another_person_s_call(place: Place, do: str) -> None:
    place.hold_key()
    call = place.call_of("village")
    for role in ("family", "stranger", "neighbour"):
        assert tap(place, role, do, call) == 404
    assert place.call_of("village").state == "delivered"
    assert place.case.state == "awaiting_answer"


@pytest.mark.parametrize("number", ["", "x", "-1", "²", "9" * 30, "9" * 5000])
def test_phone_act_on_no_call_is_not_found(place: Place, number: str) -> None:
    assert tap(place, "village", "answer", number) == 404


def test_phone_act_of_an_unknown_name_is_not_found(place: Place) -> None:
    place.hold_key()
    assert tap(place, "village", "close", place.call_of("village")) == 404


@pytest.mark.parametrize(
    ("do", "state", "outcome"),
    [("solved", "closed", "confirmed"), ("not_solved", "in_progress", None)],
)
def test_phone_asks_the_family_and_takes_its_word(
    place: Place, do: str, state: str, outcome: str | None
) -> None:
    case_id = place.reported()
    ask = place.call_of("family", "ask")
    shown = screen(place, "family")
    assert f'id="ask-{ask.id}"' in shown
    for _time in range(2):
        assert tap(place, "family", do, ask) == 302
    case = Case.objects.get(id=case_id)
    assert (case.state, case.outcome) == (state, outcome)
    assert f'id="ask-{ask.id}"' not in screen(place, "family")
    assert place.happened().count(do) == 1


def test_phone_does_not_ask_who_went_there(place: Place) -> None:
    place.reported()
    assert not Delivery.objects.filter(person_id=place.people.secretary, purpose="ask").exists()
    assert "解决了吗" not in screen(place, "village")


def test_phone_of_a_parked_case_is_answered_with_a_page(place: Place) -> None:
    """The step cannot be recorded; the person on the phone is not left with a broken page."""
    case_id = place.hold_key()
    call = place.call_of("village")
    with broken(entries.DeliveryTold, case_id):
        place.wait(seconds=60)
    assert tap(place, "village", "go", call) == 503
    assert Case.objects.get(id=case_id).state == "awaiting_answer"


def test_phone_shows_no_number_and_no_other_person_s_case(place: Place) -> None:
    place.hold_key()
    shown = screen(place, "village")
    assert ELDER_PHONE not in shown
    assert DAUGHTER_PHONE not in shown
    for role in ("stranger", "neighbour"):
        assert "王桂兰" not in screen(place, role)
