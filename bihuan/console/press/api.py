"""The API of press pages and published series: the same pages, decisions and values, as JSON."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest
from ninja import Header, Path, Query, Router, Schema
from pydantic import ConfigDict, Field

from bihuan.base.time import rfc3339
from bihuan.console.access.answers import ErrorOut, FaultsOut, TakenOut
from bihuan.console.access.caller import must_have
from bihuan.console.access.cursor import page as page_of
from bihuan.console.access.keys import PRESS, READ
from bihuan.console.access.once import once
from bihuan.console.home import keys
from bihuan.console.press import given
from bihuan.console.press.pages import UNSAID, actor, county_or_404, page_or_404, publisher
from bihuan.console.press.series_pages import series_of, series_or_404
from bihuan.figures.bulletins.paper import BUSINESS
from bihuan.figures.published.acts import NewPage, Statement
from bihuan.figures.published.entries import Article, Said
from bihuan.figures.published.models import PressPage, PressProposal, PublishedValue, Series
from bihuan.journal.storage import MAIN

PAGE = 100
MOST_ID = 2**63 - 1
NOTE = [BUSINESS["zh"], BUSINESS["en"]]

router = Router(tags=["published"])
Identity = Annotated[int, Path(ge=1, le=MOST_ID)]
Number = Annotated[int, Path(ge=1, le=10_000)]
Cursor = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=PAGE)]
Query60 = Annotated[str, Query(max_length=60)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 422: FaultsOut}
WRITES = {**REFUSALS, 409: TakenOut | FaultsOut}
Text120 = Annotated[str, Field(max_length=120)]


class StatementIn(Schema):
    """One statistic as published. Numbers are decimal text, days YYYY-MM-DD; nothing is computed.

    change: places gained; revises: it takes the place of what stands for the period, with a reason
    """

    model_config = ConfigDict(extra="forbid")

    indicator: Text120
    scope: Text120
    period: Literal["cumulative", "single", "point", "since"]
    start: str | None = Field(None, max_length=10)
    end: str = Field(max_length=10)
    value: str | None = Field(None, max_length=40)
    unit: str | None = Field(None, max_length=32)
    qualifier: str | None = Field(None, max_length=16)
    growth: str | None = Field(None, max_length=40)
    growth_unit: str | None = Field(None, max_length=32)
    basis: Literal["yoy", "period_on_period", "other"] | None = None
    rank: int | None = Field(None, ge=1, le=100_000)
    group: Text120 | None = None
    ties: bool = False
    change: int | None = Field(None, ge=-1000, le=1000)
    status: Literal["actual", "planned", "forecast", "at_capacity"] = "actual"
    provisional: bool = False
    revises: bool = False
    reason: str | None = Field(None, max_length=500)


class ValueIn(StatementIn):
    """The same with who published it and when."""

    paper: Text120
    issued: str = Field(max_length=10)
    article: str | None = Field(None, max_length=200)


class PageIn(Schema):
    """The text of a page; issued: the day printed on it."""

    model_config = ConfigDict(extra="forbid")

    paper: Text120
    issued: str = Field(max_length=10)
    text: str = Field(max_length=200_000)


class DecisionIn(Schema):
    """statement: what is confirmed instead of what was proposed; None = as proposed."""

    model_config = ConfigDict(extra="forbid")

    verdict: Literal["confirm", "reject"]
    statement: StatementIn | None = None
    reason: str | None = Field(None, max_length=500)
    revises: bool = False


class MadeOut(Schema):
    id: int


class DecidedOut(Schema):
    """value_id: the published value; None of a rejection."""

    value_id: int | None


class PageOut(Schema):
    id: int
    paper: str
    issued: str
    digest: str
    proposals: int
    waiting: int


class PagesOut(Schema):
    pages: list[PageOut]
    next: str | None


class ProposalOut(Schema):
    """fields: by field its spans of characters; a field without any was concluded."""

    n: int
    article: str
    source: list[int]
    said: dict[str, Any]
    fields: dict[str, list[list[int]]]
    verdict: str | None
    value_id: int | None


class WholePageOut(Schema):
    """A page with its text, whose characters the spans count."""

    id: int
    paper: str
    issued: str
    text: str
    articles: list[dict[str, Any]]
    proposals: list[ProposalOut]


class SeriesOut(Schema):
    """figure: the county's own beside which it is shown, never computed with."""

    id: int
    indicator: str
    scope: str
    period_kind: str
    unit: str | None
    figure: str | None
    note: list[str]


class SeriesListOut(Schema):
    series: list[SeriesOut]
    next: str | None


class ValueOut(Schema):
    """One statement. stands: neither revised nor withdrawn; entered: fields without characters."""

    id: int
    start: str | None
    end: str | None
    value: str | None
    unit: str | None
    qualifier: str | None
    growth: dict[str, Any] | None
    rank: dict[str, Any] | None
    status: str
    is_provisional: bool
    source: dict[str, Any]
    entered: list[str]
    stands: bool
    superseded_by: int | None
    withdrawn_reason: str | None
    reason: str | None
    stated: str


class WholeSeriesOut(SeriesOut):
    """A series with everything that was ever stated, oldest first."""

    values: list[ValueOut]


