"""Chinese that is shown without passing through a translation: an English reader would meet it.

Templates  every Chinese text outside `{% translate %}` and its kin, and `{% say zh en %}`
Scripts    every Chinese character outside comments: words come from the page
Python     Chinese texts of the console and of scenarios that no gettext function takes and that
           do not stand in a (Chinese, English) pair or hold both (`中文 / English`); a demo's
           invented names are its own, and a scenario's tests are shown to nobody
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from django.template.base import Lexer, TokenType
from django.utils.translation.template import constant_re

from bihuan.base.bilingual import BETWEEN
from bihuan.base.errors import Fault

HAN = re.compile(r"[\u3400-\u9fff]")
# the two names that stay Chinese in every language: ours, and the one a reader of Chinese seeks
KEPT_CHINESE = re.compile(r"闭环|中文")
_TAKES_WORDS = re.compile(r"_|n?p?gettext(_lazy|_noop)?")
_SHOWN = re.compile(r"(^|/)(console/|scenarios/\w+/(?!demo(_\w+)?\.py|tests/))")
_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.DOTALL)
_TAG = re.compile(r"^\s*(translate|trans)\b")
# a scenario's own template says both: {% say "今天戴了" "Worn today" %}
_SAY = re.compile(r'^\s*say\s+"[^"]*"\s+"(?P<en>[^"]+)"(\s+as\s+\w+)?\s*$')
_BEGIN = re.compile(r"^\s*(blocktranslate|blocktrans|comment)\b")
_END = re.compile(r"^\s*end(blocktranslate|blocktrans|comment)\b")


def untranslated(path: Path, place: str) -> Iterator[Fault]:
    """A fault for each Chinese text of a file that no translation reaches."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        found = _in_python(text) if _SHOWN.search(place) else iter(())
    elif path.suffix in (".js", ".mjs"):
        found = _in_script(text)
    else:
        found = _in_template(text)
    for line, chinese in found:
        yield Fault(f"{place}:{line}", chinese, "a text inside a translation")


def _has_chinese(text: str) -> bool:
    return HAN.search(KEPT_CHINESE.sub("", text)) is not None


def _in_template(text: str) -> Iterator[tuple[int, str]]:
    is_inside = False  # of a blocktranslate or a comment
    for token in Lexer(text).tokenize():
        content = token.contents
        is_tag = token.token_type is TokenType.BLOCK
        if is_tag and _END.match(content):
            is_inside = False
        elif is_tag and _BEGIN.match(content):
            is_inside = True
        is_translated = is_inside or (is_tag and (_TAG.match(content) or _is_said(content)))
        if is_translated or token.token_type is TokenType.COMMENT:
            continue
        for number, line in enumerate(constant_re.sub("", content).split("\n")):
            if _has_chinese(line):
                yield (token.lineno or 0) + number, line.strip()


def _is_said(content: str) -> bool:
    said = _SAY.match(content)
    return said is not None and not _has_chinese(said["en"])


def _in_script(text: str) -> Iterator[tuple[int, str]]:
    blank = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)
    for number, line in enumerate(blank.split("\n"), start=1):
        if _has_chinese(line):
            yield number, line.strip()


def _in_python(text: str) -> Iterator[tuple[int, str]]:
    tree = ast.parse(text)
    fine = {id(node) for holder in ast.walk(tree) for node in _not_shown(holder)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in fine:
            continue
        if isinstance(node.value, str) and _has_chinese(node.value) and not _is_both(node.value):
            yield node.lineno, node.value


def _is_both(text: str) -> bool:
    """Whether it says the same in English behind: `中文 / English` (bihuan.base.bilingual)."""
    _zh, between, english = text.partition(BETWEEN)
    return bool(between) and not _has_chinese(english)


def _not_shown(node: ast.AST) -> Sequence[ast.AST]:
    """The constants below a node that are translated, or docstrings."""
    if isinstance(node, ast.Expr):
        return [node.value]
    if isinstance(node, ast.Tuple):
        return _pair(node.elts) if len(node.elts) == 2 else []
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else None
        name = node.func.id if isinstance(node.func, ast.Name) else name
        if name is not None and _TAKES_WORDS.fullmatch(name):
            return list(node.args)
        said: list[ast.AST] = [word.value for word in node.keywords if word.arg == "zh"]
        for one, other in pairwise(node.args):  # _step("厨房", "Kitchen", …)
            said += _pair([one, other])
        return said
    return []


def _pair(elements: list[ast.expr]) -> list[ast.AST]:
    """The Chinese of a (Chinese, English) pair, in which each may be filled in (f"…")."""
    chinese, english = elements
    told = [_constant(node) for node in ast.walk(english)]
    if not isinstance(english, ast.Constant | ast.JoinedStr) or not any(told):
        return []
    return [] if any(map(_has_chinese, told)) else list(ast.walk(chinese))


def _constant(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
