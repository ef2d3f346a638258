"""Reading a spreadsheet: Excel (.xlsx) or CSV (UTF-8, GB 18030) as texts with addresses.

What a register must not guess is a fault with its cell: a formula, a merged cell, a number so long
that Excel has already rounded it.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import product
from math import isfinite
from typing import Any, Final, NamedTuple

from defusedxml import DefusedXmlException, ElementTree
from python_calamine import CalamineError, CalamineWorkbook

from bihuan.base.errors import bad

MOST_BYTES: Final = 32 * 2**20
MOST_UNPACKED: Final = 512 * 2**20
MOST_ROWS: Final = 100_000
MOST_COLUMNS: Final = 200
MOST_CELLS: Final = 4_000_000  # rows times columns of one sheet: the reader lays out every one
EXACT: Final = 10**15  # beyond it a number in Excel has lost digits
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
# one start tag of a row or cell, whatever quotes and prefix it has, and whether a formula follows
_TAG = re.compile(
    rb"<(?:\w+:)?(row|c)\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>(\s*<(?:\w+:)?f[\s>/])?", re.DOTALL
)
_AT = re.compile(rb"\br\s*=\s*[\"']([A-Z]*)([0-9]+)[\"']")
_IS_ERROR = re.compile(rb"\bt\s*=\s*[\"']e[\"']")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_NUL_HERE = ("a NUL character", "text without it")
_FORMULA_HERE = ("a formula", "the value itself")
_ERROR_HERE = ("an error such as #N/A", "the value itself")


class CellFault(NamedTuple):
    """What is wrong, and where: sheet, row (from 1), the column's heading, the cell's address."""

    sheet: str
    row: int
    column: str
    cell: str
    field: str
    got: str
    want: str


@dataclass(slots=True)
class Sheet:
    """One sheet: texts by row and column from A1; odd: address → why a cell cannot be used."""

    name: str
    rows: list[list[str]]
    odd: dict[str, tuple[str, str]] = field(default_factory=dict)


def read(filename: str, content: bytes) -> list[Sheet]:
    """Every sheet that is not empty. Raises BadInputError for what is no spreadsheet."""
    if len(content) > MOST_BYTES:
        raise bad("file", f"{len(content)} bytes", f"at most {MOST_BYTES}")
    name = filename.lower()
    if name.endswith(".csv"):
        sheets = [_csv(content)]
    elif name.endswith(".xlsx"):
        sheets = _xlsx(content)
    else:
        raise bad("file", filename[-40:] or "no name", "a .xlsx or .csv file")
    for sheet in sheets:
        _without_nul(sheet)
    found = [sheet for sheet in sheets if any(any(row) for row in sheet.rows)]
    if not found:
        raise bad("file", "no rows", "a sheet with a heading and rows")
    if sum(len(sheet.rows) for sheet in found) > MOST_ROWS:
        raise bad("file", "more rows", f"at most {MOST_ROWS} rows; cut the file in parts")
    return found


def address(row: int, column: int) -> str:
    """`B7` for row 6 and column 1, both from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def _csv(content: bytes) -> Sheet:
    sheet = Sheet("CSV", [])
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    try:
        for n, row in enumerate(reader):
            if len(row) > MOST_COLUMNS:
                raise bad(
                    "file", f"{len(row)} columns in row {n + 1}", f"at most {MOST_COLUMNS} columns"
                )
            cells = [cell.strip() for cell in row]
            for m, cell in enumerate(cells):
                if cell.startswith("="):
                    sheet.odd[address(n, m)] = _FORMULA_HERE
            sheet.rows.append(cells)
    except csv.Error as error:
        where = f"row {len(sheet.rows) + 1}, to line {reader.line_num}"
        raise bad("file", where, "quotes that are closed, short fields") from error
    return sheet


def _separator(text: str) -> str:
    """The comma; a tab or semicolon where the first rows have it and the first has no comma."""
    rows = [row for row in text[:65_536].splitlines() if row.strip()][:5]
    if not rows or "," in rows[0]:
        return ","
    return next((one for one in "\t;" if all(one in row for row in rows)), ",")


def _without_nul(sheet: Sheet) -> None:
    """Mark each cell with a NUL, which no database takes as text, and take it out."""
    for n, row in enumerate(sheet.rows):
        for m, cell in enumerate(row):
            if "\0" in cell:
                sheet.odd[address(n, m)] = _NUL_HERE
                row[m] = cell.replace("\0", "")


def _decoded(content: bytes) -> str:
    if content.startswith(_UTF_16):
        raise bad("file", "UTF-16", "UTF-8 or GB 18030")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise bad("file", "bytes of another encoding", "UTF-8 or GB 18030")


def _xlsx(content: bytes) -> list[Sheet]:
    if content.startswith(_OLE):
        raise bad("file", "a password or the old .xls", "a .xlsx without a password")
    with _readable():
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _weigh(packed)
            odd = dict(_scanned(packed))
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [_sheet(book, name, odd.get(name, {})) for name in book.sheet_names]


