"""English is complete, and the check that says so fails on every way of being incomplete."""

from __future__ import annotations

from gettext import GNUTranslations
from pathlib import Path

import pytest

from tools import translate
from tools.translate import faults, read, write
from tools.untranslated import untranslated

PAGE = """{% load i18n %}
<h1>{% translate "值守台" %}</h1>
    {% blocktranslate trimmed count n=cases|length %}
      有 {{ n }} 件
    {% plural %}
      有 {{ n }} 件
    {% endblocktranslate %}
<p title="{% translate "转办" context "button" %}">{{ name|default:_("未佩戴") }}</p>
"""
CODE = 'def show() -> str:\n    return gettext("%(name)s 已受理") % {"name": "x"}\n'
ENGLISH: dict[str | tuple[str, ...], str | tuple[str, ...]] = {
    "值守台": "Duty board",
    ("有 %(n)s 件", "有 %(n)s 件"): ("One case", "%(n)s cases"),
    "未佩戴": "Not worn",
    "%(name)s 已受理": "Accepted by %(name)s",
}


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder of one page and one module, fully translated."""
    folder = tmp_path / "bihuan"
    (folder / "console").mkdir(parents=True)
    (folder / "console" / "page.html").write_text(PAGE, encoding="utf-8")
    (folder / "console" / "views.py").write_text(CODE, encoding="utf-8")
    translate_all(folder)
    return folder


def po_of(folder: Path) -> Path:
    return folder / "console" / "django.po"


def translate_all(folder: Path) -> None:
    write(folder, po_of(folder))
    catalog = read(po_of(folder))
    for source, english in ENGLISH.items():
        catalog[source].string = english
    button = catalog.get("转办", "button")
    assert button is not None
    button.string = "Transfer"
    po_of(folder).write_bytes(translate.po_bytes(catalog))
    write(folder, po_of(folder))


def found(folder: Path) -> str:
    return "\n".join(str(fault) for fault in faults(folder, po_of(folder)))


def test_translations_of_this_release_are_complete() -> None:
    assert [str(fault) for fault in faults()] == []


def test_translations_of_a_complete_folder_have_no_fault_and_compile(pages: Path) -> None:
    assert found(pages) == ""
    english = GNUTranslations(po_of(pages).with_suffix(".mo").open("rb"))
    assert english.gettext("值守台") == "Duty board"
    assert english.pgettext("button", "转办") == "Transfer"
    assert english.ngettext("有 %(n)s 件", "有 %(n)s 件", 3) == "%(n)s cases"


def test_translations_written_twice_are_the_same_bytes(pages: Path) -> None:
    before = po_of(pages).read_bytes(), po_of(pages).with_suffix(".mo").read_bytes()
    write(pages, po_of(pages))
    assert (po_of(pages).read_bytes(), po_of(pages).with_suffix(".mo").read_bytes()) == before


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / "console" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "want"),
    [
        ("django.po", '"Not worn"', '""', "English of '未佩戴': got nothing"),
        ("django.po", '"Not worn"', '"未佩戴"', "English of '未佩戴': got '未佩戴', want English"),
        ("django.po", '"%(n)s cases"', '"cases"', "placeholders: got none, want %(n)s"),
        ("django.po", "by %(name)s", "by %(who)s", "got %(who)s, want %(name)s"),
        ("page.html", "值守台", "叫应台", "English of '值守台': got obsolete"),
        ("page.html", "值守台", "叫应台", "English of '叫应台': got nothing"),
        ("page.html", "<h1>", "<h1>事件", "page.html:2: got <h1>事件"),
        ("page.html", 'title="', 'title="事件', "want a text inside a translation"),
        ("views.py", "def show", 'X = "事件"\ndef show', "views.py:1: got 事件"),
    ],
)
def test_translations_check_names_the_fault(
    pages: Path, name: str, old: str, new: str, want: str
) -> None:
    edit(pages, name, old, new)
    assert want in found(pages)


def test_translations_check_sees_a_stale_mo(pages: Path) -> None:
    edit(pages, "django.po", "Duty board", "Board")
    assert found(pages).startswith("django.mo: got not what django.po says")


def test_translations_of_a_reworded_text_wait_for_a_reader(pages: Path) -> None:
    edit(pages, "views.py", "已受理", "已经受理")
    write(pages, po_of(pages))
    assert "got fuzzy 'Accepted by %(name)s'" in found(pages)


@pytest.mark.parametrize(
    "text",
    [
        '{% comment %}事件{% endcomment %}{# 事件 #}{% translate "事件" %}',
        '<p>{% say "今天戴了" "Worn today" %}</p>',
        "<a lang=zh>中文</a> Bihuan 闭环",
        "{% blocktranslate %}事件{% endblocktranslate %}",
        '{% say "今天戴了" "Worn today" %}',
    ],
)
def test_untranslated_lets_translated_and_kept_words_pass(tmp_path: Path, text: str) -> None:
    page = tmp_path / "page.html"
    page.write_text(text, encoding="utf-8")
    assert list(untranslated(page, "bihuan/console/page.html")) == []


@pytest.mark.parametrize("tag", ['say "今天戴了" ""', 'say "今天戴了" "戴了"', 'say "今天戴了"'])
def test_untranslated_finds_what_is_said_in_chinese_alone(tmp_path: Path, tag: str) -> None:
    page = tmp_path / "panel.html"
    page.write_text(f"{{% {tag} %}}", encoding="utf-8")
    assert [f.field for f in untranslated(page, "scenarios/x/panel.html")] == [
        "scenarios/x/panel.html:1"
    ]


def test_untranslated_finds_words_in_scripts_but_not_in_their_comments(tmp_path: Path) -> None:
    script = tmp_path / "board.js"
    script.write_text("// 事件\n/* 事件\n */\nalert('事件')\n", encoding="utf-8")
    assert [fault.field for fault in untranslated(script, "board.js")] == ["board.js:4"]


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ('"""一个场景。"""\nTITLE = ("呼救", "SOS")\n', []),
        ('TITLE = gettext_noop("呼救")\n', []),
        ('TITLE = "呼救"\n', ["bihuan/scenarios/x/playbook.py:1"]),
        ('TITLE = ("呼救", "")\n', ["bihuan/scenarios/x/playbook.py:1"]),
        ('A = ("呼救", "跌倒")\n', ["bihuan/scenarios/x/playbook.py:1"] * 2),
        ('A = f"{n} 件事", f"{n} cases"\n', []),
        ('A = f"{n} 件事", f"{n}"\n', ["bihuan/scenarios/x/playbook.py:1"]),
        ('A = f"{n} 件事"\n', ["bihuan/scenarios/x/playbook.py:1"]),
    ],
)
def test_untranslated_finds_a_scenario_word_without_english(
    tmp_path: Path, code: str, lines: list[str]
) -> None:
    file = tmp_path / "playbook.py"
    file.write_text(code, encoding="utf-8")
    found = untranslated(file, "bihuan/scenarios/x/playbook.py")
    assert [fault.field for fault in found] == lines
    assert list(untranslated(file, "bihuan/scenarios/x/demo.py")) == []


def test_translate_command_refuses_unknown_words() -> None:
    assert translate.main(["--chek"]) == 2
