"""Rows on stdout: JSON lines for programs, a table for people; everything else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table


def print_json(row: Mapping[str, Any]) -> None:
    """One object on one line."""
    sys.stdout.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def print_rows(rows: Iterable[Mapping[str, Any]], *, as_json: bool) -> None:
    """Rows as JSON lines, or as one table whose columns are the first row's."""
    if as_json:
        for row in rows:
            print_json(row)
        return
    table: Table | None = None
    for row in rows:
        if table is None:
            table = Table(*row.keys())
        table.add_row(*("" if v is None else str(v) for v in row.values()))
    if table is not None:
        Console().print(table)


def say(text: str) -> None:
    """A word to the person, on stderr."""
    sys.stderr.write(f"{text}\n")
