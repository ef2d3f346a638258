"""Figures as CSV or Excel: every line with its unit, period, definition, version and source.

The first lines say what the numbers are: 业务数据，非统计数据.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

import xlsxwriter

from bihuan.base.errors import bad
from bihuan.figures.installed import Installed
from bihuan.figures.periods import Period, words
from bihuan.figures.values import Book, Value
from bihuan.register.imports.export import MARKS, safe

NOT_OFFICIAL: Final = (
    "业务数据，非统计数据",
    "Business data of this platform, not official statistics",
)
SMALL_HIDDEN: Final = (
    "小数已隐去：有打开、编辑或复核权限的人导出时才有 / "
    "Small numbers are left out: they are in the files of those who may open, edit or review"
)
COLUMNS: Final = (
    "指标", "Figure", "编号 id", "区域 area", "时期 period", "值 value", "单位 unit",
    "分子 numerator", "分母 denominator", "状态 state", "版本 locked version", "同比 yoy",
    "环比 period on period", "增减单位 growth unit", "目标 target", "优劣方向 better",
    "口径（中文）", "Definition", "口径版本 version", "来源 source", "生效 effective from",
)  # fmt: skip
_STATES: Final = {
    "known": "有值 known",
    "empty": "无数据 nothing to count",
    "hidden": "不公布 hidden",
}
Line = tuple[Installed, int, str, Value]


def table(
    book: Book, period: Period, lines: Sequence[Line], paths: dict[int, str]
) -> list[list[Any]]:
    """One row for each figure and area. lines: (figure, area id, area's name, value)."""
    return [_row(book, period, line, paths[line[1]]) for line in lines]


def _row(book: Book, period: Period, line: Line, path: str) -> list[Any]:
    one, _area_id, area, value = line
    figure, told = one.figure, value.told
    growths = [book.growth(one, period, path, against) for against in ("year", "before")]
    target = book.target(one, period, told)
    state = "hidden" if value.hidden else "empty" if value.is_empty else "known"
    shown = [None, None] if value.hidden else [g.amount for g in growths]
    unit = "百分点 percentage points" if growths[0].unit == "points" else "%"
    return [
        *figure.title, one.id, area, " / ".join(words(period, figure.period)), told.amount,
        " / ".join(dict.fromkeys(figure.unit)), told.top, told.bottom,
        f"{_STATES[state]}{'（未结束 open）' if value.is_open else ''}", value.lock or None,
        *shown, unit, target.amount if target else None, figure.direction, *figure.definition,
        figure.version, figure.source, figure.effective_from,
    ]  # fmt: skip


def file_of(form: str, mode: str, notes: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """The finished file. mode: of the county; notes: when and by whom, and what is left out."""
    head = [" / ".join(NOT_OFFICIAL), *notes]
    if MARKS.get(mode):
        head.insert(0, MARKS[mode])
    if form == "csv":
        return _csv(head, rows)
    if form == "xlsx":
        return _xlsx(head, rows)
    raise bad("form", form, "csv | xlsx")


def _csv(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([f"# {safe(line)}"] for line in head)
    writer.writerow(COLUMNS)
    writer.writerows([safe(x) if isinstance(x, str) else x for x in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    content = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(content, options)
    sheet, bold = book.add_worksheet("指标"), book.add_format({"bold": True})
    for n, line in enumerate(head):
        sheet.write_string(n, 0, line, bold)
    for n, row in enumerate([COLUMNS, *rows], start=len(head)):
        for m, got in enumerate(row):
            if isinstance(got, str):
                sheet.write_string(n, m, safe(got), bold if n == len(head) else None)
            elif got is not None:
                sheet.write_number(n, m, got)
    sheet.freeze_panes(len(head) + 1, 1)
    sheet.set_column(0, len(COLUMNS) - 1, 18)
    book.close()
    return content.getvalue()
