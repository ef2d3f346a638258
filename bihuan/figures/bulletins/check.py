"""What a bulletin's text may say: bound numbers, claims that a series bears, no quotations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from bihuan.base.errors import Fault
from bihuan.figures.bulletins.entries import Bound, Claim
from bihuan.figures.bulletins.spoken import PARTS, Language
from bihuan.figures.bulletins.text import TOKEN, Token, tokens
from bihuan.figures.press.numbers import quantities

MOST_TEXT: Final = 20_000
LEAST_PERIODS: Final = 3
"""Fewer earlier periods bear no claim of a highest ever; general practice [K], no statute."""
_SENTENCE: Final = re.compile(r"[^。！？!?\n]+?(?:[。！？!?\n]|\.(?=\s|$)|$)")
_HIGH_ZH: Final = (
    r"历史(?:最高|最好|新高|之最|最大|最多)|创(?:造)?(?:了)?(?:历史|历年|同期)?(?:新高|纪录|记录)|"
    r"史上最(?!低|差|少|小)|历年最(?:高|好|多)|前所未有|首次(?:突破|超过|达到)|再创新高"
)
_LOW_ZH: Final = (
    r"历史(?:最低|新低|最少)|创(?:了)?(?:历史|历年|同期)?新低|史上最(?:低|差|少|小)|历年最(?:低|少)"
)
_EVER_ZH: Final = r"有史以来"
_HIGH_EN: Final = (
    r"(?:highest|best|largest|most)(?: \w+)? (?:ever|on record|in history)|"
    r"record[- ](?:high|breaking)|"
    r"all[- ]time (?:high|best|record)|never (?:before )?been (?:higher|better)|a new high|"
    r"unprecedented|sets? a record|for the first time"
)
_LOW_EN: Final = (
    r"(?:lowest|worst|fewest)(?: \w+)? (?:ever|on record|in history)|record low|all[- ]time low|"
    r"never (?:before )?been lower|a new low"
)
HIGH: Final = re.compile(
    rf"{_HIGH_ZH}|{_EVER_ZH}(?![^。]{{0,8}}最[低少差])|{_HIGH_EN}", re.IGNORECASE
)
LOW: Final = re.compile(rf"{_LOW_ZH}|{_EVER_ZH}[^。]{{0,8}}最[低少差]|{_LOW_EN}", re.IGNORECASE)
_QUOTED: Final = re.compile(
    r"(?:说|表示|指出|强调|介绍|认为|坦言|告诉记者)(?:道)?[，：:,]?\s*[“「\"]|"
    r"\b(?:said|says|stressed|told)\b[,:]?\s*[“\"]",
    re.IGNORECASE,
)
# what is written in digits and is no measure: years, months, days, quarters, numbers of an issue
_MONTH: Final = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_YEAR: Final = r"(?:19|20)\d\d(?!\d|[.,]\d|%)"
_NAMED: Final = re.compile(
    rf"{_YEAR}年(?:度)?|(?:19|20)\d\d-\d{{2}}(?:-\d{{2}})?(?!\d)|"
    r"\d{1,2}\s*(?:至|到|[-–—~～])\s*\d{1,2}月(?:份)?|\d{1,2}月(?:份)?(?:\d{1,2}[日号])?|\d{1,2}[日号](?!线)|"
    r"第\s*\d{1,5}\s*[期号条次季届版]|No\. ?\d{1,5}|"
    rf"\d{{1,2}}\s+{_MONTH}(?:\s+{_YEAR})?|{_MONTH}\s+(?:\d{{1,2}},?\s+)?{_YEAR}|{_MONTH}\s+\d{{1,2}}(?!\d)|"
    rf"(?:(?<=in )|(?<=, )|(?<=of )|(?<=to )){_YEAR}(?=[.,:;)\n]|$)|\b[QH][1-4]\b(?:\s+{_YEAR})?|"
    rf"week \d{{1,2}}, {_YEAR}",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile(r"[\d０-９][\d０-９.,，]*\s?(?:%|％|‰|万亿|[万亿千百])?")


def faults_of(text: str, bound: Mapping[str, Bound], language: Language) -> list[Fault]:
    """Everything in the text that keeps it from being saved."""
    name = f"text_{language}"
    faults = list[Fault]()
    if not text.strip():
        faults.append(Fault(name, "nothing", "a text"))
    if len(text) > MOST_TEXT:
        faults.append(Fault(name, f"{len(text)} characters", f"at most {MOST_TEXT}"))
    for token in tokens(text):
        if token.key not in bound:
            faults.append(Fault(name, str(token), "a figure that somebody knows"))
        if token.part not in PARTS:
            faults.append(Fault(name, str(token), f"a part: {', '.join(PARTS)}"))
    faults += [
        Fault(name, got, "a number bound to its figure, {figure:area:period}")
        for got in loose(text)
    ]
    if quote := _QUOTED.search(text):
        faults.append(Fault(name, quote.group(), "no quotation: a bulletin quotes nobody"))
    return faults + claims_of(text, bound, language)[1]


def loose(text: str) -> list[str]:
    """Numbers that are bound to nothing, as written: digits, and Chinese numerals with a unit."""
    blanked = TOKEN.sub(lambda match: "□" * len(match.group()), text)
    found = {one.start: blanked[one.start : one.end] for one in quantities(blanked)}
    rest = _NAMED.sub(lambda match: "□" * len(match.group()), blanked)
    for match in _DIGITS.finditer(rest):
        found.setdefault(match.start(), match.group().strip())
    named = [match.span() for match in _NAMED.finditer(blanked)]
    return [
        shown
        for at, shown in sorted(found.items())
        if not any(start <= at < end for start, end in named)
    ]


def claims_of(
    text: str, bound: Mapping[str, Bound], language: Language
) -> tuple[list[Claim], list[Fault]]:
    """Claims of a highest or lowest ever, each with the series that bears it, and those without."""
    claims, faults = list[Claim](), list[Fault]()
    for sentence in _SENTENCE.finditer(text):
        words = TOKEN.sub("", sentence.group())
        for pattern, is_high in ((HIGH, True), (LOW, False)):
            said = pattern.search(words)
            if said is None:
                continue
            borne = [
                claim
                for token in tokens(sentence.group())
                if (claim := _borne(said.group(), token, bound, is_high=is_high)) is not None
            ]
            claims += borne
            if not borne:
                want = (
                    f"a figure in the sentence whose series of {LEAST_PERIODS} or more earlier "
                    "periods, final and exact, bears it"
                )
                faults.append(Fault(f"text_{language}", said.group(), want))
    return claims, faults


def _borne(words: str, token: Token, bound: Mapping[str, Bound], *, is_high: bool) -> Claim | None:
    """The claim with its series; None where that is short, inexact, provisional or against it."""
    held = bound.get(token.key)
    if held is None or held.told.value is None or token.part != "value":
        return None
    if held.told.is_provisional or held.told.qualifier:
        return None
    earlier = [point for point in held.series if point.period != token.period]
    if len(earlier) < LEAST_PERIODS or not all(
        p.is_exact and not p.is_provisional for p in earlier
    ):
        return None
    now = Decimal(held.told.value)
    beaten = all(
        (now > Decimal(point.value)) if is_high else (now < Decimal(point.value))
        for point in earlier
    )
    if not beaten:
        return None
    return Claim(
        words=words,
        token=token.key,
        first=earlier[0].period,
        last=earlier[-1].period,
        periods=len(earlier),
    )
