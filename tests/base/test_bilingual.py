"""A source in two languages: each reader gets one, and its mark in words."""

from __future__ import annotations

import re

import pytest

from bihuan.base.bilingual import BETWEEN, also, pair, plain
from bihuan.console.limits.facts import limit_of
from bihuan.figures.declared import Figure
from bihuan.rules.rule import Rule
from bihuan.scenarios import load

HAN = re.compile(r"[\u4e00-\u9fff]")
STANDARD = re.compile(r"GB \d")  # the name of a standard is the same in both


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        (
            "通行做法 [K]，以本县自定的为准 / general practice [K]; the county's own replaces it",
            "通行做法（非法规），以本县自定的为准",
            "general practice (no law); the county's own replaces it",
        ),
        (
            "5分钟 [L，长治] / 5 min [L, Changzhi]",
            "5分钟（其他地方的规定，长治）",
            "5 min (another place's rule, Changzhi)",
        ),
        (
            "GB 31654-2021 [V secondary]",
            "GB 31654-2021（转引，待核）",
            "GB 31654-2021 (at second hand, to be checked)",
        ),
        ("市场监管总局令第20号", "市场监管总局令第20号", "市场监管总局令第20号"),
        ("操作规范 [V] / the code [V]", "操作规范", "the code"),
    ],
)
def test_each_reader_gets_a_language_and_the_mark_in_words(text: str, zh: str, en: str) -> None:
    assert plain(text, is_english=False) == zh
    assert plain(text, is_english=True) == en


def test_more_is_said_in_both() -> None:
    assert also("甲 / a", "乙", "b") == "甲：乙 / a: b"


def sources() -> set[str]:
    """Every source and region that a scenario of this release declares."""
    found: set[str] = set()
    for scenario in load():
        found |= {rule.source for rule in scenario.rules if isinstance(rule, Rule)}
        found |= {rule.region for rule in scenario.rules if isinstance(rule, Rule)}
        found |= {one.source for one in scenario.figures if isinstance(one, Figure)}
        for book in scenario.playbooks:
            for limit in (book.repeat, *(step.wait for step in book.ladder)):
                found |= {limit.source, limit.region}
            for kind in book.clock_kinds():
                limit = limit_of(book, kind)
                found |= {limit.source, limit.region}
    return found


def test_what_scenarios_declare_is_told_in_both_languages() -> None:
    found = sources()
    assert len(found) > 20
    for text in found:
        zh, en = pair(text)
        assert HAN.search(zh) or STANDARD.match(zh), f"{text}: no Chinese"
        assert BETWEEN not in text or not HAN.search(en), f"{text}: Chinese in the English"
