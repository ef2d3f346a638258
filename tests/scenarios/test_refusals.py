"""Every refusal of the kitchen's and the chain's checks is said in words of both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from bihuan.base.errors import Fault
from bihuan.console.register.fault_words import in_words
from bihuan.console.register.scenario_words import zh_of
from bihuan.register.scheme import Says
from bihuan.scenarios.chain.refusals import SAYS as CHAIN
from bihuan.scenarios.kitchen.refusals import SAYS as KITCHEN
from tests.repo.tracked import ROOT

FOLDER = ROOT / "bihuan" / "scenarios"
HAN = re.compile(r"[\u4e00-\u9fff]")


def text(node: ast.expr) -> str | None:
    """The text that stands there; 7 where something is filled in. None of what is no text."""
    match node:
        case ast.Constant(value=str(said)):
            return said
        case ast.JoinedStr(values=parts):
            return "".join(str(p.value) if isinstance(p, ast.Constant) else "7" for p in parts)
    return None


def faults(path: Path) -> Iterator[tuple[str, str | None, str]]:
    """The (field, got, want) that a file yields, appends or returns; `want` by its name too."""
    named = dict[str, str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Assign(targets=[ast.Name(id="want" | "wanted" | "got" as name)], value=value):
                named[name] = text(value) or ""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Tuple(elts=[(ast.Constant() | ast.Name()) as of, got, want]):
                said = named.get(want.id) if isinstance(want, ast.Name) else text(want)
                field = of.value if isinstance(of, ast.Constant) else ""
                if said and " " in said and not HAN.search(said) and isinstance(field, str):
                    yield field, text(got), said


CHECKED = {
    "kitchen": (
        "arrivals", "batch_acts", "deliveries", "guards", "inspections", "keeping", "subjects",
    ),
    "chain": ("appeals", "firms", "published"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("scenario", "says", "least"), [("kitchen", KITCHEN, 20), ("chain", CHAIN, 12)]
)
def test_every_refusal_has_words_for_its_field_its_want_and_what_was_got(
    scenario: str, says: Says, least: int
) -> None:
    paths = [FOLDER / scenario / f"{name}.py" for name in CHECKED[scenario]]
    said = sorted({one for path in paths for one in faults(path)}, key=str)
    assert len(said) > least, "the walk found the refusals"
    assert {field for field, _got, _want in said if field} <= set(says.fields)
    assert [want for _f, _got, want in said if not HAN.search(zh_of(want, says.texts))] == []
    plain = [got for _f, got, _want in said if got and re.search("[a-z]{3}", got)]
    assert [got for got in plain if not HAN.search(zh_of(got, says.texts))] == []


@pytest.mark.parametrize(
    ("scenario", "fault", "zh", "en"),
    [
        (
            "kitchen",
            Fault("sample", "none", "a sample of at least 125 g, sealed, labelled and kept"),
            "留样: 没有 → 至少 125 克留样，已密封、贴标签，还在留样柜",
            "Food sample: none → a sample of at least 125 g, sealed, labelled and kept",
        ),
        (
            "kitchen",
            Fault("eat_by", "over since 2026-03-02T02:01:00Z", "food within its time"),
            "食用时限: 03-02 10:01 已过 → 还在食用时限内的食品",
            "Eat by: over since 03-02 10:01 → food within its time",
        ),
        (
            "kitchen",
            Fault("eat_by", "58.5 Cel by a device at 2026-03-02T02:01:00Z", "food within its time"),
            "食用时限: 设备 03-02 10:01 测得 58.5℃ → 还在食用时限内的食品",
            "Eat by: 58.5 Cel by a device at 03-02 10:01 → food within its time",
        ),
        (
            "chain",
            Fault("expires", "11 days", "more than 0, at most 10 days"),
            "有效期至: 11 天 → 大于 0 天，至多 10 天",
            "Until: 11 days → more than 0, at most 10 days",
        ),
    ],
)
def test_a_refusal_reads_plainly_in_both_languages(
    scenario: str, fault: Fault, zh: str, en: str
) -> None:
    with override("zh-hans"):
        assert in_words(fault, scenario) == zh
    with override("en"):
        assert in_words(fault, scenario) == en
