"""Press pages and published series as pages show them: each field beside its characters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from bihuan.console.home import keys
from bihuan.console.people import People
from bihuan.console.press import words
from bihuan.console.shown import is_english
from bihuan.figures.bulletins.entries import Point, Told, ToldGrowth, ToldRank
from bihuan.figures.bulletins.spoken import Language, amount, growth, rank
from bihuan.figures.published.entries import Article, Said
from bihuan.figures.published.models import PressPage, PressProposal, PublishedValue, Series
from bihuan.figures.published.undetermined import doubts, is_undetermined

Spans = dict[str, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters. n: the proposal that rests on it; is_first: its mark begins here."""

    text: str
    n: int | None = None
    is_first: bool = False
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A field of a proposal: its word, what is proposed, the characters; none = concluded."""

    name: str
    label: str
    text: str
    characters: str


@dataclass(frozen=True, slots=True)
class ShownProposal:
    """A proposal with its fields; values: what the form of a correction begins with."""

    row: PressProposal
    headline: str
    fields: list[Shown]
    values: dict[str, Any]
    verdict: str
    who: str
    is_ready: bool
    inexact: bool
    notes: list[str]


@dataclass(frozen=True, slots=True)
class ShownArticle:
    """An article with its text, marked, and what is proposed from it."""

    article: Article
    kind: str
    paragraphs: list[list[Piece]]
    proposals: list[ShownProposal]


def language() -> Language:
    """The language of the page."""
    return "en" if is_english() else "zh"


def told_of(said: Said) -> Told:
    """A statement in the shape by which numbers are said in words."""
    unit = (said.unit or "", said.unit or "")
    grown = said.growth
    stands = said.rank
    return Told(
        figure="",
        area="",
        period="",
        title=(said.indicator or "", said.indicator or ""),
        scope=(said.scope or "", said.scope or ""),
        unit=unit,
        definition=("", ""),
        source=("", ""),
        value=said.value,
        qualifier=said.qualifier,
        growth=ToldGrowth(value=grown.value, unit=grown.unit or "", basis=grown.basis)
        if grown
        else None,
        rank=ToldRank(
            place=stands.place,
            group=(stands.group or "", stands.group or ""),
            ties=stands.ties,
            change=stands.change,
        )
        if stands
        else None,
        is_provisional=said.is_provisional,
        is_published=True,
    )


def number_of(said: Said) -> str:
    """超3.38亿元, 同比增长6.1%, 居…第2位: what a statement says, in one line."""
    told = told_of(said)
    parts = [amount(told, language()) if told.value is not None else ""]
    parts += [growth(told, language()), rank(told, language())]
    return (", " if is_english() else "，").join(part for part in parts if part)


def said_of(row: PublishedValue, series: Series) -> Said:
    """A published value back as the statement that it is."""
    told: dict[str, Any] = {
        "indicator": series.indicator,
        "scope": series.scope,
        "period": {"kind": series.period_kind, "start": row.start, "end": row.end},
        "value": row.value,
        "unit": row.unit,
        "qualifier": row.qualifier,
        "growth": None,
        "rank": None,
        "status": row.status,
        "is_provisional": row.is_provisional,
    }
    if row.growth_value is not None:
        unit, basis = row.growth_unit, row.growth_basis
        told["growth"] = {"value": row.growth_value, "unit": unit, "basis": basis}
    if row.rank_place is not None:
        told["rank"] = {
            "place": row.rank_place,
            "group": row.rank_group,
            "ties": bool(row.rank_ties),
            "change": row.rank_change,
        }
    return msgspec.convert(told, Said)


def articles(page: PressPage, rows: Sequence[PressProposal]) -> list[ShownArticle]:
    """A page's articles in order, each with its marked text and its proposals."""
    text = keys().open(page.text) or ""
    people = People(keys(), (row.decided_by for row in rows))
    found = []
    for article in msgspec.json.decode(page.articles, type=list[Article]):
        own = [row for row in rows if row.article == article.id]
        said = [msgspec.json.decode(row.said, type=Said) for row in own]
        notes = _notes(said)
        found.append(
            ShownArticle(
                article,
                str(words.ARTICLES.get(article.type, article.type)),
                [marked(text, span, own) for span in article.body],
                [_proposal(row, text, people, notes[n]) for n, row in enumerate(own)],
            )
        )
    return found


