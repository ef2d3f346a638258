"""Files that would break a reader, or lose what they hold: each is refused by name, or by cell."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
import xlsxwriter

from bihuan.base.errors import BadInputError
from bihuan.register.imports.sheet import read
from tests.register.imports.sheets import xlsx

ROWS = [["姓名", "性别"], ["甲", "男"]]
SHEET = "xl/worksheets/sheet1.xml"
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def workbook(draw: Callable[[xlsxwriter.Workbook, xlsxwriter.worksheet.Worksheet], None]) -> bytes:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet("名册")
    for n, row in enumerate(ROWS):
        sheet.write_row(n, 0, row)
    draw(book, sheet)
    book.close()
    return content.getvalue()


def rewritten(path: str, old: bytes, new: bytes) -> bytes:
    """A workbook with one of its parts written otherwise."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(ROWS))) as held, zipfile.ZipFile(content, "w") as made:
        for name in held.namelist():
            part = held.read(name)
            assert name != path or old in part
            made.writestr(name, part.replace(old, new, 1) if name == path else part)
    return content.getvalue()


def with_cells(cells: bytes) -> bytes:
    """The workbook with one more row, the third."""
    end = b"</sheetData>"
    return rewritten(SHEET, end, b'<row r="3">' + cells + b"</row>" + end)


def flagged(content: bytes) -> bytes:
    """The same zip, whose parts say that they need a password."""
    made = bytearray(content)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found = made.find(mark)
        while found >= 0:
            made[found + at] |= 1
            found = made.find(mark, found + 1)
    return bytes(made)


def understated(content: bytes) -> bytes:
    """The same zip, whose sheet says that it unpacks to ten bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as held:
        true = held.getinfo(SHEET).file_size.to_bytes(4, "little")
    return content.replace(true, (10).to_bytes(4, "little"))


def refusal(name: str, content: bytes) -> tuple[str, str]:
    with pytest.raises(BadInputError) as refused:
        read(name, content)
    (fault,) = refused.value.faults
    assert fault.field == "file"
    return fault.got, fault.want


def test_stray_cell_in_the_last_row_is_refused_before_its_rows_are_laid_out() -> None:
    """Excel's last row and column: 17,000 million cells, which ended the process by abort."""
    stray = workbook(lambda _book, sheet: sheet.write(1_048_575, 199, "x"))
    got, want = refusal("a.xlsx", stray)
    assert got == "row 1048576 in 名册"
    assert want.startswith("at most 100000 rows")


def test_sheet_too_wide_or_of_too_many_cells_is_refused() -> None:
    wide = workbook(lambda _book, sheet: sheet.write(1, 16_383, "x"))
    assert refusal("a.xlsx", wide) == ("column XFD in 名册", "at most 200 columns")
    large = workbook(lambda _book, sheet: sheet.write(99_999, 199, "x"))
    assert refusal("a.xlsx", large)[1] == "at most 4000000 cells"


def test_cell_that_is_only_coloured_holds_nothing() -> None:
    coloured = workbook(
        lambda book, sheet: sheet.write_blank(1_048_575, 9, None, book.add_format({"bold": True}))
    )
    (sheet,) = read("a.xlsx", coloured)
    assert sheet.rows == ROWS


def test_merged_columns_are_faults_down_to_the_last_row_only() -> None:
    end = b"</sheetData>"
    merge = b'<mergeCells count="1"><mergeCell ref="A2:XFD1048576"/></mergeCells>'
    (sheet,) = read("a.xlsx", rewritten(SHEET, end, end + merge))
    assert len(sheet.odd) == 200
    assert {"A2", "B2", "GR2"} <= set(sheet.odd)
    assert sheet.odd["A2"] == ("merged cells A2:XFD1048576", "one value in each cell")


def test_error_of_a_cell_is_a_fault_and_not_an_empty_cell() -> None:
    (sheet,) = read("a.xlsx", with_cells(b'<c r="A3" t="e"><v>#N/A</v></c>'))
    assert sheet.odd == {"A3": ("an error such as #N/A", "the value itself")}


def test_formula_is_found_however_its_cell_is_written() -> None:
    cells = b"<c r='A3'><f>1+1</f><v>2</v></c><c><f>1+1</f><v>2</v></c>"
    (sheet,) = read("a.xlsx", with_cells(cells))
    assert sorted(sheet.odd) == ["A3", "B3"]


def test_number_that_is_none_is_a_fault() -> None:
    (sheet,) = read("a.xlsx", with_cells(b'<c r="A3"><v>NaN</v></c>'))
    assert sheet.odd == {"A3": ("no finite number", "a number")}


def test_password_and_old_format_are_called_so() -> None:
    want = "a .xlsx without a password"
    assert refusal("a.xlsx", OLE + bytes(4096)) == ("a password or the old .xls", want)
    assert refusal("a.xlsx", flagged(xlsx(ROWS))) == ("a password", want)


@pytest.mark.parametrize(
    "content",
    [
        xlsx(ROWS)[:2000],
        understated(xlsx(ROWS)),
        rewritten("xl/workbook.xml", b"?>", b'?><!DOCTYPE a [<!ENTITY b "c">]>'),
        rewritten("xl/workbook.xml", b"</workbook>", b""),
        rewritten("xl/_rels/workbook.xml.rels", b"worksheets/sheet1", b"worksheets/other"),
    ],
    ids=["cut off", "says less than it holds", "entities", "no XML", "no sheet"],
)
def test_broken_workbook_is_refused(content: bytes) -> None:
    assert refusal("a.xlsx", content)[1] == "an Excel file that can be read"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('姓名,性别\n甲,男\n"乙,女\n丙,男\n', "row 3, to line 4"),
        (f"姓名,性别\n{'甲' * 200_000},男\n", "row 2, to line 2"),
    ],
    ids=["open quote", "long field"],
)
def test_csv_that_cannot_be_cut_into_fields_is_refused_by_row(text: str, where: str) -> None:
    """A quote left open swallowed every row after it."""
    assert refusal("a.csv", text.encode())[0] == where
