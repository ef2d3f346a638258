"""Rows out, as Excel or CSV: what the rows mean on top, then the same columns that an import reads.

Names, telephones and numbers are masked, and sealed texts left out, unless whoever asks has the
right to open; every export is an entry. A text that a spreadsheet would run is made a text.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import xlsxwriter

from bihuan.base.errors import bad
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, VIEWS_LANE
from bihuan.journal.storage import MAIN
from bihuan.register.entries import Actor
from bihuan.register.imports import every as _every  # noqa: F401 - makes the kinds known
from bihuan.register.imports.entries import ExportMade, ExportViewed
from bihuan.register.imports.kinds import Asking, Kind, kind_of
from bihuan.register.imports.times import shown_minute
from bihuan.register.masking import masked
from bihuan.register.models import County
from bihuan.register.rights import Rights

Form = Literal["xlsx", "csv"]
RUNS: Final = ("=", "+", "-", "@", "\t", "\r")
MARKS: Final = {
    "demo": "演示数据，人物和地点均为虚构",
    "drill": "演练数据，不是真实情况",
    "live": "",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to go out. filters: field → text that it must be equal to."""

    kind: str
    form: Form = "xlsx"
    filters: Mapping[str, str] = field(default_factory=dict)
    who: str = ""


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished file. is_open: nothing in it is masked."""

    filename: str
    content: bytes
    rows: int
    is_open: bool


class Exporter:
    """Takes rows out for one person; mine None = the platform (the command line)."""

    def __init__(self, clock: Clock, keys: KeyRing, by: Actor, mine: Rights | None) -> None:
        self._clock, self._keys, self._by, self._mine = clock, keys, by, mine

    def export(self, wanted: Wanted) -> Exported:
        """Make the file and log it. Raises BadInputError for a kind or filter that there is not.

        PermissionError where the person may export the kind nowhere.
        """
        kind = kind_of(wanted.kind)
        if wanted.form not in ("xlsx", "csv"):
            raise bad("form", wanted.form, "xlsx | csv")
        names = [f.name for f in kind.fields]
        if unknown := set(wanted.filters) - set(names):
            raise bad("filter", ", ".join(sorted(unknown)), " | ".join(names))
        if self._mine is not None and not self._mine.paths(kind.scenario, "export"):
            raise PermissionError(kind.name)
        is_open = self._is_open(kind)
        rows = list(self.rows(kind, wanted.filters, is_open=is_open))
        head = self._head(kind, wanted, len(rows), is_open=is_open)
        table: list[list[Any]] = [[f.title[0] + _unit(f.unit) for f in kind.fields]]
        table += [[row.get(name) for name in names] for row in rows]
        content = _xlsx(kind, head, table) if wanted.form == "xlsx" else _csv(head, table)
        said = ExportMade(
            kind=kind.name,
            rows=len(rows),
            filters=dict(wanted.filters),
            is_open=is_open,
            digest=hashlib.sha256(content).hexdigest(),
            by=self._by,
        )
        with Appender(FACTS_LANE, self._clock) as lane:
            lane.append(said)
        if is_open and said.by.person_id is not None:
            self._log_view(said, said.by.person_id)
        return Exported(f"{kind.name}.{wanted.form}", content, len(rows), is_open)

    def _log_view(self, said: ExportMade, person_id: int) -> None:
        """Taking out unmasked rows opens every one of them: it stands among the views too."""
        with Appender(VIEWS_LANE, self._clock) as views:
            views.append(
                ExportViewed(
                    kind=said.kind,
                    rows=said.rows,
                    filters=said.filters,
                    digest=said.digest,
                    by=person_id,
                    purpose=said.by.via,
                )
            )

    def rows(
        self, kind: Kind, filters: Mapping[str, str], *, is_open: bool
    ) -> Iterable[dict[str, Any]]:
        """Rows that may go out, as they may be shown; a filter looks at what is shown."""
        asking = Asking(self._mine, self._keys, self._clock.now_us(), filters)
        for row in kind.rows(asking):
            shown = dict(row) if is_open else _masked(kind, row)
            if all(str(shown.get(name) or "") == text for name, text in filters.items()):
                yield shown

    def _is_open(self, kind: Kind) -> bool:
        """Everything that may be exported may also be opened: else all of it is masked."""
        if self._mine is None:
            return True
        may_open = self._mine.paths(kind.scenario, "open")
        out = self._mine.paths(kind.scenario, "export")
        return all(any(path.startswith(above) for above in may_open) for path in out)

    def _head(
        self, kind: Kind, wanted: Wanted, rows: int, *, is_open: bool
    ) -> list[tuple[str, str]]:
        county = County.objects.using(MAIN).first()
        mark = MARKS.get(county.mode, "") if county is not None else ""
        said = "；".join(f"{name} = {text}" for name, text in wanted.filters.items())
        units = "；".join(f"{f.title[0]}：{f.unit}" for f in kind.fields if f.unit)
        shown = "完整显示（有打开权限）" if is_open else "已遮蔽：姓名、电话、证件号"
        head = [
            ("表", f"{kind.title[0]} {kind.title[1]}"),
            ("标记", mark),
            ("口径", f"{kind.meaning[0]}。{kind.meaning[1]}."),
            ("单位", units),
            ("县", county.name if county is not None else ""),
            ("导出人", wanted.who or ("系统" if self._by.person_id is None else "")),
            ("导出时间", f"{shown_minute(self._clock.now_us())} (+08:00)"),
            ("筛选", said or "无"),
            ("行数", str(rows)),
            ("个人信息", shown),
            ("说明", "业务数据，非统计数据"),
        ]
        return [(name, text) for name, text in head if text]


def _unit(unit: str | None) -> str:
    return f"({unit})" if unit else ""


def _masked(kind: Kind, row: Mapping[str, Any]) -> dict[str, Any]:
    shown = dict(row)
    for name, what in kind.personal.items():
        if shown.get(name) is not None:
            shown[name] = masked(what, str(shown[name]))  # type: ignore[arg-type]  # a kind of text
    return shown


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula; a telephone's + and a number stay."""
    if text.startswith(RUNS) and not text.replace("+", "", 1).replace(" ", "").isdigit():
        return f"'{text}"
    return text


