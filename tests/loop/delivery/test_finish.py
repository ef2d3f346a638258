"""The honest finish of a call-out, by hand."""

from __future__ import annotations

import time

import pytest

from bihuan.base.errors import BadInputError
from bihuan.loop.delivery.finish import Capacity, expected_ends, expected_finish

S = 1_000_000


@pytest.mark.parametrize(
    ("messages", "accounts", "expected_s"),
    [
        (0, [Capacity(1, 60)], 0),
        (1, [Capacity(1, 60)], 60),
        (10, [Capacity(2, 60)], 300),  # five rounds of two
        (300, [Capacity(10, 60)], 1_800),  # thirty rounds of ten: half an hour
        (10, [Capacity(10, 60, ((1, 10),))], 150),  # one every 10 s: the last leaves at 90 s
        (4, [Capacity(1, 60), Capacity(1, 30)], 120),  # at 60 s both are free: the first one goes
        (10_000, [Capacity(50, 1, ((20, 1),))], 500),  # 20 a second: the last at 499 s
        (5, [Capacity(5, 10, ((2, 1), (3, 60)))], 70),  # three at once allow by the minute's own
    ],
)
def test_finish_follows_lines_and_rates(
    messages: int, accounts: list[Capacity], expected_s: int
) -> None:
    assert expected_finish(messages, accounts, 7 * S) == (7 + expected_s) * S


def test_finish_is_unknown_where_nothing_can_send() -> None:
    assert expected_finish(3, [], 0) is None
    assert expected_finish(3, [Capacity(0, 60)], 0) is None


def test_ends_are_told_one_by_one_in_the_queues_order() -> None:
    assert expected_ends(3, [Capacity(1, 60)], 0) == [60 * S, 120 * S, 180 * S]


def test_finish_of_a_negative_number_is_refused() -> None:
    with pytest.raises(BadInputError):
        expected_finish(-1, [Capacity(1, 60)], 0)


def test_finish_of_ten_thousand_is_there_at_once() -> None:
    started = time.process_time()
    expected_finish(10_000, [Capacity(30, 45, ((10, 1),)), Capacity(8, 60)], 0)
    assert time.process_time() - started < 1