@router.get("/press/pages", response={200: PagesOut, **REFUSALS})
def list_pages(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
    """Pages that were read, newest first."""
    must_have(request, READ)
    area = county_or_404(request)
    found = PressPage.objects.using(MAIN).filter(area_path__startswith=area.path)
    rows, onward = page_of(found, f"press-{area.id}", cursor, limit)
    counts: dict[int, list[int]] = {row.id: [0, 0] for row in rows}
    proposals = PressProposal.objects.using(MAIN).filter(page_id__in=list(counts))
    for page_id, verdict in proposals.values_list("page_id", "verdict"):
        counts[page_id][0] += 1
        counts[page_id][1] += verdict is None
    pages = [
        {
            **{name: getattr(row, name) for name in ("id", "paper", "issued", "digest")},
            "proposals": counts[row.id][0],
            "waiting": counts[row.id][1],
        }
        for row in rows
    ]
    return {"pages": pages, "next": onward}


@router.post("/press/pages", response={200: MadeOut, **WRITES})
def read_page(request: HttpRequest, body: PageIn, key: Key) -> dict[str, Any]:
    """Read a page; the same page again is the same one."""
    must_have(request, PRESS)
    area = county_or_404(request)
    page = NewPage(area.id, body.paper, body.issued, body.text)
    by = actor(request, area.path, "api")
    return once(request, key, lambda: {"id": publisher().read(page, by)})


@router.get("/press/pages/{page_id}", response={200: WholePageOut, **REFUSALS})
def open_page(request: HttpRequest, page_id: Identity) -> dict[str, Any]:
    """A page with its articles and proposals."""
    must_have(request, READ)
    page = page_or_404(request, page_id)
    rows = PressProposal.objects.using(MAIN).filter(page_id=page.id).order_by("n")
    articles = msgspec.json.decode(page.articles, type=list[Article])
    return {
        "id": page.id,
        "paper": page.paper,
        "issued": page.issued,
        "text": keys().open(page.text) or "",
        "articles": [msgspec.to_builtins(one) for one in articles],
        "proposals": [_proposal(row) for row in rows],
    }


def _proposal(row: PressProposal) -> dict[str, Any]:
    return {
        "n": row.n,
        "article": row.article,
        "source": [row.start, row.end],
        "said": msgspec.json.decode(row.said),
        "fields": msgspec.json.decode(row.fields),
        "verdict": row.verdict,
        "value_id": row.value_id,
    }


@router.post("/press/pages/{page_id}/proposals/{n}", response={200: DecidedOut, **WRITES})
def decide(
    request: HttpRequest, page_id: Identity, n: Number, body: DecisionIn, key: Key
) -> dict[str, Any]:
    """Confirm a proposal, as it is or put right, or reject it with a reason."""
    must_have(request, PRESS)
    page = page_or_404(request, page_id)
    by, acts = actor(request, page.area_path, "api"), publisher()

    def do() -> dict[str, Any]:
        if body.verdict == "reject":
            acts.reject(page.id, n, body.reason or "", by)
            return {"value_id": None}
        return {"value_id": acts.confirm(page.id, n, _statement(page, n, body), by)}

    return once(request, key, do)


def _statement(page: PressPage, n: int, body: DecisionIn) -> Statement:
    if body.statement is None:
        row = PressProposal.objects.using(MAIN).filter(page_id=page.id, n=n).first()
        proposed = row.said if row is not None else "{}"
        said = msgspec.json.decode(proposed, type=Said)
    else:
        said = given.statement_of(body.statement.dict(), "press").said
    return Statement(said, UNSAID, body.revises, body.reason)


@router.get("/published/series", response={200: SeriesListOut, **REFUSALS})
def list_series(
    request: HttpRequest, q: Query60 = "", cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """Published series, newest first; q: part of the indicator."""
    must_have(request, READ)
    found = series_of(request)
    if q:
        found = found.filter(indicator__contains=q)
    rows, onward = page_of(found, f"series-{q}", cursor, limit)
    return {"series": [_series(row) for row in rows], "next": onward}


@router.get("/published/series/{series_id}", response={200: WholeSeriesOut, **REFUSALS})
def open_series(request: HttpRequest, series_id: Identity) -> dict[str, Any]:
    """A series with every value, its source and what revised it."""
    must_have(request, READ)
    series = series_or_404(request, series_id)
    rows = PublishedValue.objects.using(MAIN).filter(series_id=series.id).order_by("end", "id")
    return {**_series(series), "values": [_value(row) for row in rows]}


@router.post("/published/values", response={200: MadeOut, **WRITES})
def state_value(request: HttpRequest, body: ValueIn, key: Key) -> dict[str, Any]:
    """State what somebody published; what stands already is answered with its id."""
    must_have(request, PRESS)
    area = county_or_404(request)
    statement = given.statement_of(body.dict(), "api")
    by = actor(request, area.path, "api")
    return once(request, key, lambda: {"id": publisher().state(area.id, statement, by)})


def _series(row: Series) -> dict[str, Any]:
    names = ("id", "indicator", "scope", "period_kind", "unit", "figure")
    return {**{name: getattr(row, name) for name in names}, "note": NOTE}


def _value(row: PublishedValue) -> dict[str, Any]:
    names = ("id", "start", "end", "value", "unit", "qualifier", "status", "is_provisional")
    more = ("stands", "superseded_by", "withdrawn_reason", "reason")
    growth = rank = None
    if row.growth_value is not None:
        parts = (row.growth_value, row.growth_unit, row.growth_basis)
        growth = dict(zip(("value", "unit", "basis"), parts, strict=True))
    if row.rank_place is not None:
        stands = (row.rank_place, row.rank_group, row.rank_ties, row.rank_change)
        rank = dict(zip(("place", "group", "ties", "change"), stands, strict=True))
    told = (row.source_kind, row.paper, row.issued, row.article, row.page_id)
    source: dict[str, Any] = dict(
        zip(("kind", "paper", "issued", "article", "page_id"), told, strict=True)
    )
    source["characters"] = None if row.source_start is None else [row.source_start, row.source_end]
    return {
        **{name: getattr(row, name) for name in (*names, *more)},
        "growth": growth,
        "rank": rank,
        "source": source,
        "entered": msgspec.json.decode(row.entered),
        "stated": rfc3339(row.stated_us),
    }
