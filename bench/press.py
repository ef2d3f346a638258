"""Precision and recall of the newspaper reader, field by field, against the hand labels.

    python -m bench.press [PAGE…] [--json]      pages by their label file: 000 001 004

A field is right when it equals the label or one of its `also`. Per field: right, proposed and
labelled counts over all matched and unmatched statistics; what neither side says counts nowhere.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bihuan.figures.press.read import read_press
from tests.outside import SHARED

LABELS = Path(__file__).resolve().parents[1] / "tests" / "figures" / "press_labels"
PAGES = SHARED / "founding-texts"
Row = dict[str, Any]

_FIELDS = """
value unit qualifier indicator indicator~ scope period.kind period.start period.end
growth.value growth.unit growth.basis rank.place rank.group rank.ties rank.change status
"""
FIELDS = tuple(_FIELDS.split())
ARTICLE_FIELDS = ("type", "headline", "byline", "complete", "body")


@dataclass
class Tally:
    """How often a field was right, how often proposed, how often labelled."""

    right: int = 0
    proposed: int = 0
    labelled: int = 0

    @property
    def precision(self) -> float | None:
        return self.right / self.proposed if self.proposed else None

    @property
    def recall(self) -> float | None:
        return self.right / self.labelled if self.labelled else None


@dataclass
class Score:
    """All tallies of some pages, and what went wrong, to be read."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def of(self, name: str) -> Tally:
        return self.tallies.setdefault(name, Tally())

    def add(self, name: str, right: bool, proposed: bool, labelled: bool) -> None:
        tally = self.of(name)
        tally.right += right
        tally.proposed += proposed
        tally.labelled += labelled


def squeezed(words: object) -> object:
    """Text without blanks and quotation marks; everything else as it is."""
    if isinstance(words, str):
        return "".join(char for char in words if not char.isspace() and char not in '“”"■')
    return words


