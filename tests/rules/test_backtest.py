"""`bihuan backtest` without the command line: files in, findings out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bihuan.base.errors import BadInputError
from bihuan.rules.backtest import (
    BacktestRequest,
    columns_of,
    moment_us,
    run_backtest,
    settings_of,
)

HEADER = "when,who,heart\n"
ROWS = (
    "2026-01-01T08:00:00+08:00,a,60\n"
    "2026-01-01T00:10:00Z,a,130\n"
    "2026-01-01T00:20:00Z,a,131\n"
    "2026-01-01T00:20:00Z,b,70\n"
    "2026-01-01T00:30:00Z,a,110\n"
    "2026-01-01T00:50:00Z,b,140\n"
)
COLUMNS = columns_of(["time=when", "value=heart", "series=who"])


def csv(folder: Path, text: str, name: str = "band.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def found(
    path: Path, kind: str, *settings: str, columns: dict[str, str] = COLUMNS, **options: int
) -> list[tuple[object, ...]]:
    request = BacktestRequest(kind, settings_of(kind, settings), (path,), columns, **options)  # type: ignore[arg-type]
    rows = [row.as_dict() for row in run_backtest(request)]
    assert all(list(row) == ["series", "opened", "cleared", "why"] for row in rows)
    return [(row["series"], row["opened"], row["cleared"]) for row in rows]


def faults(path: Path, **options: dict[str, str]) -> list[dict[str, str]]:
    with pytest.raises(BadInputError) as caught:
        found(path, "beyond", "limit=1", "side=above", "for=0", **options)  # type: ignore[arg-type]
    return [fault.as_dict() for fault in caught.value.faults]


def test_backtest_finds_what_was_beyond_its_limit(tmp_path: Path) -> None:
    got = found(csv(tmp_path, HEADER + ROWS), "beyond", "limit=120", "side=above", "for=0")
    assert got == [
        ("a", "2026-01-01T00:10:00Z", "2026-01-01T00:30:00Z"),
        ("b", "2026-01-01T00:50:00Z", None),
    ]


def test_backtest_says_why_in_both_languages(tmp_path: Path) -> None:
    settings = settings_of("beyond", ["limit=120", "side=above", "for=10m"])
    path = csv(tmp_path, HEADER + ROWS)
    (row, *_) = run_backtest(BacktestRequest("beyond", settings, (path,), COLUMNS, unit="bpm"))
    assert row.why["en"] == (
        "131 bpm is above the limit 120 bpm, and has been for at least 10m "
        "since 2026-01-01T00:10:00Z"
    )
    assert "131 bpm" in str(row.why["zh"])
    assert row.why["since"] == "2026-01-01T00:10:00Z"


def test_backtest_finds_silence_between_readings_and_to_the_end(tmp_path: Path) -> None:
    """`a` is last heard at 00:30 and the file goes on to 00:50; a gap of 30 min is b's."""
    path = csv(tmp_path, HEADER + ROWS)
    assert found(path, "silence", "for=15m") == [
        ("b", "2026-01-01T00:35:00Z", "2026-01-01T00:50:00Z"),
        ("a", "2026-01-01T00:45:00Z", None),
    ]
    assert found(path, "silence", "for=30m") == []
    to_us = moment_us("--to", "2026-01-01T01:30:00Z")
    assert found(path, "silence", "for=30m", to_us=to_us) == [
        ("a", "2026-01-01T01:00:00Z", None),
        ("b", "2026-01-01T01:20:00Z", None),
    ]


def test_backtest_keeps_to_its_period(tmp_path: Path) -> None:
    """From inclusive, to exclusive."""
    from_us = moment_us("--from", "2026-01-01 00:20")
    to_us = moment_us("--to", "2026-01-01T08:30:00+08:00")
    path = csv(tmp_path, HEADER + ROWS)
    settings = ("limit=120", "side=above", "for=0")
    got = found(path, "beyond", *settings, from_us=from_us, to_us=to_us)
    assert got == [("a", "2026-01-01T00:20:00Z", None)]


def test_backtest_finds_exposure_by_hand(tmp_path: Path) -> None:
    """20 °C from 0:00 to 1:00, hot until 2:00, 20 °C again: two hours in all at 3:00.

    At 4:00 hot again; the window of four hours from 1:30 holds 2:00 to 4:00 at 5:30: enough
    still; at 6:10 it begins at 2:10 and only 1 h 50 min are left.
    """
    cells = [("00:00", 20), ("01:00", 70), ("02:00", 20), ("02:30", 20), ("03:00", 20)]
    cells += [("04:00", 70), ("05:30", 70), ("06:10", 70)]
    text = "".join(f"2026-01-01 {at},{value}\n" for at, value in cells)
    path = csv(tmp_path, "t,c\n" + text, "probe.csv")
    settings = ("low=8", "high=60", "for=2h", "within=4h")
    got = found(path, "exposure", *settings, columns=columns_of(["time=t", "value=c"]))
    assert got == [("probe", "2026-01-01T03:00:00Z", "2026-01-01T06:10:00Z")]


def test_backtest_finds_who_left_the_area(tmp_path: Path) -> None:
    cells = ["0,30.5,120.5", "60,30.5,122", "120,30.5,122", "180,30.5,121", "240,29,121"]
    path = csv(tmp_path, "t,y,x\n" + "\n".join(cells), "walk.csv")
    columns = columns_of(["time=t", "lat=y", "lon=x"])
    polygon = "polygon=POLYGON((120 30,121 30,121 31,120 31,120 30))"
    got = found(path, "outside", polygon, "fixes=2", "for=0", columns=columns)
    assert got == [("walk", "1970-01-01T00:02:00Z", "1970-01-01T00:03:00Z")]


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_backtest_reads_parquet_and_epochs_alike(tmp_path: Path, unit: str) -> None:
    times = np.array([0, 600, 1200]) + 1_767_225_600
    scale = {"s": 1, "ms": 10**3, "us": 10**6}[unit]
    table = pa.table({"t": times * scale, "v": [1.0, None, 3.0]})
    pq.write_table(table, tmp_path / "x.parquet")
    columns = columns_of(["time=t", "value=v"])
    settings = ("limit=2", "side=above", "for=0")
    got = found(tmp_path / "x.parquet", "beyond", *settings, columns=columns)
    assert got == [("x", "2026-01-01T00:20:00Z", None)]