@contextmanager
def _readable() -> Iterator[None]:
    """What the readers of zip, XML and Excel raise, as one refusal of the file."""
    try:
        yield
    except (
        *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError),
        *(CalamineError, KeyError, ElementTree.ParseError, DefusedXmlException),
    ) as error:
        raise bad("file", type(error).__name__, "an Excel file that can be read") from None


def _weigh(packed: zipfile.ZipFile) -> None:
    """Refuse what would not fit, by what the parts say, and that they say it truly."""
    parts = packed.infolist()
    if any(one.flag_bits & 1 for one in parts):
        raise bad("file", "a password", "a .xlsx without a password")
    if sum(one.file_size for one in parts) > MOST_UNPACKED:
        raise bad("file", "too much when unpacked", f"at most {MOST_UNPACKED} bytes")
    if packed.testzip() is not None:  # a part longer than it says ends in another checksum
        raise zipfile.BadZipFile


def _sheet(book: CalamineWorkbook, name: str, odd: dict[str, tuple[str, str]]) -> Sheet:
    found, sheet = book.get_sheet_by_name(name), Sheet(name, [])
    for n, row in enumerate(found.to_python(skip_empty_area=False)):
        cells = []
        for m, cell in enumerate(row):
            text, why = _text(cell)
            if why is not None:
                sheet.odd[address(n, m)] = why
            cells.append(text)
        sheet.rows.append(cells)
    sheet.odd |= odd
    left = MOST_CELLS
    for first, last in found.merged_cell_ranges or ():
        got = f"merged cells {address(*first)}:{address(*last)}"
        # whole columns may be merged: what lies below the last row concerns nobody
        rows = range(first[0], min(last[0] + 1, len(sheet.rows)))
        columns = range(first[1], min(last[1] + 1, MOST_COLUMNS))
        left -= len(rows) * len(columns)
        if left < 0:
            raise bad("file", f"merged cells in {name}", f"at most {MOST_CELLS} cells")
        for n, m in product(rows, columns):
            sheet.odd[address(n, m)] = (got, "one value in each cell")
    return sheet


def _text(cell: Any) -> tuple[str, tuple[str, str] | None]:
    if isinstance(cell, bool):
        return ("是" if cell else "否"), None
    if isinstance(cell, float) and not isfinite(cell):
        return str(cell), ("no finite number", "a number")
    if isinstance(cell, int | float):
        if abs(cell) >= EXACT:
            return str(cell), ("a number of 16 digits or more", "text: Excel has rounded it")
        return (str(int(cell)) if cell == int(cell) else repr(cell)), None
    if isinstance(cell, datetime):
        is_day = cell.time() == time(0)
        return (cell.date().isoformat() if is_day else cell.isoformat(" ", "seconds")), None
    if isinstance(cell, date | time):
        return cell.isoformat(), None
    if isinstance(cell, timedelta):
        return str(cell), None
    return str(cell).strip(), None


def _scanned(packed: zipfile.ZipFile) -> Iterator[tuple[str, dict[str, tuple[str, str]]]]:
    """(sheet, address → why) of formulas and errors: the reader gives only what was worked out.

    Raises BadInputError for a sheet too long or wide, before the reader lays out all its cells:
    one stray cell in the last row and column of Excel is 17,000 million of them.
    """
    links = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): str(link.get("Target")) for link in links}
    for sheet in ElementTree.fromstring(packed.read("xl/workbook.xml")).iter():
        if not str(sheet.tag).endswith("}sheet"):
            continue
        target = targets.get(sheet.get(_RELATION), "").lstrip("/")
        path = target if target.startswith("xl/") else f"xl/{target}"
        name = str(sheet.get("name"))
        yield name, _odd(name, packed.read(path))


def _odd(name: str, written: bytes) -> dict[str, tuple[str, str]]:
    odd: dict[str, tuple[str, str]] = {}
    row, column, wide = -1, -1, 0
    for tag in _TAG.finditer(written):
        said = _AT.search(tag[2])
        if tag[1] == b"row":
            row, column = int(said[2]) - 1 if said else row + 1, -1
        elif said:
            row, column = int(said[2]) - 1, _column(said[1])
        else:
            column += 1
        if tag[1] == b"c" and not tag[2].endswith(b"/"):  # a cell that is only coloured is none
            wide = max(wide, column + 1)
            _fits(name, row + 1, wide)
        if tag[3]:
            odd[address(row, column)] = _FORMULA_HERE
        elif _IS_ERROR.search(tag[2]):
            odd[address(row, column)] = _ERROR_HERE
    return odd


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column - 1


def _fits(name: str, rows: int, columns: int) -> None:
    if columns > MOST_COLUMNS:
        last = address(0, columns - 1)[:-1]
        raise bad("file", f"column {last} in {name}", f"at most {MOST_COLUMNS} columns")
    if rows > MOST_ROWS:
        want = f"at most {MOST_ROWS} rows; delete what is below the last, or cut the file in parts"
        raise bad("file", f"row {rows} in {name}", want)
    if rows * columns > MOST_CELLS:
        raise bad("file", f"{rows} rows of {columns} in {name}", f"at most {MOST_CELLS} cells")