def labels(page: str) -> list[Row]:
    lines = (LABELS / f"{page}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def page_text(head: Row) -> str:
    """The page that the labels were made on; another text would make every offset wrong."""
    raw: bytes = (PAGES / head["file"]).read_bytes()
    if hashlib.sha256(raw).hexdigest() != head["sha256"]:
        raise ValueError(f"{head['file']}: got another text, want the one that was labelled")
    return raw.decode("utf-8")


def score(pages: list[str]) -> Score:
    """Read each page and hold it against its labels."""
    total = Score()
    for page in pages:
        rows = labels(page)
        text = page_text(rows[0])
        proposed: list[Row] = list(read_press(text, date.fromisoformat(rows[0]["issued"])))
        _score_articles(total, text, rows, proposed)
        _score_statistics(total, page, rows, proposed)
    return total


def _chars(text: str, spans: list[list[int]]) -> set[int]:
    return {at for start, end in spans for at in range(start, end) if not text[at].isspace()}


def _score_articles(total: Score, text: str, rows: list[Row], proposed: list[Row]) -> None:
    wanted = [row for row in rows if row["kind"] == "article"]
    found = [row for row in proposed if row["kind"] == "article"]
    bodies = [_chars(text, row["body"]) for row in found]
    taken: set[int] = set()
    for want in wanted:
        body = _chars(text, want["body"])
        overlaps = [len(body & other) for other in bodies]
        best = max(range(len(found)), key=overlaps.__getitem__, default=None)
        got = found[best] if best is not None and overlaps[best] and best not in taken else None
        if got is not None and best is not None:
            taken.add(best)
        total.add("article", got is not None, False, True)
        _score_article(total, text, want, got, bodies[best] == body if best is not None else False)
    total.of("article").proposed += len(found)
    for number, extra in enumerate(found):
        if number not in taken:
            total.wrong.append(f"no such article: {extra['id']} {extra['headline']}")
            for name in ARTICLE_FIELDS:
                total.of(f"article.{name}").proposed += (
                    name == "body" or extra.get(name) is not None
                )


def _score_article(total: Score, text: str, want: Row, got: Row | None, same_body: bool) -> None:
    said = want | {
        "headline": want["headline"] and "".join(text[a:b] for a, b in want["headline"]),
        "byline": want["byline"] and text[slice(*want["byline"])],
    }
    for name in ARTICLE_FIELDS:
        if name in want.get("undecided", ()):
            continue
        expected = squeezed(said[name])
        value = squeezed(got[name]) if got else None
        right = (same_body and got is not None) if name == "body" else value == expected
        is_said = expected is not None
        total.add(f"article.{name}", right and is_said, value is not None, is_said)
        if not right:
            total.wrong.append(f"{want['id']} {name}: got {shown(value)}, want {shown(expected)}")


def _score_statistics(total: Score, page: str, rows: list[Row], proposed: list[Row]) -> None:
    wanted = [row for row in rows if row["kind"] == "statistic"]
    found = [row for row in proposed if row["kind"] == "statistic"]
    pairs = sorted(_likeness(wanted, found), key=lambda pair: -pair[0])
    matched: dict[int, int] = {}
    for _like, left, right in pairs:
        if left not in matched and right not in matched.values():
            matched[left] = right
    for number, want in enumerate(wanted):
        got = found[matched[number]] if number in matched else None
        total.add("statistic", got is not None, False, True)
        _score_fields(total, page, want, got)
    total.of("statistic").proposed += len(found)
    for number, extra in enumerate(found):
        if number not in matched.values():
            total.wrong.append(f"{page} nobody labelled {extra['source']} {extra['indicator']}")
            _score_fields(total, page, None, extra)


def _likeness(wanted: list[Row], found: list[Row]) -> Iterator[tuple[int, int, int]]:
    """Pairs that cover the same characters, the more alike the higher."""
    for left, want in enumerate(wanted):
        for right, got in enumerate(found):
            shared = min(want["span"][1], got["source"][1]) - max(want["span"][0], got["source"][0])
            if shared <= 0:
                continue
            like = sum(
                weight * (want[name] == got[name])
                for name, weight in (("value", 8), ("growth", 2), ("rank", 2), ("indicator", 4))
            )
            yield like, left, right


def _answers(row: Row, name: str) -> list[object]:
    """What a label accepts for a field, the first being its own answer."""
    top, _, leaf = name.rstrip("~").partition(".")
    values = [row[top], *row.get("also", {}).get(top, ())]
    return [(value or {}).get(leaf) if leaf else squeezed(value) for value in values]


def _score_fields(total: Score, page: str, want: Row | None, got: Row | None) -> None:
    for name in FIELDS:
        value = _answers(got, name)[0] if got else None
        answers: list[object] = _answers(want, name) if want else [None]
        if name == "rank.ties":  # 并列 is said or it is not
            value, answers = value or None, [answer or None for answer in answers]
        right = value in answers or (name.endswith("~") and _overlaps(value, answers))
        is_open = value is None and None in answers
        total.add(name, right and value is not None, value is not None, _owed(value, answers))
        if not right and not is_open and want and got and not name.endswith("~"):
            where = f"{page} {want['span']} {want['shown']}"
            total.wrong.append(f"{where} {name}: got {shown(value)}, want {shown(answers[0])}")
    if got is None and want:
        total.wrong.append(f"{page} missed {want['span']} {want['shown']}")


def _owed(value: object, answers: list[object]) -> bool:
    """Whether the label asks for an answer: it has one, or accepts the one given."""
    if value is not None and value in answers:
        return True
    return None not in answers


def _overlaps(value: object, answers: list[object]) -> bool:
    return isinstance(value, str) and any(
        isinstance(answer, str) and (value in answer or answer in value) for answer in answers
    )


def shown(value: object) -> str:
    return str(value)[:40]


def table(result: Score) -> Iterator[str]:
    yield f"{'field':<18}{'precision':>10}{'recall':>8}{'right':>7}{'proposed':>10}{'labelled':>10}"
    for name, tally in result.tallies.items():
        shares = [
            f"{share:.3f}" if share is not None else "-"
            for share in (tally.precision, tally.recall)
        ]
        counts = f"{tally.right:>7}{tally.proposed:>10}{tally.labelled:>10}"
        yield f"{name:<18}{shares[0]:>10}{shares[1]:>8}{counts}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.press", description=__doc__)
    parser.add_argument(
        "pages", nargs="*", default=sorted(path.stem for path in LABELS.glob("*.jsonl"))
    )
    parser.add_argument("--json", action="store_true", dest="as_json")
    parser.add_argument("--wrong", action="store_true", help="what differs, line by line")
    chosen = parser.parse_args(arguments)
    if not PAGES.exists():
        print(f"press: the test data beside the repository is absent: {PAGES}", file=sys.stderr)
        return 2
    result = score(chosen.pages)
    for line in result.wrong if chosen.wrong else ():
        print(line, file=sys.stderr)
    if chosen.as_json:
        for name, tally in result.tallies.items():
            row = {"right": tally.right, "proposed": tally.proposed, "labelled": tally.labelled}
            print(
                json.dumps(
                    {"field": name, **row, "precision": tally.precision, "recall": tally.recall}
                )
            )
    else:
        print("\n".join(table(result)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
