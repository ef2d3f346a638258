"""A bulletin's text: words, and tokens that stand for numbers. Pure.

    {figure:area:period}           the value, as {elder_care.answered:990100:2026-07}
    {figure:area:period|growth}    a part of the same figure: growth, rank, numerator, denominator

An editor sees each token as a chip with its number, ⟦1|98.5%⟧, and may move or drop it; a chip
whose number was changed is refused, because a number belongs to its figure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from bihuan.base.errors import BadInputError, Fault
from bihuan.figures.bulletins.entries import Bound
from bihuan.figures.bulletins.spoken import PARTS, Language

_ID = r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,119}"
TOKEN: Final = re.compile(
    rf"\{{(?P<figure>{_ID}):(?P<area>[A-Za-z0-9_\-]{{1,40}}):(?P<period>[0-9.\-WQH]{{4,24}})"
    rf"(?:\|(?P<part>[a-z]+))?\}}"
)
CHIP: Final = re.compile(r"⟦\s*(?P<n>\d{1,4})\s*\|(?P<shown>[^⟦⟧]*)⟧")
_LEFT_OVER: Final = re.compile(r"[{}⟦⟧]")


class Token(NamedTuple):
    """One number of a text."""

    figure: str
    area: str
    period: str
    part: str = "value"

    @property
    def key(self) -> str:
        """What is bound: the figure, whatever part of it is shown."""
        return f"{self.figure}:{self.area}:{self.period}"

    def __str__(self) -> str:
        part = "" if self.part == "value" else f"|{self.part}"
        return f"{{{self.key}{part}}}"


class Segment(NamedTuple):
    """A run of words, or a number with its token."""

    text: str
    token: Token | None = None


def _token(match: re.Match[str]) -> Token:
    return Token(match["figure"], match["area"], match["period"], match["part"] or "value")


def tokens(text: str) -> list[Token]:
    """Every token of a text, in order."""
    return [_token(match) for match in TOKEN.finditer(text)]


def cut(text: str) -> list[Segment]:
    """The text as words and tokens; a token's own text is as it was written."""
    found, at = list[Segment](), 0
    for match in TOKEN.finditer(text):
        if match.start() > at:
            found.append(Segment(text[at : match.start()]))
        found.append(Segment(match.group(), _token(match)))
        at = match.end()
    if at < len(text):
        found.append(Segment(text[at:]))
    return found


def shown(token: Token, bound: Mapping[str, Bound], language: Language) -> str:
    """What stands for a token: its figure's number. Raises BadInputError for an unknown part."""
    if token.part not in PARTS:
        raise BadInputError(Fault("text", str(token), f"a part: {', '.join(PARTS)}"))
    if token.key not in bound:
        raise BadInputError(Fault("text", str(token), "a figure that somebody knows"))
    return PARTS[token.part](bound[token.key].told, language)


def rendered(text: str, bound: Mapping[str, Bound], language: Language) -> list[list[Segment]]:
    """Paragraphs of segments, each token by its number; empty lines are left out."""
    return [
        [
            Segment(shown(one.token, bound, language), one.token) if one.token else one
            for one in cut(line)
        ]
        for line in text.split("\n")
        if line.strip()
    ]


def as_chips(text: str, bound: Mapping[str, Bound], language: Language) -> str:
    """The text for an editor: each token as a chip with its order and its number."""
    out, n = list[str](), 0
    for one in cut(text):
        if one.token is None:
            out.append(one.text)
            continue
        n += 1
        out.append(f"⟦{n}|{shown(one.token, bound, language)}⟧")
    return "".join(out)


def from_chips(
    edited: str, before: str, bound: Mapping[str, Bound], language: Language
) -> tuple[str, list[Fault]]:
    """The edited text with its tokens back, and every chip whose number was touched.

    before, bound  the text that the editor was shown, and what its figures said then
    """
    known = tokens(before)
    faults = list[Fault]()

    def back(match: re.Match[str]) -> str:
        n = int(match["n"])
        if not 1 <= n <= len(known):
            faults.append(Fault("text", match.group(), f"a number from 1 to {len(known)}"))
            return ""
        want = shown(known[n - 1], bound, language)
        if match["shown"].strip() != want.strip():
            faults.append(
                Fault(
                    "text",
                    match["shown"].strip()[:40] or "nothing",
                    f"{want}, bound to {known[n - 1]}",
                )
            )
        return str(known[n - 1])

    text = CHIP.sub(back, edited)
    if _LEFT_OVER.search(TOKEN.sub("", text)):
        faults.append(Fault("text", "a broken mark", "⟦n|number⟧ or {figure:area:period} whole"))
    return text, faults
