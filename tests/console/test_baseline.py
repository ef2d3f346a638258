"""Board, case and forms keep to what Chromium 109 and iOS 15 have.

This is lint: a list of what these browsers lack is sought in the text of our styles, scripts and
pages. Nothing here is run in either browser; what the list does not name is not noticed. Each
line names the first versions that have the feature (Chromium, Safari), as known when it was
written. iOS 15 means 15.4 and later (`:has()`, `dvh`, `structuredClone` are of that version).
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from tests.repo.tracked import ROOT

CONSOLE = ROOT / "bihuan" / "console"
STATIC = CONSOLE / "static" / "console"
STYLES = sorted(STATIC.glob("*.css"))
SCRIPTS = sorted([*STATIC.glob("*.js"), CONSOLE / "templates" / "console" / "field_sw.js"])
PAGES = sorted((CONSOLE / "templates").rglob("*.html"))
BOARD = ("console.js", "morph.js", "alarm.js", "field.js")
MOST_BOARD_BYTES = 60_000

CSS = {
    "nesting (120, 17.2)": r"[{;]\s*&[\s.:#\[>+~]",
    "color-mix() (111, 16.2)": r"color-mix\(",
    "oklch, oklab, lch, lab (111, 15.4)": r"\b(?:ok)?l(?:ch|ab)\(",
    "relative colours (119, 16.4)": r"\((?:\s*)from\s",
    "light-dark() (123, 17.5)": r"light-dark\(",
    "container queries (105, 16)": r"@container|container-(?:type|name)\s*:|\dcq[whibm]",
    "@scope (118, 17.4)": r"@scope\b",
    "@starting-style (117, 17.5)": r"@starting-style",
    "@property (85, 16.4)": r"@property\b",
    "subgrid (117, 16)": r"\bsubgrid\b",
    "text-wrap (114, 17.5)": r"text-wrap\s*:",
    "anchor positioning (125, 26)": r"(?<!-)\banchor(?:-name|-size)?\s*[:(]",
    "range media queries (104, 16.4)": r"@media[^{]*\([^)]*[<>]",
    "individual transforms (104, 14.1) with ease of linear() (113, 17.2)": r"\blinear\(",
    "trigonometry (111, 15.4)": r"\b(?:sin|cos|tan|atan2)\(",
    "field-sizing (123, 26)": r"field-sizing\s*:",
    "popover, dialog's open state (114, 17)": r":popover-open|:open\b",
    ":user-valid (119, 16.5)": r":user-(?:in)?valid",
    "view transitions (111, 18)": r"view-transition",
    "scroll timelines (115, 26)": r"animation-timeline",
}
JS = {
    "arrays that are copied (110, 16)": r"\.(?:toSorted|toReversed|toSpliced)\(|\]\.with\(",
    "groupBy (117, 17.4)": r"\b(?:Object|Map)\.groupBy\(",
    "Array.fromAsync (121, 16.4)": r"Array\.fromAsync",
    "Promise.withResolvers (119, 17.4)": r"withResolvers",
    "sets' algebra (122, 17)": r"\.(?:isSubsetOf|isSupersetOf|symmetricDifference|intersection)\(",
    "iterators' helpers (122, 18.4)": r"Iterator\.from|\.values\(\)\.(?:map|filter|take)\(",
    "import attributes (123, 17.2)": r"import[^;\n]+\bwith\s*\{|import[^;\n]+\bassert\s*\{",
    "import maps (89, 16.4)": r"importmap",
    "look-behind (62, 16.4)": r"\(\?<[=!]",
    "v flag (112, 17)": r"/[a-z]*v[a-z]*\.(?:test|exec)\(",
    "static blocks (94, 16.4)": r"\bstatic\s*\{",
    "AbortSignal.timeout, any (103, 16)": r"AbortSignal\.(?:timeout|any)",
    "showPicker, popover (99 to 114, 16 to 17)": r"\.show(?:Picker|Popover)\(|\.togglePopover\(",
    "requestSubmit (76, 16)": r"\.requestSubmit\b",
    "checkVisibility (105, 17.4)": r"\.checkVisibility\(",
    "URL.canParse (120, 17)": r"URL\.(?:canParse|parse)\(",
    "view transitions (111, 18)": r"startViewTransition",
    "Intl.DurationFormat, segments (129, 16.4)": r"Intl\.DurationFormat",
    "hashbang of using (134, none)": r"\busing\s+\w+\s*=",
}
HTML = {
    "popover (114, 17)": r"\spopover(?:target)?\b",
    "inert (102, 15.5)": r"\sinert\b[^-]",
    "details of one name (120, 17.2)": r"<details[^>]*\sname=",
    "search element (118, 17)": r"<search\b",
    "declarative shadow (111, 16.4)": r"shadowrootmode",
    "import map (89, 16.4)": r'type="importmap"',
    "lazy loading of frames (77, 16.4)": r"<iframe[^>]*loading=",
}
COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.DOTALL)


def lacking(text: str, forbidden: dict[str, str]) -> list[str]:
    """The features in a text that one of the browsers lacks; comments are not read."""
    said = COMMENT.sub("", text)
    return [name for name, pattern in forbidden.items() if re.search(pattern, said)]


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_use_only_what_chromium_109_and_ios_15_have(path: Path) -> None:
    assert lacking(path.read_text("utf-8"), CSS) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_use_only_what_chromium_109_and_ios_15_have(path: Path) -> None:
    assert lacking(path.read_text("utf-8"), JS) == []


def test_pages_use_only_what_chromium_109_and_ios_15_have() -> None:
    found = {path.name: lacking(path.read_text("utf-8"), HTML) for path in PAGES}
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    ("forbidden", "text", "name"),
    [
        (CSS, ".a{color:red;& .b{color:blue}}", "nesting (120, 17.2)"),
        (CSS, "h1{text-wrap:balance}", "text-wrap (114, 17.5)"),
        (CSS, "@media (width < 700px){a{top:0}}", "range media queries (104, 16.4)"),
        (JS, "const a = b.toSorted();", "arrays that are copied (110, 16)"),
        (JS, 'import a from "./a.json" with { type: "json" };', "import attributes (123, 17.2)"),
        (JS, "Object.groupBy(a, b)", "groupBy (117, 17.4)"),
        (HTML, '<div popover id="a">', "popover (114, 17)"),
    ],
)
def test_lint_names_what_it_is_there_for(forbidden: dict[str, str], text: str, name: str) -> None:
    assert lacking(text, forbidden) == [name]
    assert lacking(f"/* {text} */", forbidden) == []


def test_board_script_is_at_most_60_kb_compressed() -> None:
    sizes = [len(gzip.compress((STATIC / name).read_bytes())) for name in BOARD]
    assert 0 < sum(sizes) <= MOST_BOARD_BYTES
