"""A code list: imported once, again without effect, and merged with all that lies in it."""

from __future__ import annotations

import csv
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.journal.models import Head
from bihuan.register.areas.acts import AreaActs
from bihuan.register.areas.code_list import import_codes
from bihuan.register.areas.spans import children_at, path_at, path_now
from bihuan.register.models import Area
from tests.rebuilt import differences
from tests.register.territory import CLERK, day, rows

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)
COUNTY = "330482"  # 9 towns and 136 villages in the package china-division 2.7.0
PACKED = os.environ.get("BIHUAN_CODE_LIST", "")  # its .tgz, fetched by `.ci/run`, never committed


def invented() -> dict[str, str]:
    """9 towns of 青禾县 with 136 villages: 15 each, and 16 in the first."""
    names = {"990101000000": "青禾县"}
    for town in range(9):
        code = f"990101{100 + town}"
        names[f"{code}000"] = f"第{town + 1}镇"
        for village in range(16 if town == 0 else 15):
            names[f"{code}{201 + village}"] = f"第{town + 1}镇{village + 1}村"
    return names


def real() -> dict[str, str]:
    """The county, its towns and its villages, codes filled up to twelve digits."""
    found = {}
    with tarfile.open(PACKED) as packed:
        for part in ("areas", "streets", "villages"):
            file = packed.extractfile(f"package/dist/{part}.csv")
            assert file is not None
            for row in csv.DictReader(io.TextIOWrapper(file, encoding="utf-8")):
                if row["code"].startswith(COUNTY):
                    found[row["code"].ljust(12, "0")] = row["name"]
    return found


LISTS = [
    pytest.param(invented, id="invented"),
    pytest.param(
        real,
        id="real",
        marks=pytest.mark.skipif(
            not Path(PACKED).is_file(), reason="BIHUAN_CODE_LIST names no package of area codes"
        ),
    ),
]


@pytest.mark.usefixtures("county")
@pytest.mark.parametrize("names_of", LISTS)
def test_a_list_of_9_towns_and_136_villages_is_imported_and_two_towns_merge(
    names_of: Callable[[], dict[str, str]], clock: MovableClock
) -> None:
    names = names_of()
    done = import_codes(names, day("2020-01-01"), clock, CLERK)
    levels = [Area.objects.filter(level=level).count() for level in ("county", "town", "village")]
    assert levels == [1, 9, 136]
    assert len(done.added) == 146
    towns = sorted(code for code in names if code.endswith("000") and code[6:] != "000000")
    for code in names:  # every area lies where its digits say
        above = [names[c] for c in (f"{code[:6]}000000", f"{code[:9]}000", code) if c in names]
        path = [int(part) for part in path_now(rows(), done.ids[code]).split(".") if part]
        assert [Area.objects.get(pk=part).name for part in path] == list(dict.fromkeys(above))
    before = Head.objects.get(lane=0).position
    again = import_codes(names, day("2021-01-01"), clock, CLERK)
    assert (again.added, again.renamed, again.missing) == ([], [], [])
    assert Head.objects.get(lane=0).position == before

    old, new = done.ids[towns[-1]], done.ids[towns[0]]
    moved = children_at(rows(), old, day("2021-01-01"))
    kept = children_at(rows(), new, day("2021-01-01"))
    AreaActs(clock, CLERK).merge([old], new, day("2022-01-01"))
    assert children_at(rows(), new, day("2022-01-01")) == sorted([*moved, *kept])
    assert len(children_at(rows(), done.ids[min(names)], day("2022-01-01"))) == 8
    root = f"{done.ids[min(names)]}."
    for village in moved:
        assert path_at(rows(), village, day("2021-12-31")) == f"{root}{old}.{village}."
        assert path_at(rows(), village, day("2022-01-01")) == f"{root}{new}.{village}."
    assert differences() == []


@pytest.mark.usefixtures("county")
def test_a_later_list_renames_adds_and_names_what_is_missing(clock: MovableClock) -> None:
    names = invented()
    ids = import_codes(names, day("2020-01-01"), clock).ids
    gone = names.pop("990101100216")
    names["990101100201"] = "改名村"
    names["990101100217"] = "新设村"
    done = import_codes(names, day("2023-01-01"), clock)
    assert gone == "第1镇16村"
    assert (done.added, done.renamed, done.missing) == (
        ["990101100217"],
        ["990101100201"],
        ["990101100216"],
    )
    assert done.ids["990101100201"] == ids["990101100201"]
    assert differences() == []


@pytest.mark.usefixtures("county")
def test_a_list_with_bad_codes_tells_each_and_imports_none(clock: MovableClock) -> None:
    names = invented() | {"99010110": "短", "990101199201": "无镇村", "990101200000": " "}
    with pytest.raises(BadInputError) as error:
        import_codes(names, day("2020-01-01"), clock)
    assert [f.field for f in error.value.faults] == ["code 99010110"]
    del names["99010110"]
    with pytest.raises(BadInputError) as error:
        import_codes(names, day("2020-01-01"), clock)
    assert {f.field for f in error.value.faults} == {
        "code 990101199201: parent_id",
        "code 990101200000: name",
    }
    assert not Area.objects.exists()