def marked(text: str, span: tuple[int, int], rows: Iterable[PressProposal]) -> list[Piece]:
    """A span of the text cut where the source of a proposal begins or ends."""
    rows = [row for row in rows if row.start < span[1] and span[0] < row.end]
    numbers = {
        one for row in rows for one in msgspec.json.decode(row.fields, type=Spans).get("value", [])
    }
    edges = {span[0], span[1]}
    for start, end in [*((row.start, row.end) for row in rows), *numbers]:
        edges |= {place for place in (start, end) if span[0] < place < span[1]}
    cuts = sorted(edges)
    pieces, begun = list[Piece](), set[int]()
    for start, end in pairwise(cuts):
        on = [row.n for row in rows if row.start <= start and end <= row.end]
        n = on[0] if on else None
        is_number = any(a <= start and end <= b for a, b in numbers)
        pieces.append(Piece(text[start:end], n, n is not None and n not in begun, is_number))
        begun |= {n} if n is not None else set()
    return pieces


def _notes(said: Sequence[Said]) -> list[list[str]]:
    """What a person must ask the source, for each proposal of one article: nothing is guessed."""
    notes = [
        [_("原文没有写明期间，程序不推定；请向来源核实后再填。")] if is_undetermined(one) else []
        for one in said
    ]
    for doubt in doubts(said):
        notes[doubt.n].append(
            _("%(average)s × %(times)s = %(total)s：可能是 %(times)s 期的合计，也可能只是巧合。")
            % doubt._asdict()
        )
    return notes


def _proposal(row: PressProposal, text: str, people: People, notes: list[str]) -> ShownProposal:
    said = msgspec.json.decode(row.said, type=Said)
    spans = msgspec.json.decode(row.fields, type=Spans)
    shown = _texts(said)
    fields = [
        Shown(
            name,
            str(words.LABELS[name]),
            shown[name],
            " … ".join("".join(text[a:b].split()) for a, b in spans.get(name, [])),
        )
        for name in words.LABELS
        if shown[name]
    ]
    period = said.period
    return ShownProposal(
        row=row,
        headline=number_of(said),
        fields=fields,
        values=values_of(said),
        verdict=str(words.VERDICTS.get(row.verdict or "", "")),
        who=people.name(row.decided_by) if row.decided_by else "",
        is_ready=bool(said.indicator and said.scope and period and period.end),
        inexact=bool(said.qualifier),
        notes=notes,
    )


def _texts(said: Said) -> dict[str, str]:
    told = told_of(said)
    return {
        "indicator": said.indicator or "",
        "scope": said.scope or "",
        "period": period_text(said),
        "value": amount(told, language()) if said.value is not None else "",
        "unit": said.unit or "",
        "qualifier": said.qualifier or "",
        "growth": growth(told, language()),
        "rank": rank(told, language()),
        "status": "" if said.status == "actual" else str(words.STATUSES[said.status]),
    }


def period_text(said: Said) -> str:
    """累计 2026-01-01 至 2026-01-31; an open edge is a dash."""
    period = said.period
    if period is None:
        return ""
    kind = str(words.PERIODS[period.kind])
    if period.start is None and period.kind != "point":
        unsaid = _("起始日未写明")
        return f"{kind} {unsaid} — {period.end or '—'}"
    if period.start == period.end or period.start is None:
        return f"{kind} {period.end or '—'}"
    return f"{kind} {period.start} — {period.end or '—'}"


def values_of(said: Said) -> dict[str, Any]:
    """A statement by the names of the form's fields."""
    period, grown, stands = said.period, said.growth, said.rank
    return {
        "indicator": said.indicator,
        "scope": said.scope,
        "period": period.kind if period else "",
        "start": period.start if period else None,
        "end": period.end if period else None,
        "value": said.value,
        "unit": said.unit,
        "qualifier": said.qualifier,
        "growth": grown.value if grown else None,
        "growth_unit": grown.unit if grown else None,
        "basis": grown.basis if grown else None,
        "rank": stands.place if stands else None,
        "group": stands.group if stands else None,
        "ties": stands.ties if stands else False,
        "change": stands.change if stands else None,
        "status": said.status,
        "provisional": said.is_provisional,
    }


def points(rows: Iterable[PublishedValue]) -> list[Point]:
    """The values that stand, oldest first, for a chart."""
    newest: dict[str, Point] = {}
    for row in rows:
        if row.stands and row.value is not None and row.end is not None:
            newest[row.end] = Point(
                period=row.end,
                value=row.value,
                is_exact=not row.qualifier,
                is_provisional=row.is_provisional or row.status != "actual",
            )
    return list(newest.values())
