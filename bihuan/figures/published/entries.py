"""What lane 0 says about press pages and published series. Numbers are decimal text, days ISO."""

from __future__ import annotations

from typing import Literal

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor

Verdict = Literal["confirmed", "corrected", "rejected"]
PeriodKind = Literal["cumulative", "single", "point", "since"]
Status = Literal["actual", "planned", "forecast", "at_capacity"]
SourceKind = Literal["press", "sheet", "api"]


class Growth(Payload, frozen=True, kw_only=True):
    """As printed, never computed. unit: %, percentage_point, or as printed; basis: yoy …"""

    value: str
    unit: str | None
    basis: str | None


class Rank(Payload, frozen=True, kw_only=True):
    """place 第二 of group 五县（市）四区; ties 并列; change: places gained, negative = lost."""

    place: int
    group: str | None
    ties: bool
    change: int | None


class Period(Payload, frozen=True, kw_only=True):
    """start, end: inclusive days, None where the text does not say."""

    kind: PeriodKind
    start: str | None
    end: str | None


class Said(Payload, frozen=True, kw_only=True):
    """One statistic as somebody published it. qualifier: 余 超 多 …, kept: it is not exact."""

    indicator: str | None
    scope: str | None
    period: Period | None
    value: str | None
    unit: str | None
    qualifier: str | None
    growth: Growth | None
    rank: Rank | None
    status: Status
    is_provisional: bool = False


class Source(Payload, frozen=True, kw_only=True):
    """Where it stands. start, end: characters of the page; article: its headline."""

    kind: SourceKind
    paper: str
    issued: str
    article: str | None = None
    page_id: int | None = None
    start: int | None = None
    end: int | None = None


class Article(Payload, frozen=True, kw_only=True):
    """An article that the reader found. body: spans of characters, in reading order."""

    id: str
    type: str
    headline: str | None
    byline: str | None
    body: list[tuple[int, int]]
    complete: bool


class Proposal(Payload, frozen=True, kw_only=True):
    """A statistic that the reader proposes. fields: by field its characters; none = not found."""

    article: str
    source: tuple[int, int]
    said: Said
    fields: dict[str, list[tuple[int, int]]]


@entry_type("press.read.v1")
class PressRead(Payload, frozen=True, kw_only=True):
    """A page was read. text: sealed with the area's key; digest: SHA-256 of the clear text, hex.

    What the reader proposed stands here, so that a later reader changes nothing behind a person.
    """

    area_id: int
    paper: str
    issued: str
    text: bytes
    digest: str
    articles: list[Article]
    proposals: list[Proposal]
    by: Actor


@entry_type("press.decided.v1")
class PressDecided(Payload, frozen=True, kw_only=True):
    """A person decided about the n-th proposal of a page. changed: the fields put right."""

    page_id: int
    n: int
    verdict: Verdict
    changed: list[str]
    reason: str | None
    by: Actor


@entry_type("published.stated.v1")
class PublishedStated(Payload, frozen=True, kw_only=True):
    """What somebody published for a period. supersedes: values that it revises.

    entered   fields that the source's characters do not show, filled by the person
    proposal  the number of the proposal on the page; None = no proposal of the reader's
    """

    area_id: int
    said: Said
    source: Source
    entered: list[str]
    supersedes: list[int]
    reason: str | None
    proposal: int | None
    by: Actor


@entry_type("published.withdrawn.v1")
class PublishedWithdrawn(Payload, frozen=True, kw_only=True):
    """A value that should not stand: wrongly confirmed, or taken back by who published it."""

    value_id: int
    reason: str
    by: Actor


@entry_type("published.linked.v1")
class PublishedLinked(Payload, frozen=True, kw_only=True):
    """The county's own figure beside which a series is shown; None = none any more."""

    series_id: int
    figure: str | None
    by: Actor
