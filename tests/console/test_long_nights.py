"""A case that nobody answers all night: every call is kept, and the page stays readable."""

from __future__ import annotations

import re

import pytest

from bihuan.console.case.calls import STANDING, folded
from bihuan.loop.models import Delivery, Happening
from tests.console.place import Place

place_of = pytest.mark.django_db(transaction=True, databases="__all__")


def line(kind: str, at_us: int, who: str = "", text: str = "") -> dict[str, object]:
    return {"kind": kind, "word": kind, "who": who, "text": text, "at_us": at_us}


def test_only_what_the_system_repeats_in_a_row_is_folded() -> None:
    told = [
        line("called_again", 1),
        line("called_again", 2),
        line("taken", 3, who="李"),
        line("called_again", 4),
        line("note", 5, text="一"),
        line("note", 6, text="二"),
    ]
    shown = folded(told)
    assert [(one["at_us"], one["again"], one["until_us"]) for one in shown] == [
        (1, 1, 2),
        (3, 0, None),
        (4, 0, None),
        (5, 0, None),
        (6, 0, None),
    ]


@place_of
def test_a_night_without_an_answer_is_folded_and_nothing_of_it_is_gone(place: Place) -> None:
    case_id = place.hold_key()
    for _hour in range(20):
        place.wait(minutes=10)
    again = Happening.objects.filter(case_id=case_id, kind="called_again").count()
    assert again > STANDING
    page = place.client("command").get(f"/cases/{case_id}/").content.decode()
    line_of = page.split('<ol class="line">', 1)[1].split("</ol>", 1)[0]
    assert line_of.count("再次呼叫") == 1
    assert f"又 {again - 1} 次" in line_of
    ladder = page.split('id="ladder"', 1)[1].split("</section>", 1)[0]
    assert ladder.count('<span class="call">') == Delivery.objects.filter(case_id=case_id).count()
    folded_away = sum(int(n) for n in re.findall(r"更早的 (\d+) 次", ladder))
    assert folded_away > 0


@place_of
def test_the_news_of_the_board_are_not_the_calls_that_are_repeated(place: Place) -> None:
    place.hold_key()
    for _hour in range(20):
        place.wait(minutes=10)
    board = place.client("command").get("/").content.decode()
    news = board.split('<ol class="news">', 1)[1].split("</ol>", 1)[0]
    assert "再次呼叫" not in news
    assert "呼救</span>" in news, "what it is about"
