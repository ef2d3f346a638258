"""Every fault of the register and of its sheets has Chinese words on pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from bihuan.console.register.fault_words import ZH, got_word, want_word, want_zh
from tests.console.place import Place
from tests.repo.tracked import ROOT

REGISTER = ROOT / "bihuan" / "register"
# what stops the start of a process, naming file and key: no page shows it
AT_START = ("scheme_check.py", "schemes.py")
HAN = re.compile(r"[\u4e00-\u9fff]")


def sentences(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may be; `{}` where something is filled in. None of a list."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            texts = (one.value if isinstance(one, ast.Constant) else "{}" for one in parts)
            yield "".join(map(str, texts))
        case ast.IfExp(body=body, orelse=other):
            yield from (*sentences(body), *sentences(other))
        case ast.BoolOp(values=values):
            for one in values:
                yield from sentences(one)


def wants(path: Path) -> Iterator[str]:
    """What the faults of a file say is wanted: said to `bad` and `Fault`, or kept as `want`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="bad" | "Fault"), args=[_field, _got, want, *_]):
                yield from sentences(want)
            case ast.Assign(targets=[ast.Name(id="want")], value=want):
                yield from sentences(want)
            case ast.Assign(
                targets=[ast.Tuple(elts=[_, ast.Name(id="want")])],
                value=ast.Tuple(elts=[_, want]),
            ):
                yield from sentences(want)
            case ast.Return(value=ast.Tuple(elts=[ast.Constant(value=None), want])):
                yield from sentences(want)


FILES = sorted(one for one in REGISTER.rglob("*.py") if one.name not in AT_START)
SAID = sorted({want for one in FILES for want in wants(one) if re.search("[a-z]{2}", want)})


def test_every_want_of_the_register_has_chinese_words() -> None:
    assert len(SAID) > 150, "the walk found the register's faults"
    assert [one for one in SAID if one not in ZH and want_zh(one.replace("{}", "7")) == one] == []


def test_words_fill_in_as_many_places_as_the_sentence_has() -> None:
    assert [en for en, zh in ZH.items() if en.count("{}") != zh.count("{}")] == []


def test_words_are_chinese_or_names_of_formats() -> None:
    assert {en for en, zh in ZH.items() if not HAN.search(zh)} == {
        "JSON", "a FeatureCollection", "a {}", "iCalendar (RFC 5545)",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("want", "zh"),
    [
        ("a telephone number", "电话号码"),
        ("1 to 64 characters", "1 至 64 个字"),
        ("an area in which a village can lie", "可以设村（社区）的区域"),
        ("a whole number from 1 up to 10 in 人", "整数，1 至 10，单位 人"),
        ("later than 2026-03-02T00:00:00Z, when 7 began",
         "晚于 2026-03-02T00:00:00Z（7 开始的时间）"),
        ("9 as its last character, by GB 32100-2015", "末位应为 9（GB 32100-2015）"),
        ("lost | broken", "lost | broken"),
    ],
)  # fmt: skip
def test_want_is_said_in_the_language_of_the_page(want: str, zh: str) -> None:
    with override("zh-hans"):
        assert want_word(want) == zh
        assert got_word("nothing") == "空"
    with override("en"):
        assert (want_word(want), got_word("nothing")) == (want, "nothing")


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize(
    ("language", "word"), [("zh-hans", "电话号码"), ("en", "a telephone number")]
)
def test_form_of_the_register_says_its_fault_in_the_page_s_language(
    place: Place, language: str, word: str
) -> None:
    client = place.client("command", language)
    said = {"act": "phone", "key": "k", "v.phone": "abc"}
    answer = client.post(f"/parties/{place.people.elder}/", said)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert word in shown
    assert ("a telephone number" in shown) == (language == "en")
