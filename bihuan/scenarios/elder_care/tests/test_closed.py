"""A case that is closed shows nothing of today."""

from __future__ import annotations

from bihuan.register.scheme import Value
from bihuan.scenarios.elder_care.panel import case_facts
from bihuan.scenarios.elder_care.tests.paper import ELDER, PaperBook

TODAY = "2026-03-04"


def test_closed_case_shows_neither_where_the_elder_is_now_nor_the_signs(book: PaperBook) -> None:
    for name, value in (("lat", 30.1), ("lon", 119.2), ("heart_rate", 72)):
        book.read(name, f"{TODAY} 19:00", value)
    case: dict[str, Value] = {
        "id": 5,
        "kind": "sos",
        "subject_id": ELDER,
        "opened_us": 0,
        "state": "taken",
    }
    book.of_cases.append(case)
    open_ = case_facts(book, 5)
    assert (open_["fix"] is None, len(open_["signs"])) == (False, 1)
    book.of_cases[-1] = {**case, "state": "closed"}
    closed = case_facts(book, 5)
    assert set(closed) == {"is_over", "not_120"}
