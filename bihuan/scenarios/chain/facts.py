"""What the pages of the chain show: which appeals press, one page per firm, passes. Pure.

The board is for the county's officials alone. What a firm's own people see is their own firm's: the
`Book` gives them nothing else. Who stops when stands in `supply`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bihuan.base.time import DAY_US
from bihuan.loop.shows import Book, Row
from bihuan.register.scheme import Words
from bihuan.scenarios.chain.rules import LEG_REPLY, STOCK_HOLDS, URGENT_STOCK

OLD_STOCK: Final = (
    "有{n}种物料的库存没有填，或已超过{days}天没有更新，断料推演算不准，请更新",
    "{n} goods have no stock, or none newer than {days} days: please count them",
)
END: Final = 4_102_444_800_000_000  # µs; what nobody knows the end of comes last


def board(book: Book) -> Mapping[str, Any]:
    """Open appeals, those that run out first on top; other counties' parts; passes that hold."""
    appeals = {row["id"]: row for row in book.rows("appeal")}
    open_: list[dict[str, Any]] = [
        {
            "case": case,
            "appeal": appeals[case["row_id"]],
            "runs_out": appeals[case["row_id"]]["runs_out"],
            "is_soon": _is_soon(book, appeals[case["row_id"]]),
        }
        for case in book.cases(("appeal",), is_open=True)
        if case["row_id"] in appeals
    ]
    open_.sort(key=lambda one: (one["runs_out"] or END, one["case"]["id"]))
    legs = [_leg(book, row) for row in book.rows("leg", states=("asked",))]
    passes = [row for row in book.rows("pass", states=("issued",)) if row["holds"]]
    return {
        "open": open_,
        "legs": sorted(legs, key=lambda one: -one["waited"]),
        "reply": LEG_REPLY.days,
        "passes": sorted(passes, key=lambda row: int(str(row["expires"]))),
        "twice": twice(passes),
    }


def twice(passes: Sequence[Row]) -> list[str]:
    """Plates with more than one pass that holds, of whatever firms."""
    plates = [str(row["plate"]) for row in passes]
    return sorted({plate for plate in plates if plates.count(plate) > 1})


def _is_soon(book: Book, appeal: Row) -> bool:
    runs_out = appeal["runs_out"]
    return isinstance(runs_out, int) and runs_out - book.now_us <= URGENT_STOCK.days * DAY_US


def _leg(book: Book, row: Row) -> dict[str, Any]:
    since = row.get("at.remind") or row["opened_us"]
    assert isinstance(since, int), "an act and an opening have their time"
    is_over = row["state"] == "asked" and book.now_us > since + LEG_REPLY.days * DAY_US
    return {"row": row, "waited": row["waited"] or 0, "is_over": is_over}


def case_panel(book: Book, case_id: int) -> Mapping[str, Any]:
    """The appeal behind a case, the firm's liaison, letters, other counties, passes."""
    case = book.case(case_id)
    appeal = book.row(int(str(case["row_id"]))) if case is not None else None
    if case is None or appeal is None:
        return {"appeal": None}
    which = {"appeal": appeal["id"]}
    legs = [_leg(book, row) for row in book.rows("leg", where=which)]
    return {
        "appeal": appeal,
        "firm": book.row(int(str(appeal["subject_id"]))),
        "letters": book.rows("letter", where=which),
        "legs": legs,
        "theirs": round(sum(one["waited"] for one in legs), 1),
        "passes": book.rows("pass", where=which),
        "is_soon": _is_soon(book, appeal),
    }


def firm_sheet(book: Book, firm_id: int, _period: tuple[int, int] | None) -> Mapping[str, Any]:
    """One firm on one page: appeals with how they ended, letters, other counties, passes, stock."""
    cases = {case["row_id"]: case for case in book.cases(("appeal",), subject_id=firm_id)}
    appeals = book.rows("appeal", subject_id=firm_id)
    return {
        "firm": book.row(firm_id),
        "appeals": [(row, cases.get(row["id"])) for row in appeals],
        "letters": book.rows("letter", subject_id=firm_id),
        "legs": [_leg(book, row) for row in book.rows("leg", subject_id=firm_id)],
        "passes": book.rows("pass", subject_id=firm_id),
        "supplies": book.rows("supply", subject_id=firm_id, states=("used",)),
    }


def pass_sheet(book: Book, pass_id: int, _period: tuple[int, int] | None) -> Mapping[str, Any]:
    """A pass to be carried: one vehicle, one route, its crew, from when until when."""
    row = book.row(pass_id)
    firm = book.row(int(str(row["subject_id"]))) if row is not None else None
    return {"row": row, "firm": firm, "holds": row is not None and row["holds"]}


def stock_is_old(book: Book, firm_id: int) -> Words | None:
    """Asks a firm to count again what was counted too long ago, or never."""
    rows = book.rows("supply", subject_id=firm_id, states=("used",))
    old = [row for row in rows if row["known_days"] is None]
    if not old:
        return None
    zh, en = OLD_STOCK
    return zh.format(n=len(old), days=STOCK_HOLDS.days), en.format(
        n=len(old), days=STOCK_HOLDS.days
    )
