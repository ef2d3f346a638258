"""Brackets within brackets: one clear error, and no exception that nobody catches."""

from __future__ import annotations

import pytest

from bihuan.base.errors import BadInputError
from bihuan.gateway.http.lines import from_json
from bihuan.gateway.http.signals import Posted, many

DEEP = b"[" * 200_000


def test_signals_refuse_nesting_without_end() -> None:
    with pytest.raises(BadInputError, match="document"):
        many(DEEP, Posted)
    with pytest.raises(BadInputError, match="document"):
        many(b'[{"kind": ' + DEEP, Posted)


BODIES = {"bare": DEEP, "value": b'{"at": ' + DEEP, "row": b'[{"at": ' + DEEP}


@pytest.mark.parametrize("name", BODIES)
def test_an_array_of_readings_refuses_nesting_without_end(name: str) -> None:
    with pytest.raises(BadInputError, match="document"):
        from_json(BODIES[name], is_lines=False)


@pytest.mark.parametrize("name", BODIES)
def test_a_line_of_readings_that_nests_without_end_is_a_fault_of_that_line(name: str) -> None:
    good = b'{"device":"a","channel":"temperature","unit":"degC","value":1}'
    checked = from_json(good + b"\n" + BODIES[name], is_lines=True)
    told = zip(checked.faults, checked.lines, strict=True)
    assert {fault.field for fault, line in told if line == 2} == {"document"}