def test_backtest_reads_chinese_spreadsheets(tmp_path: Path) -> None:
    text = "时间,温度\n2026-01-01 00:00:00,99\n"
    path = csv(tmp_path, text, "表.csv", "gb18030")
    columns = columns_of(["time=时间", "value=温度"])
    got = found(path, "beyond", "limit=2", "side=above", "for=0", columns=columns)
    assert got == [("表", "2026-01-01T00:00:00Z", None)]


def test_backtest_takes_an_empty_cell_for_no_value(tmp_path: Path) -> None:
    text = "".join(f"2026-01-01T00:0{k}:00Z,a,{v}\n" for k, v in enumerate(("130", "", "NaN")))
    got = found(csv(tmp_path, HEADER + text), "beyond", "limit=120", "side=above", "for=0")
    assert got == [("a", "2026-01-01T00:00:00Z", None)]


def test_backtest_refuses_bad_cells_by_row_and_column(tmp_path: Path) -> None:
    """The header is row 1; every fault is named, not the first."""
    text = HEADER + "2026-01-01T00:00:00Z,a,36.6\n2026-02-30T00:00:00Z,a,97.9 F\nnever,a,36,6\n"
    assert faults(csv(tmp_path, text))[0]["field"] == "band.csv row 4"
    text = HEADER + "2026-01-01T00:00:00Z,a,36.6\n2026-02-30T00:00:00Z,a,97.9 F\nnever,a,x\n"
    assert [(f["field"], f["got"]) for f in faults(csv(tmp_path, text))] == [
        ("band.csv row 3 column when", "2026-02-30T00:00:00Z"),
        ("band.csv row 4 column when", "never"),
        ("band.csv row 3 column heart", "97.9 F"),
        ("band.csv row 4 column heart", "x"),
    ]


def test_backtest_refuses_columns_that_are_not_there(tmp_path: Path) -> None:
    path = csv(tmp_path, HEADER + ROWS)
    got = faults(path, columns={"time": "when", "value": "pulse"})
    assert (got[0]["field"], got[0]["got"]) == ("--column value", "pulse")
    assert faults(path, columns={"time": "when"})[0]["field"] == "--column"
    assert faults(path, columns={"time": "when", "lat": "a", "lon": "b"})[0]["field"] == "--column"


def test_backtest_refuses_what_is_no_table(tmp_path: Path) -> None:
    assert faults(csv(tmp_path, ""))[0]["field"] == "band.csv"
    assert faults(tmp_path / "absent.csv")[0]["field"] == "FILE"


def test_settings_that_are_no_pairs_are_refused() -> None:
    for texts in (["limit"], ["=3"], ["limit="], ["limit=1", "limit=2"]):
        with pytest.raises(BadInputError):
            settings_of("beyond", texts)
    with pytest.raises(BadInputError, match="kind"):
        settings_of("above", ["limit=1"])


PAIRS = columns_of(["time=t", "value=turns", "other=steps"])


def test_backtest_finds_a_rate_over_two_columns(tmp_path: Path) -> None:
    """Within the hour to 01:00 turns rise by 9 and steps by 3: 3 to 1. To 01:30 by 10 and 9.

    At 00:30 steps have not risen: no rate is known. An empty cell is no reading.
    """
    cells = ("00:00,1,10", "00:30,6,10", "00:45,8,", "01:00,10,13", "01:30,16,19")
    text = "t,turns,steps\n" + "".join(f"2026-01-01 {cell}\n" for cell in cells)
    settings = ("other=steps", "limit=2", "side=above", "within=1h")
    got = found(csv(tmp_path, text), "rate", *settings, columns=PAIRS)
    assert got == [("band", "2026-01-01T01:00:00Z", "2026-01-01T01:30:00Z")]


def test_backtest_finds_one_event_without_another_over_two_columns(tmp_path: Path) -> None:
    """Rain over 50 at 0:00 has its level at 0:10; that of 0:20 only at 0:35; the last has none."""
    cells = ("00:00,51,", "00:10,,2", "00:20,60,", "00:35,,2", "00:40,60,", "00:55,1,")
    text = "t,turns,steps\n" + "".join(f"2026-01-01 {cell}\n" for cell in cells)
    settings = ("limit=50", "side=above", "other=level", "other_limit=0", "other_side=above")
    got = found(csv(tmp_path, text), "without", *settings, "within=10m", columns=PAIRS)
    assert got == [
        ("band", "2026-01-01T00:30:00Z", "2026-01-01T00:35:00Z"),
        ("band", "2026-01-01T00:50:00Z", None),
    ]


def test_backtest_refuses_a_second_column_too_many_or_too_few(tmp_path: Path) -> None:
    path = csv(tmp_path, "t,turns,steps\n2026-01-01 00:00,1,1\n")
    assert faults(path, columns=PAIRS) == [
        {
            "field": "--column",
            "got": "time, value, other",
            "want": "time and value, for beyond",
        }
    ]
    settings = ("other=steps", "limit=2", "side=above", "within=1h")
    with pytest.raises(BadInputError, match="time, value and other, for rate"):
        found(path, "rate", *settings, columns=columns_of(["time=t", "value=turns"]))
