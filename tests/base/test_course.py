"""A running clock: extended, suspended, asked in between; and what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bihuan.base.course import Course
from bihuan.base.deadlines import Extension, Limit, Suspension
from bihuan.base.errors import BadInputError
from bihuan.base.legal_limits import CIVIL_PROCEDURE, LEGAL_LIMITS
from tests.base.test_deadlines import china, close

DECIDE = LEGAL_LIMITS["reconsideration.decide"].limit
FIVE = Limit(5, "working", CIVIL_PROCEDURE)
TUESDAY = china("2026-03-03 09:00")


def extension(amount: float, granted: str) -> Extension:
    return Extension(amount, china(granted), "Gu Yan", "a complicated case")


def suspension(begins: str, ends: str | None) -> Suspension:
    return Suspension(china(begins), china(ends) if ends else None, "Gu Yan", "expert opinion")


def test_course_untouched_is_due_as_its_limit_says() -> None:
    assert Course(TUESDAY, FIVE).due().at == close("2026-03-10")


def test_course_extension_is_counted_in_one_stretch() -> None:
    """60 + 30 from 3 March: 28 to 31 March, 30 to 30 April = 58, 31 to 31 May = 89: 1 June."""
    course = Course(TUESDAY, DECIDE, (extension(30, "2026-04-20 10:00"),))
    assert course.due().at == close("2026-06-01")
    assert course.due().why.amount == 90


def test_course_extension_beyond_the_law_is_refused() -> None:
    granted = (extension(20, "2026-04-20 10:00"), extension(11, "2026-04-21 10:00"))
    with pytest.raises(BadInputError, match=r"extension\.amount: got 31 in all, want at most 30"):
        Course(TUESDAY, DECIDE, granted)


def test_course_extension_after_it_ran_out_is_refused() -> None:
    in_time = Course(TUESDAY, FIVE, (extension(2, "2026-03-10 23:59"),))
    assert in_time.due().at == close("2026-03-12")
    late = Course(TUESDAY, FIVE, (extension(2, "2026-03-11 00:00"),))
    with pytest.raises(BadInputError, match=r"extension\.granted_at: got 2026-03-11T00:00:00"):
        late.due()


def test_course_second_extension_may_rest_on_the_first() -> None:
    granted = (extension(2, "2026-03-12 10:00"), extension(2, "2026-03-10 10:00"))
    assert Course(TUESDAY, FIVE, granted).due().at == close("2026-03-16")


@pytest.mark.parametrize(
    ("begins", "ends", "last_day"),
    [
        ("2026-03-05 10:00", "2026-03-05 16:00", "2026-03-10"),  # no close in it: no day lost
        ("2026-03-05 10:00", "2026-03-06 10:00", "2026-03-11"),
        ("2026-03-06 10:00", "2026-03-09 10:00", "2026-03-11"),  # Friday lost; a weekend is nothing
        ("2026-03-05 00:00", "2026-03-06 00:00", "2026-03-11"),  # exactly Thursday
        ("2026-03-04 08:00", "2026-03-31 08:00", "2026-04-07"),  # 31, 1-3, [4-6 off], 7
    ],
)
def test_course_suspension_costs_the_days_whose_close_it_holds(
    begins: str, ends: str, last_day: str
) -> None:
    course = Course(TUESDAY, FIVE, suspensions=(suspension(begins, ends),))
    assert course.due().at == close(last_day)


def test_course_why_counts_the_days_it_stood_still() -> None:
    stopped = suspension("2026-03-06 10:00", "2026-03-09 10:00")  # closes of Fri, Sat and Sun
    why = Course(TUESDAY, FIVE, suspensions=(stopped,)).due().why
    assert why.days_stopped == 3
    assert "3 days suspended" in why.en()
    assert "暂停计时3天" in why.zh()


def test_course_suspended_while_it_moves_on_runs_out_after_the_suspension() -> None:
    """The sixtieth day is Sunday 15 February; it stood still from the 20th to the 25th."""
    stopped = suspension("2026-02-20 09:00", "2026-02-25 09:00")
    course = Course(china("2025-12-17 10:00"), DECIDE, suspensions=(stopped,))
    assert course.due().at == close("2026-02-25")


def test_course_in_hours_is_never_suspended() -> None:
    with pytest.raises(BadInputError) as refused:
        Course(TUESDAY, Limit(1, "hours"), (), (suspension("2026-03-03 09:10", None),))
    (fault,) = refused.value.faults
    assert fault.as_dict() == {
        "field": "suspension",
        "got": "a clock in hours",
        "want": "calendar or working: emergencies never pause",
    }


def test_course_in_hours_may_be_extended() -> None:
    course = Course(TUESDAY, Limit(1, "hours"), (extension(0.5, "2026-03-03 09:30"),))
    assert course.due().at == china("2026-03-03 10:30")


def test_course_suspension_after_it_ran_out_is_refused() -> None:
    late = Course(TUESDAY, FIVE, suspensions=(suspension("2026-03-11 00:00", None),))
    with pytest.raises(BadInputError, match=r"suspension\.begins: got 2026-03-11T00:00:00"):
        late.remaining(china("2026-03-12 00:00"))


def test_course_suspended_without_end_is_not_due_and_keeps_what_is_left() -> None:
    """Stopped on Thursday at 10:00: five and a half days and two hours to Tuesday 24:00."""
    course = Course(TUESDAY, FIVE, suspensions=(suspension("2026-03-05 10:00", None),))
    with pytest.raises(BadInputError, match=r"suspension\.ends: got none since 2026-03-05"):
        course.due()
    left = timedelta(days=5, hours=14)
    for at in ("2026-03-05 10:00", "2026-03-06 00:00", "2026-04-01 00:00", "2099-01-01 00:00"):
        assert course.remaining(china(at)) == left
        assert not course.is_overdue(china(at))
    assert course.is_suspended(china("2026-03-05 10:01"))
    assert not course.is_suspended(china("2026-03-05 10:00"))


def test_course_is_asked_as_it_was_known() -> None:
    course = Course(TUESDAY, FIVE, (extension(2, "2026-03-10 10:00"),))
    assert course.remaining(china("2026-03-10 09:00")) == timedelta(hours=15)
    assert course.remaining(china("2026-03-10 11:00")) == timedelta(days=2, hours=13)


@pytest.mark.parametrize(
    ("at", "is_overdue"), [("2026-03-10 23:59", False), ("2026-03-11 00:00", True)]
)
def test_course_is_overdue_from_the_close_on(at: str, is_overdue: bool) -> None:
    assert Course(TUESDAY, FIVE).is_overdue(china(at)) == is_overdue


def test_course_clock_set_to_2099_and_back_answers_as_before() -> None:
    course = Course(TUESDAY, FIVE)
    before = course.remaining(china("2026-03-04 00:00"))
    assert course.is_overdue(china("2099-12-31 23:59"))
    assert course.remaining(china("2026-03-04 00:00")) == before == timedelta(days=7)


def test_course_refuses_to_be_asked_before_its_start() -> None:
    with pytest.raises(BadInputError, match="at: got 2026-03-03T08:59:00"):
        Course(TUESDAY, FIVE).remaining(china("2026-03-03 08:59"))


def test_course_refuses_changes_before_its_start() -> None:
    with pytest.raises(BadInputError, match=r"extension\.granted_at"):
        Course(TUESDAY, FIVE, (extension(1, "2026-03-03 08:59"),))
    with pytest.raises(BadInputError, match=r"suspension\.begins"):
        Course(TUESDAY, FIVE, suspensions=(suspension("2026-03-03 08:59", None),))


@pytest.mark.parametrize("ends", ["2026-03-06 10:00", None])
def test_course_refuses_suspensions_that_overlap(ends: str | None) -> None:
    both = (suspension("2026-03-05 10:00", ends), suspension("2026-03-06 09:00", None))
    with pytest.raises(BadInputError, match=r"suspension\.begins: got 2026-03-06T09:00:00"):
        Course(TUESDAY, FIVE, suspensions=both)


@pytest.mark.parametrize("missing", ["approver", "reason"])
def test_course_changes_without_approver_or_reason_are_refused(missing: str) -> None:
    words = {"approver": "Gu Yan", "reason": "expert opinion", missing: " "}
    with pytest.raises(BadInputError, match=rf"extension\.{missing}: got nothing"):
        Extension(1, TUESDAY, **words)
    with pytest.raises(BadInputError, match=rf"suspension\.{missing}: got nothing"):
        Suspension(TUESDAY, None, **words)


def test_course_refuses_an_extension_in_parts_of_a_day_and_a_suspension_backwards() -> None:
    with pytest.raises(BadInputError, match=r"extension\.amount: got 0\.5, want whole days"):
        Course(TUESDAY, FIVE, (extension(0.5, "2026-03-04 10:00"),))
    with pytest.raises(BadInputError, match="want later than it begins"):
        suspension("2026-03-05 10:00", "2026-03-05 10:00")


def test_course_refuses_more_changes_than_a_clock_can_have() -> None:
    at = datetime.isoformat(TUESDAY.replace(tzinfo=None))
    with pytest.raises(BadInputError, match="changes: got 101, want at most 100"):
        Course(TUESDAY, FIVE, tuple(extension(1, at) for _ in range(101)))
