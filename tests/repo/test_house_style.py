"""The house style that no linter holds: sizes, words that may not stand, names of machines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.repo.tracked import texts, tracked

MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 40
# this module spells out what it forbids
HERE = "tests/repo/test_house_style.py"


def sources() -> list[tuple[str, str]]:
    return [(name, text) for name, text in texts() if name.endswith(".py")]


def long_functions(text: str) -> Iterator[str]:
    """Functions of more than 40 lines of code; docstring, comments and blank lines are free."""
    lines = text.split("\n")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            said = range(first.lineno, (first.end_lineno or first.lineno) + 1)
            is_said = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            numbers = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            code = [lines[n - 1].strip() for n in numbers if not (is_said and n in said)]
            length = sum(1 for line in code if line and not line.startswith("#"))
            if length > MOST_FUNCTION_LINES:
                yield f"{node.name}: {length}"


FORBIDDEN: dict[str, tuple[str, str]] = {
    # what: (pattern, files in which it is looked for)
    "unfinished work": (r"\b(TODO|FIXME|XXX)\b", r"\.(py|html|js|mjs|css)$"),
    "a test skipped without a reason": (r"@pytest\.mark\.skip(\(\))?\s*$", r"\.py$"),
    "a mock of our own code": (r"unittest\.mock|MagicMock", r"\.py$"),
    "a sleep in a test": (r"\btime\.sleep\(", r"(^|/)tests/.*\.py$"),
    "today's date": (r"datetime\.(now|today)\(|\butcnow\(|\bdate\.today\(", r"\.py$"),
    "a path of one machine": (r"(?<![\w.$}])/(work|home/\w+|Users/\w+|root)/\w", r"."),
    "a registry's address": (r"index-url|\"resolved\": *\"http|registry *= *\"?http", r"."),
    "a registry's host": (r"pypi\.org|files\.pythonhosted\.org|registry\.npmjs\.org", r"."),
}


def offenders(pattern: str, files: str, found: list[tuple[str, str]]) -> list[str]:
    """`file:line` of every line that matches, in the files whose name matches."""
    return [
        f"{name}:{number}"
        for name, text in found
        if re.search(files, name) and name != HERE
        for number, line in enumerate(text.split("\n"), start=1)
        if re.search(pattern, line)
    ]


def test_files_have_at_most_400_lines() -> None:
    counted = {name: text.count("\n") for name, text in sources()}
    assert {name: n for name, n in counted.items() if n > MOST_FILE_LINES} == {}


def test_functions_have_at_most_40_lines() -> None:
    found = {name: list(long_functions(text)) for name, text in sources()}
    assert {name: functions for name, functions in found.items() if functions} == {}


def test_function_length_counts_code_only() -> None:
    body = "\n".join(["    x = 1"] * 40)
    text = f'def f():\n    """Says\n    much."""\n    # why\n\n{body}\n'
    assert list(long_functions(text)) == ["f: 41"]
    assert list(long_functions(text.replace("    x = 1\n", "", 1))) == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_tracked_files_hold_no(what: str) -> None:
    pattern, files = FORBIDDEN[what]
    assert offenders(pattern, files, texts()) == []


@pytest.mark.parametrize(
    ("what", "name", "line"),
    [
        ("unfinished work", "a.py", "# TODO: later"),
        ("a test skipped without a reason", "tests/test_a.py", "@pytest.mark.skip"),
        ("a mock of our own code", "tests/test_a.py", "from unittest.mock import patch"),
        ("a sleep in a test", "tests/test_a.py", "    time.sleep(1)"),
        ("today's date", "a.py", "now = datetime.now(UTC)"),
        ("a path of one machine", "a.md", "see /home/someone/bihuan"),
        ("a registry's address", "requirements/base.txt", "--index-url https://example.org"),
        ("a registry's host", "requirements/base.txt", "a @ https://pypi.org/a.whl"),
    ],
)
def test_forbidden_patterns_find(what: str, name: str, line: str) -> None:
    pattern, files = FORBIDDEN[what]
    assert offenders(pattern, files, [(name, f"fine\n{line}\n")]) == [f"{name}:2"]


def test_every_module_says_its_job() -> None:
    silent = [
        name for name, text in sources() if text.strip() and not ast.get_docstring(ast.parse(text))
    ]
    assert [name for name in silent if "/migrations/" not in name] == []


def test_lock_files_hash_every_package() -> None:
    for path in tracked():
        if path.parent.name == "requirements" and path.suffix == ".txt":
            pinned = re.split(r"\n(?=\S)", path.read_text(encoding="utf-8"))
            named = [part for part in pinned if re.match(r"\w", part)]
            assert len(named) > 10
            assert [part.split()[0] for part in named if "--hash=sha256:" not in part] == []
