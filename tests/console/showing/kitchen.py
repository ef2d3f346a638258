"""The kitchen of the register's tests as a whole scenario, with a panel of each sort and sheets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bihuan.loop.scenario import Scenario
from bihuan.loop.shows import Book, Notice, Overview, Panel, Sheet
from bihuan.register.scheme import Words
from tests.register.kitchen import KITCHEN

NAME = KITCHEN.scenario


def unit_panel(book: Book, unit_id: int) -> Mapping[str, Any]:
    unit = book.row(unit_id)
    assert unit is not None
    return {"unit": unit, "batches": book.rows("batch", subject_id=unit_id)}


def batch_panel(book: Book, batch_id: int) -> Mapping[str, Any]:
    batch = book.row(batch_id)
    assert batch is not None
    return {"batch": batch, "unit": book.row(int(str(batch["subject_id"])))}


def broken_panel(_book: Book, _batch_id: int) -> Mapping[str, Any]:
    raise KeyError("a field that was renamed")


def area_panel(book: Book, area_id: int) -> Mapping[str, Any]:
    return {"batches": book.rows("batch"), "area": book.area(area_id)}


def month_sheet(book: Book, unit_id: int, period: tuple[int, int] | None) -> Mapping[str, Any]:
    assert period is not None
    found = book.rows("batch", subject_id=unit_id, since_us=period[0], until_us=period[1])
    return {"unit": book.row(unit_id), "batches": found}


def eaters_sheet(book: Book, unit_id: int, _period: tuple[int, int] | None) -> Mapping[str, Any]:
    return {"unit": book.row(unit_id), "batches": book.rows("batch", subject_id=unit_id)}


def supply(book: Book) -> Mapping[str, Any]:
    return {"areas": book.areas(), "batches": book.rows("batch", states=("made",))}


def evening(book: Book, unit_id: int) -> Words | None:
    made = book.rows("batch", subject_id=unit_id, states=("made",))
    if not made:
        return None
    return f"今天有{len(made)}批没有放行", f"{len(made)} batches are not released today"


SHOWING = Scenario(
    name=NAME,
    title=("厨房", "Kitchen"),
    subjects={"unit": ("厨房", "Unit")},
    signals={
        "overdue": ("超时", "Overdue"),
        "recall": ("召回", "Recall"),
        "no_daily": ("没有日管控", "No daily check"),
        "no_sample": ("没有留样", "No sample"),
    },
    roles={"manager": ("管理员", "Manager"), "inspector": ("检查员", "Inspector")},
    scheme=KITCHEN,
    panels=(
        Panel(on="subject", kind="unit", title=("今天的批次", "Batches"), facts=unit_panel),
        Panel(on="record", kind="batch", title=("谁吃", "Who eats"), facts=batch_panel,
              template="batch_panel.html"),
        Panel(on="record", kind="batch", title=("坏的", "Broken"), facts=broken_panel),
        Panel(on="area", kind="village", title=("本村供餐", "Meals here"), facts=area_panel,
              template="area_panel.html"),
    ),
    sheets=(
        Sheet(name="month", on="subject", kind="unit", title=("月度批次表", "Batches of a month"),
              facts=month_sheet, template="month.html", per="month"),
        Sheet(name="eaters", on="subject", kind="unit", title=("就餐人名单", "Who ate"),
              facts=eaters_sheet, template="eaters.html", opens=True, roles=("inspector",)),
    ),
    overviews=(
        Overview(name="supply", title=("供餐总览", "Supply"), facts=supply,
                 template="supply.html", roles=("inspector",)),
    ),
    notices=(
        Notice(name="evening", title=("晚间提醒", "Evening"), subject="unit", to="manager",
               at="18:00", text=evening),
    ),
)  # fmt: skip
