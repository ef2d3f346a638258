"""What lane 0 says about bulletins. A number in a text is a token; what it said is beside it."""

from __future__ import annotations

from typing import Literal

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor

BulletinKind = Literal["monthly", "special"]
Words = tuple[str, str]


class ToldGrowth(Payload, frozen=True, kw_only=True):
    """Signed decimal text in its unit (%, percentage_point or as printed); basis: yoy …"""

    value: str
    unit: str
    basis: str | None


class ToldRank(Payload, frozen=True, kw_only=True):
    """place from 1 among group; ties: 并列; change: places gained, None where nobody tells."""

    place: int
    group: Words
    ties: bool
    change: int | None = None


class Told(Payload, frozen=True, kw_only=True):
    """What a figure said when it was asked. value: decimal text, None = no number.

    scope       whose number it is, in words
    qualifier   余 超 多 …: the number is not exact
    source      who says so; published: somebody else does, and it was never recomputed
    href        the page of the figure, from the root of the site
    when        the period in words, where the source says it otherwise than the period itself
    """

    figure: str
    area: str
    period: str
    title: Words
    scope: Words
    unit: Words
    definition: Words
    source: Words
    value: str | None
    numerator: str | None = None
    denominator: str | None = None
    qualifier: str | None = None
    growth: ToldGrowth | None = None
    rank: ToldRank | None = None
    is_provisional: bool = False
    is_published: bool = False
    href: str = ""
    when: Words = ("", "")


class Point(Payload, frozen=True, kw_only=True):
    """One period of a series, for a chart or a claim. value: decimal text."""

    period: str
    value: str
    is_exact: bool
    is_provisional: bool


class Claim(Payload, frozen=True, kw_only=True):
    """A claim such as 历史最高 and the series that bears it: its periods, first to last, before."""

    words: str
    token: str
    first: str
    last: str
    periods: int


class Bound(Payload, frozen=True, kw_only=True):
    """A figure that the text names: what it said, and its series where it has one."""

    told: Told
    series: list[Point]


@entry_type("bulletin.drafted.v1")
class BulletinDrafted(Payload, frozen=True, kw_only=True):
    """A bulletin is begun. period: as figures take it (2026-07, 2026-01..2026-07)."""

    area_id: int
    kind: BulletinKind
    period: str
    title: Words
    by: Actor


@entry_type("bulletin.written.v1")
class BulletinWritten(Payload, frozen=True, kw_only=True):
    """A text of a bulletin was saved: n counts its saves. zh, en: text with tokens.

    digest: SHA-256 of texts and bound figures, in hex
    """

    bulletin_id: int
    n: int
    zh: str
    en: str
    bound: list[Bound]
    claims: list[Claim]
    digest: str
    by: Actor


@entry_type("bulletin.issued.v1")
class BulletinIssued(Payload, frozen=True, kw_only=True):
    """A text was locked as a version. release_us: before that only its editors see it.

    reason: why a later version replaces an earlier one; None for the first
    """

    bulletin_id: int
    version: int
    n: int
    release_us: int
    reason: str | None
    digest: str
    by: Actor


@entry_type("bulletin.withdrawn.v1")
class BulletinWithdrawn(Payload, frozen=True, kw_only=True):
    """A bulletin is taken back; its page says so and why."""

    bulletin_id: int
    reason: str
    by: Actor
