"""One word per idea: the glossary has what the code says, and pages avoid the wrong words."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator

import pytest
from django.apps import apps

from bihuan.journal.payloads import known_types
from docs.generate import load_entry_types
from tests.repo.tracked import ROOT, texts
from tools.translate import CATALOG, all_words, read

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def glossary_codes() -> set[str]:
    """Every code word of the glossary."""
    return {word for row in re.findall(r"^\|.*\|$", GLOSSARY, re.MULTILINE) for word in codes(row)}


def codes(row: str) -> list[str]:
    return re.findall(r"`([a-z_0-9]+)`", row)


def test_glossary_has_the_words_of_every_entry_type() -> None:
    load_entry_types()
    ours = [name for name, cls in known_types().items() if cls.__module__.startswith("bihuan.")]
    words = {word for name in ours for word in name.split(".")[:-1]}
    assert "case" in words
    assert words - glossary_codes() == set()


def test_glossary_has_the_noun_of_every_table() -> None:
    ours = [model for model in apps.get_models() if model.__module__.startswith("bihuan.")]
    nouns = {model._meta.db_table.removeprefix(f"{model._meta.app_label}_") for model in ours}
    assert "case" in nouns
    assert nouns - glossary_codes() == set()


@pytest.mark.parametrize("listed", ["STATES", "OUTCOMES", "CLOCKS", "STEP_STATES", "FATES"])
def test_glossary_has_every_state(listed: str) -> None:
    states = set(getattr(importlib.import_module("bihuan.loop.models"), listed))
    assert states
    assert states - glossary_codes() == set()


# word → (why it is wrong, where it is right: a pattern of file names)
WRONG: dict[str, tuple[str, str | None]] = {
    "案件": ("police and courts; 事件", r"^bihuan/scenarios/\w*dispute\w*/"),
    "立案": ("police and courts; 受理", r"^bihuan/scenarios/\w*dispute\w*/"),
    "接单": ("takeaway; 我来处置", r"^bihuan/scenarios/\w*farm\w*/"),
    "研判": ("a person's work; 异常", None),
    "公示": ("a legal period for objections; 数据公开", None),
    "静默": ("a lockdown; 失联 or 无数据", None),
    "结案": ("已办结", None),
    "挂起": ("暂停计时", None),
    "预警规则": ("告警规则", None),
    "读报": ("报刊数据核录", None),
}
# the weather station's word: its English says whose it is
STATION_WORD, STATION_ENGLISH = "预警信号", "official warning"


def shown_texts() -> Iterator[tuple[str, str]]:
    """(file, text) of everything that a page may show: templates, scenarios, translations."""
    for words in all_words():
        yield from ((words.place, form) for form in words.forms)
    for name, text in texts():
        is_page = name.startswith("bihuan/") and name.endswith((".html", ".js", ".mjs"))
        is_declared = re.match(r"bihuan/scenarios/\w+/(?!tests/).*\.(py|html)$", name)
        if is_page or is_declared:
            yield name, text


def wrong_words(shown: Iterator[tuple[str, str]]) -> list[str]:
    """`file: word (why)` of each wrong word in a place where it is wrong."""
    found = {
        f"{name}: {word} ({why})"
        for name, text in shown
        for word, (why, where) in WRONG.items()
        if word in text and not (where and re.match(where, name))
    }
    return sorted(found)


def test_pages_use_no_word_that_means_something_else() -> None:
    assert wrong_words(shown_texts()) == []


def test_pages_are_read_for_wrong_words_but_in_their_own_places() -> None:
    shown = [
        ("bihuan/console/templates/case.html", "<h1>案件</h1>"),
        ("bihuan/scenarios/disputes/scenario.py", "案件"),
        ("bihuan/scenarios/disputes/scenario.py", "接单"),
    ]
    assert wrong_words(iter(shown)) == [
        "bihuan/console/templates/case.html: 案件 (police and courts; 事件)",
        "bihuan/scenarios/disputes/scenario.py: 接单 (takeaway; 我来处置)",
    ]


def test_official_warnings_are_called_so_in_english() -> None:
    for message in read(CATALOG):
        if STATION_WORD in str(message.id):
            assert STATION_ENGLISH in str(message.string).lower()
