"""The page as characters: its lines and blocks, and clean text that remembers where it came from.

Text out of a PDF breaks words across lines, pads them with blanks, prints headlines twice (a
shadow is a second copy) and mixes full-width digits in. Nothing here looks at meaning.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

Span = tuple[int, int]

_WIDE = {
    **{chr(0xFF10 + n): chr(0x30 + n) for n in range(10)},
    **{chr(0xFF21 + n): chr(0x41 + n) for n in range(26)},
    **{chr(0xFF41 + n): chr(0x61 + n) for n in range(26)},
    "％": "%",
    "．": ".",
    "﹪": "%",
}
_BLANKS = " \t\r\v\f\u00a0\u2002\u2003\u2009\u200b\u3000\ufeff"
_MARKS = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？", "(": "（", ")": "）"}
_ASCII = re.compile(r"(?<![A-Za-z])(?!(?<=\d),\d{3}(?!\d))[,;:!?()](?![A-Za-z])")
_HAN = re.compile(r"[一-鿿]")
_WORD = re.compile(r"[A-Za-z]")
_END = re.compile(r"(?:[。！？](?:（[^（）]{1,16}）)?[”’」』）)\]]*|……)$")


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line without its outer blanks.

    start, end  int   characters of the file
    is_apart    bool  printed with a blank in front: the PDF began a new piece of text here
    """

    start: int
    end: int
    text: str
    is_apart: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that stand together, at least one."""

    lines: tuple[Line, ...]

    @property
    def start(self) -> int:
        return self.lines[0].start

    @property
    def end(self) -> int:
        return self.lines[-1].end

    @property
    def text(self) -> str:
        """The lines run together, blanks gone: for recognising, not for quoting."""
        return "".join("".join(line.text.split()) for line in self.lines)

    @property
    def width(self) -> int:
        """How wide the column is: the widest line in Chinese characters."""
        return max(ems(line.text) for line in self.lines)

    @property
    def is_finished(self) -> bool:
        """Whether a sentence ends where the block ends."""
        return bool(_END.search(self.text))


def ems(text: str) -> int:
    """Printed width in Chinese characters, blanks not counted; Latin and digits are half."""
    return sum(1 if char.isascii() else 2 for char in text if not char.isspace()) // 2


@dataclass(slots=True)
class Flow:
    """Clean running text; `at[i]` is where character i stands in the file.

    A newline in it ends a paragraph. Every character stands alone for exactly one of the file.
    """

    text: str = ""
    at: list[int] = field(default_factory=list)

    def span(self, start: int, end: int) -> Span:
        """The file's characters behind [start, end) of the clean text; needs end > start."""
        return self.at[start], self.at[end - 1] + 1


def lines(text: str) -> list[Line | None]:
    """The page's lines in order; None stands for a blank line."""
    found: list[Line | None] = []
    at = 0
    for raw in text.split("\n"):
        stripped = raw.strip(_BLANKS)
        if stripped:
            start = at + len(raw) - len(raw.lstrip(_BLANKS))
            found.append(Line(start, start + len(stripped), stripped, raw[0].isspace()))
        else:
            found.append(None)
        at += len(raw) + 1
    return found


def _kept(text: str, span: Span) -> list[tuple[str, int, bool]]:
    """The characters worth keeping, their place, and whether a line broke before them."""
    kept: list[tuple[str, int, bool]] = []
    is_gap = is_break = False
    for place in range(*span):
        char = _WIDE.get(text[place], text[place])
        if char.isspace():
            is_gap = True
            is_break = is_break or char == "\n"
            continue
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn"):
            continue
        if is_gap and kept and _needs_blank(kept[-1][0], char, is_break):
            kept.append((" ", place - 1, False))
        kept.append((char, place, is_break))
        is_gap = is_break = False
    return kept


def _needs_blank(before: str, after: str, is_break: bool) -> bool:
    """Two words of Latin keep their blank; two numbers too, unless a line broke within one."""
    if before.isascii() and after.isascii() and before.isdigit() and after.isdigit():
        return not is_break
    return bool(_WORD.match(before) and _WORD.match(after))


def flow(text: str, spans: Iterable[Span]) -> Flow:
    """Run the spans of one article together, a paragraph ending where a finished line is short.

    Stray blanks go, words broken across lines join; a paragraph ends between two spans or at a
    blank line only where a sentence ended.
    """
    run = Flow()
    chars: list[str] = []
    for span in spans:
        for char, place, is_break in _kept(text, span):
            if is_break and _END.search("".join(chars[-20:])) and _is_blank_before(text, place):
                chars.append("\n")
                run.at.append(place - 1)
            chars.append(char)
            run.at.append(place)
        if chars and _END.search("".join(chars[-20:])):
            chars.append("\n")
            run.at.append(span[1] - 1)
    run.text = _ASCII.sub(lambda mark: _MARKS[mark.group()], "".join(chars))
    return run


def _is_blank_before(text: str, place: int) -> bool:
    """Whether a blank line stands between the character and the one printed before it."""
    back = place - 1
    breaks = 0
    while back >= 0 and text[back].isspace():
        breaks += text[back] == "\n"
        back -= 1
    return breaks > 1


def spaced(text: str) -> str:
    """A headline's line: its blanks kept where they part phrases, gone where they space letters."""
    words = text.split()
    is_lettered = len(words) > 2 and sum(len(word) <= 2 for word in words) > len(words) / 2
    return ("" if is_lettered else " ").join(words)


def undoubled(text: str) -> str:
    """A headline that the PDF printed twice, once.

    "再叙再叙 携手携手" and "奋进奋进““前行前行””" are doubled throughout; 轰轰烈烈 is a word.
    """
    pieces = text.split()
    halves = [_half(piece) for piece in pieces]
    if not halves or any(half is None for half in halves):
        return text
    return " ".join(half for half in halves if half is not None)


def _half(piece: str) -> str | None:
    """The single copy of a piece made only of doubled runs, one at least two long; else None."""
    if len(piece) > 200:
        return None
    taken: list[str] = []
    at = 0
    while at < len(piece):
        longest = next(
            (
                size
                for size in range((len(piece) - at) // 2, 0, -1)
                if piece[at : at + size] == piece[at + size : at + 2 * size]
            ),
            0,
        )
        if not longest:
            return None
        taken.append(piece[at : at + longest])
        at += 2 * longest
    return "".join(taken) if any(len(run) > 1 for run in taken) else None


def has_han(text: str) -> bool:
    """Whether any Chinese character stands in the text."""
    return bool(_HAN.search(text))