def _cell(got: Any) -> str | int | float:
    if got is None:
        return ""
    if isinstance(got, bool):
        return "是" if got else "否"
    return got if isinstance(got, int | float) else safe(str(got))


def _csv(head: list[tuple[str, str]], table: list[list[Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows((f"# {name}", safe(said)) for name, said in head)
    writer.writerows([_cell(got) for got in row] for row in table)
    return text.getvalue().encode("utf-8-sig")  # so that Excel knows the encoding


def _xlsx(kind: Kind, head: list[tuple[str, str]], table: list[list[Any]]) -> bytes:
    content = io.BytesIO()
    # strings stay strings: no formula, no address that is clicked, no number made of a text
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(content, options)
    book.set_properties({"title": kind.title[0]})
    sheet, bold = book.add_worksheet(kind.title[0][:31]), book.add_format({"bold": True})
    for n, (name, said) in enumerate(head):
        sheet.write_string(n, 0, f"# {name}", bold)
        sheet.write_string(n, 1, safe(said))
    first = len(head)
    for n, row in enumerate(table):
        for m, got in enumerate(row):
            cell, style = _cell(got), bold if n == 0 else None
            if isinstance(cell, str):
                sheet.write_string(first + n, m, cell, style)
            else:
                sheet.write_number(first + n, m, cell, style)
    sheet.freeze_panes(first + 1, 0)
    sheet.set_column(0, max(len(table[0]) - 1, 0), 16)
    book.close()
    return content.getvalue()
