"""Declarations: what is refused, with field, got and want, and all of it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from bihuan.base.errors import BadInputError
from bihuan.rules.kinds import KINDS, checked
from bihuan.rules.rule import Rule, check_versions

FEVER = Rule(
    id="elder.fever",
    title_zh="发热",
    title_en="Fever",
    kind="beyond",
    channel="temperature",
    parameters={"limit": 37.3, "side": "above", "for": "10m"},
    unit="Cel",
    source="village doctor, procedure 3 (2024)",
    effective_from=date(2024, 1, 1),
    region="330482",
    severity="warning",
)


def refused(kind: str, given: Mapping[str, object]) -> set[str]:
    with pytest.raises(BadInputError) as caught:
        checked(KINDS[kind], given)
    return {fault.field for fault in caught.value.faults}


BEYOND = {"limit": "100", "side": "above", "for": "10m"}
COUNT = {"limit": "1", "side": "above", "times": "3", "within": "1h"}
COOLING = {"hot": "60", "middle": "21", "cold": "8", "first": "2h", "second": "2h"}
POINTS = {"sign": "heart_rate", "points": "3", "fixes": "2", "for": "0"}
EXPOSURE = {"low": "8", "high": "60", "for": "2h", "within": "4h"}


def test_kinds_are_those_of_the_command_line() -> None:
    """Names and parameters as cli.md has them."""
    want = {
        "beyond": ("limit", "side", "for", "clear"),
        "silence": ("for",),
        "change": ("by", "within", "way"),
        "outside": ("polygon", "fixes", "for"),
        "baseline": ("k", "history", "every", "fixes"),
        "exposure": ("low", "high", "for", "within"),
        "count": ("limit", "side", "times", "within"),
        "total": ("limit", "sends", "within", "outage"),
        "cooling": ("hot", "middle", "cold", "first", "second"),
        "rate": ("other", "limit", "side", "within"),
        "points": ("sign", "points", "fixes", "for"),
        "without": ("limit", "side", "other", "other_limit", "other_side", "within"),
    }
    assert {k.name: tuple(p.name for p in k.parameters) for k in KINDS.values()} == want


def test_clear_defaults_to_the_limit() -> None:
    typed = checked(KINDS["beyond"], BEYOND)
    assert (typed["clear"], typed["for"]) == (100.0, 600_000_000)


@pytest.mark.parametrize(
    ("kind", "given", "fields"),
    [
        ("beyond", {**BEYOND, "side": "over"}, {"side"}),
        ("beyond", {**BEYOND, "limit": "nan"}, {"limit", "clear"}),
        ("beyond", {**BEYOND, "limit": "inf", "clear": "1"}, {"limit"}),
        ("beyond", {**BEYOND, "limit": True, "clear": 1}, {"limit"}),
        ("beyond", {**BEYOND, "for": "-1m"}, {"for"}),
        ("beyond", {**BEYOND, "for": "10"}, {"for"}),
        ("beyond", {**BEYOND, "clear": "101"}, {"clear"}),
        ("beyond", {**BEYOND, "side": "below", "clear": "99"}, {"clear"}),
        ("beyond", {**BEYOND, "hold": "1m"}, {"hold"}),
        ("beyond", {}, {"limit", "side", "for"}),
        ("beyond", {"limit": "x", "side": "up", "for": "z"}, {"limit", "clear", "side", "for"}),
        ("silence", {"for": "0"}, {"for"}),
        ("silence", {"for": "999999999d"}, {"for"}),
        ("change", {"by": 1, "within": "1h", "way": "up"}, {"way"}),
        ("change", {"by": "0", "within": "1h"}, {"by"}),
        ("change", {"by": "-3", "within": "1h"}, {"by"}),
        ("outside", {"polygon": "0,0;2,2;2,0;0,2", "fixes": "1", "for": "0"}, {"polygon"}),
        ("outside", {"polygon": "0,0;2,0;2,2", "fixes": "0", "for": "0"}, {"fixes"}),
        ("outside", {"polygon": "0,0;2,0;2,2", "fixes": "1.5", "for": "0"}, {"fixes"}),
        ("baseline", {"k": "0", "history": "7d"}, {"k"}),
        ("baseline", {"k": "3", "history": "7d", "fixes": "0"}, {"fixes"}),
        ("exposure", {**EXPOSURE, "low": "60"}, {"low"}),
        ("count", {**COUNT, "times": 0}, {"times"}),
        (
            "count",
            {"limit": 1, "side": "up", "times": 256, "within": "0"},
            {"side", "times", "within"},
        ),
        ("cooling", {**COOLING, "middle": 60}, {"middle"}),
        ("cooling", {**COOLING, "cold": 21}, {"middle"}),
        ("cooling", {**COOLING, "second": "0"}, {"second"}),
        ("points", {**POINTS, "sign": "diastolic"}, {"sign"}),
        (
            "without",
            {"within": "0"},
            {"limit", "side", "other", "other_limit", "other_side", "within"},
        ),
        ("rate", {"other": "position", "limit": 1, "side": "above", "within": "1h"}, {"other"}),
        ("points", {**POINTS, "points": 4}, {"points"}),
        ("points", {**POINTS, "total": 7}, {"total"}),
        ("exposure", {**EXPOSURE, "for": "5h"}, {"for"}),
    ],
)
def test_parameters_that_make_no_sense_are_refused(
    kind: str, given: Mapping[str, object], fields: set[str]
) -> None:
    assert refused(kind, given) == fields


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"channel": "mood"}, "elder.fever.channel"),
        ({"unit": ""}, "elder.fever.unit"),
        ({"unit": "°F"}, "elder.fever.unit"),
        ({"source": " "}, "elder.fever.source"),
        ({"title_zh": ""}, "elder.fever.title_zh"),
        ({"title_en": ""}, "elder.fever.title_en"),
        ({"region": ""}, "elder.fever.region"),
        ({"severity": "mild"}, "elder.fever.severity"),
        ({"version": 0}, "elder.fever.version"),
        ({"late": "soon"}, "elder.fever.late"),
        ({"late": "4000d"}, "elder.fever.late"),
        ({"kind": "over"}, "elder.fever.kind"),
        ({"channel": "position"}, "elder.fever.channel"),
        ({"kind": "points", "parameters": POINTS}, "elder.fever.sign"),
    ],
)
def test_rule_without_its_facts_is_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(BadInputError) as caught:
        replace(FEVER, **changes)  # type: ignore[arg-type]
    assert field in {fault.field for fault in caught.value.faults}


def test_rule_versions_that_overlap_are_refused() -> None:
    later = replace(FEVER, version=2, effective_from=date(2025, 1, 1))
    check_versions([later, FEVER, replace(FEVER, region="330400")])
    for overlapping in (replace(later, version=1), replace(later, effective_from=date(2024, 1, 1))):
        with pytest.raises(BadInputError):
            check_versions([FEVER, overlapping])
