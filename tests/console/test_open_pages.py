"""Pages without an account: solved or not by the code, and counts that point to nobody."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.forms.models import model_to_dict
from django.test import Client

from bihuan.base.time import DAY_US, us_of
from bihuan.console.reporting import public
from bihuan.console.reporting.numbers import code_of
from bihuan.console.reporting.rule import RULES, rule_at
from bihuan.figures.cube import Figures
from bihuan.figures.models import CaseFact, Layout
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case, Happening
from bihuan.loop.states import OUTCOMES
from tests.console.place import Place
from tests.console.test_matters import case_id, in_hand, only_here, send
from tests.matters import reported
from tests.rebuilt import differences

__all__ = ["case_id", "only_here"]  # fixtures
pytestmark = pytest.mark.django_db(databases="__all__")


def asked(place: Place, case_id: int) -> dict[str, str]:
    """The matter was dealt with; number and code as their owner types them."""
    in_hand(place, case_id)
    assert send(place, "village", case_id, "submit", text="好了", answer="路已经补好了") == 302
    assert send(place, "town", case_id, "pass") == 302
    place.settle()
    return {"number": str(case_id), "code": code_of(case_id)}


def test_origin_says_solved_by_the_code_without_an_account(place: Place) -> None:
    """Nobody's name is known of it: the timeline says origin, by code."""
    case = reported(place, origin_id=None)
    said = asked(place, case)
    page = Client().post("/open/status/", said).content.decode()
    assert "这件事解决了吗" in page
    assert "路已经补好了" in page
    click = {**said, "do": "solved", "key": "k1", "text": "谢谢"}
    for _twice in range(2):
        answer = Client().post("/open/status/", click)
        assert answer.status_code == 200
        assert "记下了" in answer.content.decode()
    row = Case.objects.get(id=case)
    assert (row.state, row.outcome) == ("closed", "confirmed")
    line = Happening.objects.get(case_id=case, kind="solved")
    assert (line.person_id, line.role) == (None, "origin")
    assert differences() == []


def test_origin_says_not_solved_and_the_same_case_goes_on(place: Place, case_id: int) -> None:
    said = asked(place, case_id)
    answer = Client().post(
        "/open/status/", {**said, "do": "not_solved", "key": "k1", "text": "还有坑"}
    )
    assert "接着办" in answer.content.decode()
    case = Case.objects.get(id=case_id)
    assert case.state == "in_progress"
    assert case.owner_id == place.people.secretary
    late = Client().post("/open/status/", {**said, "do": "solved", "key": "k2"})
    assert late.status_code == 409
    assert Case.objects.get(id=case_id).state == "in_progress"


def test_code_lets_say_nothing_but_the_origins_word(place: Place, case_id: int) -> None:
    said = asked(place, case_id)
    for do in ("pass", "take", "decide", "x"):
        Client().post("/open/status/", {**said, "do": do, "key": "k"})
    assert Case.objects.get(id=case_id).state == "awaiting_confirmation"


def test_code_says_nothing_before_it_is_asked(place: Place, case_id: int) -> None:
    said = {"number": str(case_id), "code": code_of(case_id)}
    assert "这件事解决了吗" not in Client().post("/open/status/", said).content.decode()
    answer = Client().post("/open/status/", {**said, "do": "solved", "key": "k"})
    assert answer.status_code == 409
    assert Case.objects.get(id=case_id).state == "new"


def test_stranger_without_the_code_says_nothing(place: Place, case_id: int) -> None:
    said = asked(place, case_id)
    answer = Client().post(
        "/open/status/", {**said, "code": "AAAA-AAAA-AAAA", "do": "solved", "key": "k"}
    )
    assert answer.status_code == 404
    assert Case.objects.get(id=case_id).state == "awaiting_confirmation"


def test_emergency_has_no_code_page(place: Place) -> None:
    """An SOS is no matter that somebody reported: its number and a code open nothing."""
    emergency = place.reported()
    said = {"number": str(emergency), "code": code_of(emergency), "do": "solved", "key": "k"}
    assert Client().post("/open/status/", said).status_code == 404
    assert Case.objects.get(id=emergency).state == "awaiting_confirmation"


