"""A bulletin as a paper: paragraphs, figures, charts, annex, trail; the same for every format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from typing import Final

from bihuan.figures.bulletins import units
from bihuan.figures.bulletins.charts import drawn
from bihuan.figures.bulletins.entries import Bound, Claim, Point
from bihuan.figures.bulletins.periods import when_of
from bihuan.figures.bulletins.spoken import PARTS, Language
from bihuan.figures.bulletins.text import Segment, rendered, tokens

BUSINESS: Final = {
    "zh": "业务数据，非统计数据",
    "en": "Business data, not official statistics",
}
MARKS: Final = {"demo": ("演示", "Demo"), "drill": ("演练", "Drill"), "live": ("", "")}
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "is": ("：", ": "),
    "and": ("；", "; "),
    "figures": ("数据", "Figures"),
    "charts": ("图", "Charts"),
    "annex": ("附：口径与来源", "Annex: definitions and sources"),
    "trail": ("版本", "Versions"),
    "draft": ("草稿，未发布", "Draft, not issued"),
    "withdrawn": ("已撤回", "Withdrawn"),
    "numerator": ("分子", "Numerator"),
    "denominator": ("分母", "Denominator"),
    "definition": ("口径", "Definition"),
    "source": ("来源", "Source"),
    "period": ("期间", "Period"),
    "value": ("数值", "Value"),
    "growth": ("增幅", "Growth"),
    "rank": ("位次", "Rank"),
    "claims": ("比较依据", "What the comparison rests on"),
    "provisional": ("带“初步”的为初步数，可能修订", "Numbers marked provisional may be revised"),
    "published": (
        "他方已发布的数据照录，未重新计算",
        "Published by others; never recomputed",
    ),
    "digest": ("摘要（SHA-256）", "Digest (SHA-256)"),
    "soft": ("空心的为约数或初步数", "Hollow bars: inexact or provisional"),
}


@dataclass(frozen=True, slots=True)
class Noted:
    """A figure of the annex. anchor: its name within the paper; numbers of the text lead there."""

    anchor: str
    n: int
    title: str
    scope: str
    period: str
    value: str
    growth: str
    rank: str
    numerator: str
    denominator: str
    definition: str
    source: str
    href: str
    is_provisional: bool
    is_published: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart: the drawing, and its points for formats that cannot draw it."""

    title: str
    svg: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Issue:
    """One line of the trail: version, when (shown), who, why."""

    version: int
    at: str
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the text. mode: demo, drill or live; version 0 = a draft."""

    language: Language
    title: str
    place: str
    period: str
    mode: str
    version: int
    issued: str = ""
    digest: str = ""
    withdrawn: str = ""
    trail: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything that any format prints."""

    head: Head
    paragraphs: list[list[Segment]]
    figures: list[Noted]
    pictures: list[Picture]
    claims: list[str]
    anchors: dict[str, str] = made(default_factory=dict)

    def word(self, name: str) -> str:
        """A fixed word in the paper's language."""
        return WORDS[name][0 if self.head.language == "zh" else 1]

    @property
    def marks(self) -> list[str]:
        """What stands on every page: 演示, 草稿, 已撤回, and that this is business data."""
        at = 0 if self.head.language == "zh" else 1
        found = [MARKS[self.head.mode][at]]
        found.append(self.word("draft") if self.head.version == 0 else "")
        found.append(self.word("withdrawn") if self.head.withdrawn else "")
        return [mark for mark in (*found, BUSINESS[self.head.language]) if mark]


def paper(head: Head, text: str, bound: Mapping[str, Bound], claims: Sequence[Claim] = ()) -> Paper:
    """The paper of a text with what its figures said. Raises BadInputError for an unknown token."""
    language = head.language
    keys = list(dict.fromkeys(token.key for token in tokens(text)))
    figures = [_noted(n, bound[key], language) for n, key in enumerate(keys, 1)]
    pictures = []
    for key in keys:
        held = bound[key]
        at = 0 if language == "zh" else 1
        unit = held.told.unit[0] if language == "zh" else units.label(held.told.unit[1])
        title = f"{held.told.title[at]} · {held.told.scope[at]}{f' ({unit})' if unit else ''}"
        if svg := drawn(held.series, title, language):
            pictures.append(Picture(title, svg, tuple(held.series)))
    return Paper(
        head=head,
        paragraphs=rendered(text, bound, language),
        figures=figures,
        pictures=pictures,
        claims=[_claim(claim, language) for claim in claims if claim.token in keys],
        anchors={key: noted.anchor for key, noted in zip(keys, figures, strict=True)},
    )


def _noted(n: int, held: Bound, language: Language) -> Noted:
    told, at = held.told, 0 if language == "zh" else 1
    return Noted(
        anchor=f"figure-{n}",
        n=n,
        title=told.title[at],
        scope=told.scope[at],
        period=when_of(told)[at],
        value=PARTS["value"](told, language),
        growth=PARTS["growth"](told, language),
        rank=PARTS["rank"](told, language),
        numerator=PARTS["numerator"](told, language) if told.numerator else "",
        denominator=PARTS["denominator"](told, language) if told.denominator else "",
        definition=told.definition[at],
        source=told.source[at],
        href=told.href,
        is_provisional=told.is_provisional,
        is_published=told.is_published,
    )


def _claim(claim: Claim, language: Language) -> str:
    if language == "zh":
        return f"“{claim.words}”：与{claim.first}至{claim.last}共{claim.periods}期比较"
    return f"“{claim.words}”: against {claim.periods} periods, {claim.first} to {claim.last}"
