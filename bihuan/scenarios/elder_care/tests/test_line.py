"""The family's evening line: it goes on where the last one ended, and no data is no good sign."""

from __future__ import annotations

import pytest

from bihuan.scenarios.elder_care.daily import daily_line
from bihuan.scenarios.elder_care.tests.paper import ELDER, PaperBook, at

TODAY = "2026-03-04"
WORN = ("今天戴了，电量 60%", "Worn today, battery 60 %")


def wears(book: PaperBook, text: str = f"{TODAY} 08:15", battery: int | None = 60) -> None:
    book.read("link", text, 1)
    book.read("heart_rate", text, 72)
    if battery is not None:
        book.read("battery", text, battery)


def test_line_says_that_it_was_worn_and_the_battery(book: PaperBook) -> None:
    wears(book)
    assert daily_line(book, ELDER) == (f"{WORN[0]}。", f"{WORN[1]}.")


def test_line_says_who_came_and_when(book: PaperBook) -> None:
    wears(book)
    seen = at(f"{TODAY} 15:10")
    book.write("visit", seen=seen, way="door", came="doctor", met=True)
    book.write("visit", seen=seen + 3_600_000_000, way="phone", met=False)
    book.write("visit", seen=at("2026-03-03 15:10"), way="door", met=True)
    assert daily_line(book, ELDER) == (
        f"{WORN[0]}；15:10 医生上门、16:10 工作人员电话，没见到。",
        f"{WORN[1]}; 15:10 The doctor, at the door, 16:10 Staff, by phone, nobody met.",
    )


def test_line_of_a_day_without_data_says_so_and_never_that_all_is_well(book: PaperBook) -> None:
    wears(book, "2026-03-03 22:00")
    said = daily_line(book, ELDER)
    assert said is not None
    assert "没有收到手环数据" in said[0]
    assert "戴了" not in said[0]


def test_line_of_a_band_on_the_table_says_not_worn(book: PaperBook) -> None:
    """0 beats is no contact: it is kept as bad, and is no wearing."""
    wears(book, "2026-03-03 22:00")
    book.read("link", f"{TODAY} 10:00", 1)
    book.read("heart_rate", f"{TODAY} 10:00", 0, is_good=False)
    assert daily_line(book, ELDER) == ("今天没戴。", "Not worn today.")


@pytest.mark.parametrize("cause", ["taken back", "never had one"])
def test_line_is_not_sent_where_there_is_no_band(book: PaperBook, cause: str) -> None:
    """After a death nobody is told that the band was not worn."""
    if cause == "taken back":
        wears(book)
        book.write("issue", state="back")
    assert daily_line(book, ELDER) is None


def test_line_counts_cases_of_the_day_and_no_false_alarm(book: PaperBook) -> None:
    wears(book)
    for state, outcome in (("closed", "confirmed"), ("closed", "false_alarm")):
        book.of_cases.append(
            {"id": 1, "opened_us": at(f"{TODAY} 09:00"), "state": state, "outcome": outcome}
        )
    said = daily_line(book, ELDER)
    assert said == (
        f"{WORN[0]}；今天有 1 件事，都已办结。",
        f"{WORN[1]}; 1 case today, all closed.",
    )


def test_line_does_not_keep_quiet_about_what_is_open_since_yesterday(book: PaperBook) -> None:
    wears(book)
    for day, state in (("2026-03-03", "in_progress"), ("2026-03-02", "closed"), (TODAY, "new")):
        opened = at(f"{day} 09:00")
        book.of_cases.append({"id": 1, "opened_us": opened, "state": state, "outcome": None})
    assert daily_line(book, ELDER) == (
        f"{WORN[0]}；今天有 1 件事，1 件还在处置；此前有 1 件事还在处置。",
        f"{WORN[1]}; 1 case today, 1 still in hand; 1 of before still in hand.",
    )


def test_line_tells_what_came_after_the_last_line_with_its_day(book: PaperBook) -> None:
    """A visit at 20:10, and one that was only written down after the line, were in no line."""
    wears(book)
    for seen, filed in (
        ("2026-03-03 18:00", "2026-03-03 19:29"),  # the line of that day had it
        ("2026-03-03 20:10", "2026-03-03 20:20"),
        ("2026-03-03 19:00", "2026-03-03 19:30"),  # at the line's own minute: for the next one
        ("2026-03-02 09:00", "2026-03-04 08:00"),
        ("2026-02-24 09:00", "2026-03-04 08:00"),  # over a week late: no news of the day
        (f"{TODAY} 15:10", f"{TODAY} 15:20"),
    ):
        book.write("visit", seen=at(seen), opened_us=at(filed), way="door", came="doctor", met=True)
    assert daily_line(book, ELDER) == (
        f"{WORN[0]}；3月2日 09:00 医生上门、昨天 19:00 医生上门、昨天 20:10 医生上门、"
        "15:10 医生上门。",
        f"{WORN[1]}; 3-2 09:00 The doctor, at the door, yesterday 19:00 The doctor, at the door,"
        " yesterday 20:10 The doctor, at the door, 15:10 The doctor, at the door.",
    )


def test_lines_of_two_evenings_tell_each_visit_once(book: PaperBook) -> None:
    """Noted on the day itself, ahead, late, or at the very moment of the line."""
    wears(book)
    times = (
        ("2026-03-04 10:00", "2026-03-04 10:05"),
        ("2026-03-04 19:30", "2026-03-04 19:30"),
        ("2026-03-04 20:00", "2026-03-04 18:00"),
        ("2026-03-04 21:00", "2026-03-05 09:00"),
    )
    for n, (seen, filed) in enumerate(times):
        book.write("visit", seen=at(seen) + n, opened_us=at(filed), way="phone", met=True)
    lines = []
    for day in ("2026-03-04 19:30", "2026-03-05 19:30", "2026-03-06 19:30"):
        book.turn_to(day)
        said = daily_line(book, ELDER)
        lines.append(said[0].count("电话，") + said[0].count("工作人员电话") if said else 0)
    # the third day's line tells that nothing was heard: "请打个电话" is no visit
    assert lines == [1, 3, 0]


def test_line_tells_a_case_that_began_and_ended_after_the_last_line(book: PaperBook) -> None:
    wears(book)
    opened = at("2026-03-03 21:00")
    book.of_cases.append({"id": 1, "opened_us": opened, "state": "closed", "outcome": "confirmed"})
    assert daily_line(book, ELDER) == (
        f"{WORN[0]}；昨晚到现在有 1 件事，都已办结。",
        f"{WORN[1]}; 1 case since last evening, all closed.",
    )