def road(place: Place, count: int) -> None:
    for n in range(count):
        reported(place, key=f"{place.position}-{n}")


def counts(place: Place) -> list[tuple[int | None, ...]]:
    found = public.lines(place.clock.now_us())
    return [(o.received, o.in_hand, o.solved, o.no_reply, o.other) for o in found]


def test_public_counts_go_by_outcomes_that_there_are() -> None:
    assert {"confirmed", "no_reply"} <= set(OUTCOMES)


def test_public_counts_below_five_are_not_published(place: Place) -> None:
    road(place, 4)
    assert counts(place) == [(None,) * 5]
    page = Client().get("/open/figures/").content.decode()
    assert "少于 5 件，不公布" in page
    road(place, 1)
    assert counts(place) == [(5, 5, 0, 0, 0)]


def test_public_small_part_cannot_be_worked_out_from_the_others(place: Place, case_id: int) -> None:
    """Six in hand and one solved: seven less six would tell the one."""
    said = asked(place, case_id)
    Client().post("/open/status/", {**said, "do": "solved", "key": "k1"})
    road(place, 6)
    assert counts(place) == [(7, None, None, None, None)]


def test_public_counts_leave_out_the_old_the_sealed_and_the_emergencies(place: Place) -> None:
    road(place, 5)
    place.hold_key()
    reported(place, key="sealed", is_sealed=True)
    assert counts(place) == [(5, 5, 0, 0, 0)]
    assert public.lines(place.clock.now_us() + 91 * DAY_US) == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_public_page_names_nobody_and_no_place_below_the_county(
    place: Place, language: str
) -> None:
    road(place, 5)
    page = place.client("", language).get("/open/figures/").content.decode()
    page = page[page.index("<main") :]
    for private in ("任世平", "石桥", "青石", "Shiqiao", "Qingshi", "村口路坏了", "沈文启"):
        assert private not in page
    assert re.search(r"业务数据|[Oo]perational", page)


def test_public_page_shows_public_figures_of_the_month_that_is_over(place: Place) -> None:
    """One SOS of March, missed: too few to be told in April. Six of them: 0.0%."""
    place.press()
    place.settle()
    place.wall.advance(days=1)
    place.settle()
    follow()
    assert "呼救按时应答率" not in opened()  # March is not over
    place.wall.advance(days=31)
    line = opened().split("呼救按时应答率")[1].split("</li>")[0]
    assert "数量太少，不公布" in line
    assert "尚未正式发布" in line
    rows = Rows(MAIN, only=(CaseFact, Layout))
    fact = model_to_dict(CaseFact.objects.get())
    for n in range(1, 6):
        rows.new(CaseFact, **{**fact, "id": fact["id"] + n})
    for layout in Layout.objects.values_list("id", flat=True):
        rows.remove(Layout, layout)  # so that the cells are made anew from the facts
    rows.flush()
    follow()
    page = opened()
    assert "0.0%" in page.split("呼救按时应答率")[1].split("</li>")[0]
    assert "业务数据，非统计数据" in page
    assert "[K]" in page
    for private in ("石桥", "青石", "沈文启", "/cases/"):
        assert private not in page


def follow() -> None:
    keeper = Figures()
    while keeper.run_once():
        pass


def opened() -> str:
    page = Client().get("/open/figures/").content.decode()
    return page[page.index("<main") :]


def test_public_rule_of_the_newest_day_that_has_come_holds() -> None:
    """Five from January, ten from June: in May five, on the first of June ten."""
    first = RULES[0]
    later = replace(first, fewest=10, effective_from="2026-06-01")
    may, june = (
        us_of(datetime(2026, 5, 31, 12, tzinfo=UTC)),
        us_of(datetime(2026, 5, 31, 17, tzinfo=UTC)),
    )
    assert rule_at(may, (first, later)).fewest == 5
    assert rule_at(june, (later, first)).fewest == 10
    assert all(rule.source[0] and rule.source[1] and rule.region for rule in RULES)
