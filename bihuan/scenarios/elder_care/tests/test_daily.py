"""What is told of a day, the panel and the month: no data is never a good sign."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bihuan.scenarios.elder_care.daily import daily_line, heat_line
from bihuan.scenarios.elder_care.looks import last_fix, metres, sign
from bihuan.scenarios.elder_care.overviews import coverage, heat
from bihuan.scenarios.elder_care.panel import about, case_facts, high_days, issued
from bihuan.scenarios.elder_care.sheet import month, told
from bihuan.scenarios.elder_care.tests.paper import ELDER, PaperBook, at

TODAY = "2026-03-04"


def test_fix_has_its_age_and_how_far_fixes_lie_apart(book: PaperBook) -> None:
    """0.001 degrees of latitude are 111 m."""
    for minute, lat in ((0, 30.100), (10, 30.101)):
        book.read("lat", f"{TODAY} 19:{minute:02}", lat)
        book.read("lon", f"{TODAY} 19:{minute:02}", 119.2)
    found = last_fix(book, ELDER)
    assert found is not None
    assert (found.lat, found.age_us, found.n_fixes) == (30.101, 20 * 60_000_000, 2)
    assert found.spread_m == pytest.approx(111, abs=1)
    assert metres((30, 119), (30, 119.001)) == pytest.approx(96.3, abs=0.5)


def test_fix_alone_has_no_accuracy_and_a_bad_one_is_none(book: PaperBook) -> None:
    book.read("lat", f"{TODAY} 19:00", 30.1)
    book.read("lon", f"{TODAY} 19:00", 119.2)
    for name in ("lat", "lon"):
        book.read(name, f"{TODAY} 19:20", 1.0, is_good=False)
    found = last_fix(book, ELDER)
    assert found is not None
    assert (found.spread_m, found.age_us) == (None, 30 * 60_000_000)
    book.read("lat", f"{TODAY} 19:25", 30.2)  # a latitude without its longitude is no place
    assert last_fix(book, ELDER) == found


def test_fix_says_by_what_it_was_made_only_where_the_device_tells_it(book: PaperBook) -> None:
    """An accuracy in metres is told by no band here, and none is made up."""
    for name, value in (("lat", 30.1), ("lon", 119.2), ("fix_satellites", 7), ("fix_hdop", 1.25)):
        book.read(name, f"{TODAY} 19:00", value)
    fix = about(book, ELDER, is_searched=True)["fix"]
    assert (fix["satellites"], fix["hdop"], fix["without"]) == (7, "1.2", None)
    for name, value in (("lat", 30.1), ("lon", 119.2)):
        book.read(name, f"{TODAY} 19:10", value)
        book.read(name, f"{TODAY} 19:20", value, is_good=False)  # heard, and no fix
    fix = about(book, ELDER, is_searched=True)["fix"]
    assert (fix["satellites"], fix["hdop"], fix["without"]) == (None, None, "19:20")
    assert fix["spread_m"] == 1, "two fixes on one spot are shown as lying a metre apart, not 0"


@pytest.mark.parametrize(("kind", "is_said"), [("sos", True), ("vitals", True), ("band", False)])
def test_case_says_what_the_notice_says_that_a_band_does_not_replace_120(
    book: PaperBook, kind: str, is_said: bool
) -> None:
    book.of_cases.append({"id": 5, "kind": kind, "subject_id": ELDER, "opened_us": 0})
    said = case_facts(book, 5)["not_120"]
    assert said == (told(book, ELDER, None)["not_120"] if is_said else None)
    assert told(book, ELDER, None)["not_120"][0] == "手环不代替120、110。危急时请先打120。"


@pytest.mark.parametrize(("kind", "is_shown"), [("sos", True), ("band", False)])
def test_place_is_shown_where_somebody_is_looked_for_and_nowhere_else(
    book: PaperBook, kind: str, is_shown: bool
) -> None:
    book.read("lat", f"{TODAY} 19:00", 30.1)
    book.read("lon", f"{TODAY} 19:00", 119.2)
    book.of_cases.append({"id": 5, "kind": kind, "subject_id": ELDER, "opened_us": 0})
    assert (case_facts(book, 5)["fix"] is not None) == is_shown
    assert about(book, ELDER)["fix"] is None


def test_withdrawn_consent_is_told_as_that_and_never_as_not_worn(book: PaperBook) -> None:
    book.write("issue", state="worn")
    book.read("link", f"{TODAY} 18:00", 1)
    assert (daily_line(book, ELDER) or ("",))[0] == "今天没戴。"
    book.withdrawn = frozenset({"vitals", "visits"})
    said = daily_line(book, ELDER)
    assert said is not None
    assert said[0] == "今天有联系；本人不同意看体征，不知道戴没戴。"
    assert about(book, ELDER)["stopped"] == ["vitals"]


def test_withdrawn_is_not_shown_any_more_but_the_last_place_to_who_rescues(
    book: PaperBook,
) -> None:
    for name, value in (("lat", 30.1), ("lon", 119.2), ("heart_rate", 72)):
        book.read(name, f"{TODAY} 19:00", value)
    for case_id, kind in ((5, "sos"), (6, "band_lost")):
        book.of_cases.append({"id": case_id, "kind": kind, "subject_id": ELDER, "opened_us": 0})
    assert len(about(book, ELDER)["signs"]) == 1
    assert case_facts(book, 6)["fix"] is not None
    book.withdrawn = frozenset({"vitals", "position"})
    assert about(book, ELDER)["signs"] == []
    assert case_facts(book, 6)["fix"] is None
    assert case_facts(book, 5)["fix"] is not None


@pytest.mark.parametrize(
    ("channel", "value", "shown"),
    [
        ("fix_accuracy", 40.7, {"m": 41, "is_told": True}),
        ("fix_hdop", 1.3, {"m": 7, "is_told": False}),  # 1.3 × 5 m [K], rounded up
        ("fix_satellites", 9, {"m": None, "is_told": False}),  # many satellites are no metres
    ],
)
def test_accuracy_is_metres_where_told_worked_out_of_hdop_else_unknown(
    book: PaperBook, channel: str, value: float, shown: dict[str, object]
) -> None:
    for name, found in (("lat", 30.1), ("lon", 119.2), (channel, value)):
        book.read(name, f"{TODAY} 19:10", found)
    assert about(book, ELDER, is_searched=True)["fix"]["accuracy"] == shown


def test_accuracy_of_an_earlier_fix_says_nothing_of_the_last(book: PaperBook) -> None:
    for minute in ("10", "20"):
        book.read("lat", f"{TODAY} 19:{minute}", 30.1)
        book.read("lon", f"{TODAY} 19:{minute}", 119.2)
    book.read("fix_accuracy", f"{TODAY} 19:10", 12.0)
    fix = about(book, ELDER, is_searched=True)["fix"]
    assert fix["accuracy"] == {"m": None, "is_told": False}


def test_panel_of_an_old_fix_says_that_it_is_old(book: PaperBook) -> None:
    book.read("lat", f"{TODAY} 18:59", 30.1)
    book.read("lon", f"{TODAY} 18:59", 119.2)
    fix = about(book, ELDER, is_searched=True)["fix"]
    assert (fix["is_old"], fix["age"], fix["spread_m"]) == (True, ("31 分钟前", "31 min ago"), None)


def test_sign_is_beside_the_person_s_own_usual_and_of_few_readings_nothing_is_usual(
    book: PaperBook,
) -> None:
    """70, 72, 74 … about 72: the median 72, the median deviation 2; 72 ± 2.5 × 1.4826 × 2."""
    for n in range(9):
        book.read("heart_rate", f"2026-03-0{n % 3 + 1} 0{n}:00", 70 + 2 * (n % 3))
    book.read("heart_rate", f"{TODAY} 08:00", 110)
    found = sign(book, ELDER, "heart_rate")
    assert found is not None
    assert found.usual is None
    book.read("heart_rate", "2026-03-01 09:00", 72)
    found = sign(book, ELDER, "heart_rate")
    assert found is not None
    assert found.usual is not None
    assert (found.value, found.usual.middle, found.usual.n) == (110, 72, 10)
    assert found.usual.high == pytest.approx(72 + 2.5 * 1.4826 * 2)


def cuff(book: PaperBook, text: str, systolic: int, diastolic: int = 80) -> None:
    book.write("measurement", taken=at(text), systolic=systolic, diastolic=diastolic)


def test_high_pressure_counts_days_and_not_readings(book: PaperBook) -> None:
    for hour in (8, 9, 10):
        cuff(book, f"2026-03-01 {hour:02}:00", 150)
    assert high_days(book, ELDER) == 1
    assert not about(book, ELDER)["is_high_often"]
    cuff(book, "2026-03-02 08:00", 139, 90)
    cuff(book, "2026-03-03 08:00", 139, 89)
    cuff(book, "2026-03-04 08:00", 140)
    assert high_days(book, ELDER) == 3
    assert about(book, ELDER)["is_high_often"]


def test_month_counts_days_so_far_and_no_wrist_pressure(book: PaperBook) -> None:
    for day in (1, 2, 4):
        book.read("link", f"2026-03-0{day} 09:00", 1)
    book.read("heart_rate", "2026-03-02 09:00", 80)
    book.read("heart_rate", "2026-03-04 09:00", 0, is_good=False)
    book.read("systolic", "2026-03-02 09:00", 185)
    cuff(book, "2026-03-02 10:00", 151)
    book.of_cases.append(
        {
            "id": 1, "kind": "sos", "opened_us": at("2026-03-02 09:00"), "outcome": None,
            "answered_us": at("2026-03-02 09:00") + 61_000_000,
        }
    )  # fmt: skip
    facts = month(book, ELDER, (at("2026-03-01 00:00"), at("2026-04-01 00:00")))
    assert (facts["days"], facts["heard"], facts["worn"]) == (4, 3, 1)
    assert [one["mmhg"] for one in facts["cuffs"]] == [(151, 80)]
    (case,) = facts["cases"]
    assert (case["response_min"], case["outcome"]) == (2, ("还在处置", "In hand"))


def test_month_counts_only_days_with_a_band(book: PaperBook) -> None:
    """Handed out on the 2nd at noon: the 1st is no day without data."""
    book.read("link", "2026-03-02 13:00", 1)
    book.write("issue", handed=at("2026-03-02 12:00"), state="worn")
    march = (at("2026-03-01 00:00"), at("2026-04-01 00:00"))
    assert (month(book, ELDER, march)["days"], month(book, ELDER, march)["heard"]) == (3, 1)
    book.kept["issue"][0]["at.take_back"] = at("2026-03-03 08:00")
    assert month(book, ELDER, march)["days"] == 2


def heat_day(book: PaperBook, state: str = "on", text: str = f"{TODAY} 07:00") -> None:
    said = {"station": "青禾县气象台", "level": "orange", "words": "预计今天最高气温37℃以上"}
    book.write("heat_day", state=state, issued=at(text), opened_us=at(text), **said)


@pytest.mark.parametrize(
    ("change", "is_said"),
    [
        (lambda book: None, True),
        (lambda book: book.kept["elder"][0].update(living="family"), False),
        (lambda book: book.kept["heat_day"][0].update(state="lifted"), False),
        (lambda book: book.turn_to("2026-03-07 09:00"), False),
    ],
)
def test_heat_asks_for_who_is_alone_while_the_station_s_warning_stands(
    book: PaperBook, change: Callable[[PaperBook], None], is_said: bool
) -> None:
    book.write("elder", id=ELDER, living="alone", risk=None, area_id=3)
    heat_day(book)
    change(book)
    said = heat_line(book, ELDER)
    assert (said is not None) == is_said
    if said is not None:
        assert said[0] == "青禾县气象台 07:00 发布高温预警信号，今天请看望"


def test_heat_overview_counts_who_was_met_today(book: PaperBook) -> None:
    book.places = [(3, "石桥村", None)]
    for elder, risk in ((7, "high"), (8, "other"), (9, "key")):
        book.write("elder", id=elder, living="family", risk=risk, area_id=3)
    heat_day(book)
    book.write("visit", subject_id=7, seen=at(f"{TODAY} 10:00"), met=True, way="door")
    book.write("visit", subject_id=9, seen=at(f"{TODAY} 10:00"), met=False, way="door")
    book.write("visit", subject_id=9, seen=at("2026-03-03 10:00"), met=True, way="door")
    facts = heat(book)
    assert facts["villages"] == [{"name": "石桥村", "frail": 2, "met": 1, "left": 1}]
    assert facts["heat"]["level"] == ("高温橙色", "Heat, orange")


def test_coverage_counts_open_places_and_visits_of_thirty_days(book: PaperBook) -> None:
    book.places = [(3, "石桥村", None), (4, "上坝村", None)]
    for area in (3, 4, 4):
        book.write("elder", area_id=area, living="alone", risk=None)
    here = {"area_id": 3, "covers": 1}
    book.write("place", id=1, name="石桥照料中心", sort="care_centre", state="open", **here)
    book.write("place", id=2, name="旧茶室", sort="tea_room", state="shut", **here)
    book.write("coverage", subject_id=1, covers=4, state="on")
    book.write("coverage", subject_id=1, covers=3, state="on")  # its own village, said twice
    book.write("coverage", subject_id=2, covers=4, state="on")
    for day, times in (("2026-03-04", 20), ("2026-02-03", 5), ("2026-02-02", 100)):
        book.write("attendance", subject_id=1, on=day, persons=4, times=times)
    facts = coverage(book)
    assert facts["villages"] == [
        {"name": "石桥村", "elders": 1, "places": [1, 0, 0], "times": 25},
        {"name": "上坝村", "elders": 2, "places": [1, 0, 0], "times": 0},
    ]
    assert [(one["is_shut"], one["last"]) for one in facts["places"]] == [
        (False, "2026-03-04"),
        (True, None),
    ]


def test_issue_whose_band_sends_nothing_says_so(book: PaperBook) -> None:
    """Who is on duty is offered the page of devices, a relative is not."""
    book.write("issue", device="9900000001", handed=at(f"{TODAY} 08:00"), state="worn")
    assert issued(book, 1) == {
        "device": "9900000001", "heard": None, "is_worn": True, "is_staff": False,
    }  # fmt: skip
    book.places = [(1, "石桥村", None)]
    book.read("link", f"{TODAY} 07:30", 1)  # before it was handed over: somebody else's day
    assert (issued(book, 1)["heard"], issued(book, 1)["is_staff"]) == (None, True)
    book.read("link", f"{TODAY} 19:00", 1)
    assert issued(book, 1)["heard"] == ("30 分钟前", "30 min ago")
