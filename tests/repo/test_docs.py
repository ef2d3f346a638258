"""The docs say what the code does: generated parts, examples, links, settings, packages."""

from __future__ import annotations

import doctest
import re
import shutil
from pathlib import Path

import pytest
import typer

from bihuan.base.errors import BadInputError
from docs import generate
from tests.repo.tracked import ROOT, shown, texts, tracked

PAGES = [path for path in tracked() if path.suffix == ".md"]
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)]*)?\)|<img[^>]*\ssrc=\"([^\"]+)\"")
ENFORCED = re.compile(r"^\*\*Enforced by:\*\* `([\w/.]+)::(test_\w+)`$", re.MULTILINE)
READS_ENVIRONMENT = re.compile(r"(?:environ\W(?:get\W|setdefault\W)?\s*\"|\$\{?)(BIHUAN_\w+)")
ROW = re.compile(r"^\| `?([\w\[\],-]+)`? \| (.+) \|$", re.MULTILINE)


def test_docs_generated_parts_are_current() -> None:
    assert generate.stale() == []


def test_docs_check_names_the_page_that_is_not_current(tmp_path: Path) -> None:
    for file, _part in generate.PARTS.values():
        shutil.copy(generate.DOCS / file, tmp_path / file)
    page = tmp_path / "architecture.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("journal --> base", "base --> journal"), encoding="utf-8")
    assert generate.stale(tmp_path) == ["architecture.md"]
    generate.write(tmp_path)
    assert page.read_text(encoding="utf-8") == text


def test_docs_picture_leaves_out_what_a_longer_way_implies() -> None:
    edges = {"a": {"b", "c", "d"}, "b": {"c"}, "c": set[str](), "d": set[str]()}
    assert generate.essential(edges) == {"a": {"b", "d"}, "b": {"c"}, "c": set(), "d": set()}


def test_docs_part_without_its_place_is_refused() -> None:
    with pytest.raises(BadInputError, match="no place for it"):
        generate.filled("# A page\n", "tables", "x")


def failed_examples(text: str, name: str) -> tuple[int, str]:
    """(how many examples fail, what they printed) of the python blocks of a page."""
    examples = "\n".join(code for code in EXAMPLE.findall(text) if ">>>" in code)
    test = doctest.DocTestParser().get_doctest(examples, {}, name, name, 0)
    printed: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(test, out=printed.append)
    return result.failed, "".join(printed)


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_docs_examples_run_and_print_what_they_say(page: Path) -> None:
    failed, printed = failed_examples(page.read_text(encoding="utf-8"), shown(page))
    assert failed == 0, printed


def test_docs_example_that_is_not_true_fails() -> None:
    page = "```python\n>>> 1 + 1\n2\n```\n\n```python\n>>> 1 + 1\n3\n```\n"
    failed, printed = failed_examples(page, "page.md")
    assert failed == 1
    assert "Expected:\n    3\nGot:\n    2" in printed


def broken_links(page: Path, text: str) -> list[str]:
    """Relative links of a page to files that are not there."""
    targets = [first or second for first, second in LINK.findall(text)]
    inside = [target for target in targets if not re.match(r"[a-z]+:", target)]
    return [target for target in inside if not (page.parent / target).exists()]


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_docs_links_lead_somewhere(page: Path) -> None:
    assert broken_links(page, page.read_text(encoding="utf-8")) == []


def test_docs_link_check_finds_a_broken_one() -> None:
    page = ROOT / "docs" / "README.md"
    text = '[a](architecture.md#packages) [b](nowhere.md) <img alt="x" src="none.svg">'
    assert broken_links(page, text) == ["nowhere.md", "none.svg"]


def test_docs_index_names_every_page_of_docs() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {path.name for path in PAGES if path.parent == ROOT / "docs"} - {"README.md"}
    assert [name for name in sorted(pages) if f"({name})" not in index] == []


def test_decisions_index_names_every_decision() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    pages = {path.name for path in PAGES if path.parent == folder} - {"README.md"}
    assert [name for name in sorted(pages) if f"({name})" not in index] == []


DECISIONS = [path for path in PAGES if path.parent.name == "decisions" and path.name[0] == "0"]


@pytest.mark.parametrize("page", DECISIONS, ids=shown)
def test_decision_has_its_parts_and_a_test_that_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for part in ("Context", "Choice", "Cost"):
        assert f"**{part}.**" in text
    named = ENFORCED.findall(text)
    assert named, "want a line **Enforced by:** `file::test`"
    for file, test in named:
        assert f"\ndef {test}(" in (ROOT / file).read_text(encoding="utf-8")


def test_settings_page_has_exactly_the_variables_that_are_read() -> None:
    used = {
        name
        for file, text in texts()
        if re.search(r"\.py$|^\.ci/run$", file) and not file.startswith("tests/repo/")
        for name in READS_ENVIRONMENT.findall(text)
    }
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(BIHUAN_\w+)` \|", page, re.MULTILINE)) == used


def packages(file: str) -> list[str]:
    """The packages that a requirements file names, without versions."""
    lines = (ROOT / "requirements" / file).read_text(encoding="utf-8").splitlines()
    named = [line.split("#")[0].strip() for line in lines]
    return sorted(re.split(r"[<>=~!;]", name)[0] for name in named if name and name[0] != "-")


def documented(heading: str) -> dict[str, list[str]]:
    """Package → job, reason, exit, below a heading of the dependencies page."""
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    part = page.split(f"(`{heading}`)", 1)[1].split("\n## ", 1)[0]
    rows = {name: cells.split(" | ") for name, cells in ROW.findall(part)}
    return {name: cells for name, cells in rows.items() if name != "Package"}


@pytest.mark.parametrize("file", ["base.in", "dev.in"])
def test_dependencies_page_has_exactly_the_packages_with_job_reason_and_exit(file: str) -> None:
    rows = documented(file)
    assert sorted(rows) == packages(file)
    assert {name for name, cells in rows.items() if len(cells) != 3 or not all(cells)} == set()


def test_docs_refuse_a_command_without_a_word_about_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    from bihuan.wiring import commands  # noqa: PLC0415 - it reads the models

    silent = typer.Typer()
    silent.command()(lambda: None)
    monkeypatch.setattr(commands, "build", lambda _words: silent)
    with pytest.raises(BadInputError, match="want one sentence"):
        generate.commands_part()
