"""Reading a page, deciding what it proposes, stating what others published; a transaction each.

Nothing is invented: a number that a press page does not print is refused, and a word that it does
not print is kept as entered by the person. What stands is never changed: a second, other value
for a period is refused until somebody says that it revises, and then both stay.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import CHINA, Clock, datetime_of
from bihuan.figures.press.evidence import evidence, printed_numbers
from bihuan.figures.press.read import read_press
from bihuan.figures.published import entries, identity
from bihuan.figures.published.models import PressPage, PressProposal, PublishedValue, Series
from bihuan.figures.published.projectors import proposal_of
from bihuan.figures.published.rights import FIGURES
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.loop.act import ForbiddenError, TakenError
from bihuan.register.entries import Actor
from bihuan.register.models import Area
from bihuan.register.rights import for_user

MOST_TEXT: Final = 200_000
MOST_PROPOSALS: Final = 2000
MOST_REASON: Final = 500


class NewPage(NamedTuple):
    """A page to be read. issued: the day printed on it, ISO."""

    area_id: int
    paper: str
    issued: str
    text: str


class Statement(NamedTuple):
    """What was published and where. revises: it takes the place of what stands; reason: why."""

    said: entries.Said
    source: entries.Source
    revises: bool = False
    reason: str | None = None


class Publisher:
    """Acts of who may edit figures; every call raises ForbiddenError for others."""

    def __init__(self, clock: Clock, keys: KeyRing) -> None:
        self._clock, self._keys = clock, keys

    def read(self, page: NewPage, by: Actor) -> int:
        """Read a page and keep what it proposes; its id. The same page again changes nothing."""
        faults = _page_faults(page, self._today())
        if faults:
            raise BadInputError(*faults)
        digest = hashlib.sha256(page.text.encode()).hexdigest()
        articles, proposals = proposed(page.text, date.fromisoformat(page.issued))
        with Appender(FACTS_LANE, self._clock) as lane:
            _must_edit(lane, page.area_id, by)
            for row in lane.rows.where(PressPage, digest=digest):
                if (row.issued, row.area_id) == (page.issued, page.area_id):
                    return int(row.id)
            said = entries.PressRead(
                area_id=page.area_id,
                paper=page.paper.strip(),
                issued=page.issued,
                text=self._keys.seal(page.area_id, page.text),
                digest=digest,
                articles=articles,
                proposals=proposals,
                by=by,
            )
            return lane.append(said).id()

    def _today(self) -> date:
        return datetime_of(self._clock.now_us()).astimezone(CHINA).date()

    def reject(self, page_id: int, n: int, reason: str, by: Actor) -> None:
        """Say why a proposal is no statistic, or wrong beyond putting right."""
        with Appender(FACTS_LANE, self._clock) as lane:
            self._open(lane, page_id, n, by)
            _must_say(reason)
            lane.append(_decision((page_id, n), "rejected", [], reason, by))

    def confirm(self, page_id: int, n: int, statement: Statement, by: Actor) -> int:
        """Confirm a proposal, as proposed or put right; the id of the published value."""
        with Appender(FACTS_LANE, self._clock) as lane:
            page, row = self._open(lane, page_id, n, by)
            was = msgspec.json.decode(row.said, type=entries.Said)
            changed = [
                name
                for name in entries.Said.__struct_fields__
                if getattr(was, name) != getattr(statement.said, name)
            ]
            source = _press_source(page, row.article, (row.start, row.end))
            given = statement._replace(source=source)
            entered = self._entered(page, row.article, statement.said)
            verdict: entries.Verdict = "corrected" if changed else "confirmed"
            lane.append(_decision((page_id, n), verdict, changed, statement.reason, by))
            return _state(lane, page.area_id, given, _Beside(entered, n), by)

    def add(self, page_id: int, quote: str, statement: Statement, by: Actor) -> int:
        """State what the reader missed. quote: its words as the page prints them."""
        with Appender(FACTS_LANE, self._clock) as lane:
            page = _page(lane, page_id, by)
            article, span = self._quoted(page, quote)
            given = statement._replace(source=_press_source(page, article, span))
            entered = self._entered(page, article, statement.said)
            return _state(lane, page.area_id, given, _Beside(entered), by)

    def state(self, area_id: int, statement: Statement, by: Actor) -> int:
        """State what a sheet or another system brings; the id of the value that now says so."""
        with Appender(FACTS_LANE, self._clock) as lane:
            _must_edit(lane, area_id, by)
            faults = source_faults(statement.source, self._today())
            if faults:
                raise BadInputError(*faults)
            return _state(lane, area_id, statement, _Beside([]), by)

    def withdraw(self, value_id: int, reason: str, by: Actor) -> None:
        """Take a value out of its series; it stays in the history with who, when and why."""
        with Appender(FACTS_LANE, self._clock) as lane:
            row = lane.rows.get(PublishedValue, value_id)
            series = lane.rows.get(Series, row.series_id) if row is not None else None
            if row is None or series is None:
                raise ForbiddenError
            _must_edit(lane, series.area_id, by)
            _must_say(reason)
            if not row.stands:
                raise bad("value_id", value_id, "a value that stands")
            said = entries.PublishedWithdrawn(value_id=value_id, reason=reason.strip(), by=by)
            lane.append(said)

    def link(self, series_id: int, figure: str | None, by: Actor) -> None:
        """Show a series beside the county's own figure; None takes that back."""
        with Appender(FACTS_LANE, self._clock) as lane:
            series = lane.rows.get(Series, series_id)
            if series is None:
                raise ForbiddenError
            _must_edit(lane, series.area_id, by)
            if figure is not None and not 0 < len(figure) <= 120:
                raise bad("figure", figure[:40], "the id of a figure, or nothing")
            if figure != series.figure:
                said = entries.PublishedLinked(series_id=series_id, figure=figure, by=by)
                lane.append(said)

    def _open(
        self, lane: Appender, page_id: int, n: int, by: Actor
    ) -> tuple[PressPage, PressProposal]:
        """The page and a proposal that nobody decided yet; else TakenError with who and when."""
        page = _page(lane, page_id, by)
        row = proposal_of(lane.rows, page_id, n)
        if row.verdict is not None:
            raise TakenError(row.decided_by, row.decided_us, row.verdict)
        return page, row

    def _entered(self, page: PressPage, article: str, said: entries.Said) -> list[str]:
        """Fields whose words the article does not print; a number that it does not is refused."""
        text = self._keys.open(page.text) or ""
        one = _article(page, article)
        numbers = printed_numbers(text, one.body)
        faults = []
        want = "a number that the article prints, in its base unit"
        for name, number in identity.numbers_of(said):
            if number.lstrip("-") not in numbers:
                faults.append(Fault(name, number[:40], want))
        if faults:
            raise BadInputError(*faults)
        printed = identity.plain("".join(text[start:end] for start, end in one.body))
        printed += identity.plain(one.headline)
        words = {
            "indicator": said.indicator,
            "scope": said.scope,
            "qualifier": said.qualifier,
            "rank": said.rank.group if said.rank else None,
        }
        return [name for name, word in words.items() if identity.plain(word) not in printed]

    def _quoted(self, page: PressPage, quote: str) -> tuple[str, tuple[int, int]]:
        """The article and characters of a quotation, blanks not counted."""
        text, wanted = self._keys.open(page.text) or "", identity.plain(quote)
        for article in msgspec.json.decode(page.articles, type=list[entries.Article]):
            for start, end in article.body:
                kept = [at for at in range(start, end) if not text[at].isspace()]
                at = "".join(identity.plain(text[k]) or " " for k in kept).find(wanted)
                if wanted and at >= 0 and len(kept) >= at + len(wanted):
                    return article.id, (kept[at], kept[at + len(wanted) - 1] + 1)
        raise bad("quote", quote[:40], "words as one article of the page prints them")


class _Beside(NamedTuple):
    entered: list[str]
    proposal: int | None = None


def proposed(text: str, issued: date) -> tuple[list[entries.Article], list[entries.Proposal]]:
    """Articles and proposals of a page, each field with its characters."""
    articles, found = list[entries.Article](), list[entries.Proposal]()
    bodies: dict[str, list[tuple[int, int]]] = {}
    for one in read_press(text, issued):
        told = {name: value for name, value in one.items() if name != "kind"}
        if one["kind"] == "article":
            article = msgspec.convert(told, entries.Article)
            articles.append(article)
            bodies[article.id] = article.body
            continue
        fields = evidence(text, bodies[str(one["article"])], one, issued)
        found.append(_proposal(told, fields))
    if len(found) > MOST_PROPOSALS:
        raise bad("text", f"{len(found)} statistics", f"a page with at most {MOST_PROPOSALS}")
    return articles, found


def _proposal(
    told: Mapping[str, Any], fields: dict[str, list[tuple[int, int]]]
) -> entries.Proposal:
    names = entries.Said.__struct_fields__
    said = msgspec.convert({n: told[n] for n in names if n in told}, entries.Said)
    start, end = told["source"]
    return entries.Proposal(article=told["article"], source=(start, end), said=said, fields=fields)


def _page_faults(page: NewPage, today: date) -> list[Fault]:
    faults = []
    if not page.text.strip():
        faults.append(Fault("text", "nothing", "the text of a page"))
    elif len(page.text) > MOST_TEXT:
        faults.append(Fault("text", f"{len(page.text)} characters", f"at most {MOST_TEXT}"))
    elif "\0" in page.text:
        faults.append(Fault("text", "a NUL character", "text, not a file of another kind"))
    return faults + _issue_faults(page.paper, page.issued, today)


def source_faults(source: entries.Source, today: date) -> list[Fault]:
    """What a source needs: who published it, on which day that is not to come."""
    return _issue_faults(source.paper, source.issued, today)


def _issue_faults(paper: str, issued: str, today: date) -> list[Fault]:
    faults = []
    if not 0 < len(paper.strip()) <= 120:
        faults.append(
            Fault("paper", paper[:40] or "nothing", "who published it, 1 to 120 characters")
        )
    try:
        if date.fromisoformat(issued) > today:
            faults.append(Fault("issued", issued, f"a day not after {today}"))
    except ValueError:
        faults.append(Fault("issued", issued[:20] or "nothing", "a day YYYY-MM-DD"))
    return faults


def _press_source(page: PressPage, article: str, span: tuple[int, int]) -> entries.Source:
    headline = _article(page, article).headline
    return entries.Source(
        kind="press",
        paper=page.paper,
        issued=page.issued,
        article=headline[:255] if headline else None,
        page_id=page.id,
        start=span[0],
        end=span[1],
    )


def _article(page: PressPage, name: str) -> entries.Article:
    found = msgspec.json.decode(page.articles, type=list[entries.Article])
    return next(one for one in found if one.id == name)


def _page(lane: Appender, page_id: int, by: Actor) -> PressPage:
    page = lane.rows.get(PressPage, page_id)
    if page is None:
        raise ForbiddenError
    _must_edit(lane, page.area_id, by)
    return page


def _must_edit(lane: Appender, area_id: int, by: Actor) -> None:
    area = lane.rows.get(Area, area_id)
    mine = for_user(by.person_id, lane.now_us)
    if area is None or not mine.may(FIGURES, "edit", area.path):
        raise ForbiddenError


def _must_say(reason: str) -> None:
    if not 0 < len(reason.strip()) <= MOST_REASON:
        got = f"{len(reason.strip())} characters"
        raise bad("reason", got, f"a reason of 1 to {MOST_REASON} characters")


def _decision(
    which: tuple[int, int],
    verdict: entries.Verdict,
    changed: list[str],
    reason: str | None,
    by: Actor,
) -> entries.PressDecided:
    return entries.PressDecided(
        page_id=which[0], n=which[1], verdict=verdict, changed=changed, reason=reason, by=by
    )


def _state(lane: Appender, area_id: int, given: Statement, beside: _Beside, by: Actor) -> int:
    """Append a statement unless it stands already. Raises BadInputError, every fault."""
    said = given.said
    faults = identity.faults_of(said)
    if faults:
        raise BadInputError(*faults)
    standing = standing_of(lane.rows, said, area_id)
    again = [row for row in standing if identity.is_same(row, said) and _is_from(row, given.source)]
    if again and beside.proposal is None:
        return int(again[0].id)
    against = [row for row in standing if identity.disagrees(row, said)]
    if against and not given.revises:
        raise bad(
            "revises", f"{shown(said)}, beside {shown_row(against[0])}", "to say that it revises"
        )
    if against:
        _must_say(given.reason or "")
    stated = entries.PublishedStated(
        area_id=area_id,
        said=said,
        source=given.source,
        entered=beside.entered,
        supersedes=[row.id for row in against],
        reason=given.reason,
        proposal=beside.proposal,
        by=by,
    )
    return lane.append(stated).id(1)


def standing_of(rows: Rows, said: entries.Said, area_id: int) -> list[PublishedValue]:
    """What stands for the same period of the same series. Raises where the unit is another."""
    period = said.period
    for series in rows.where(Series, key=identity.key_of(said, area_id)):
        if said.unit is not None and series.unit not in (None, said.unit):
            want = f"{series.unit}, the unit of the series, or another indicator"
            raise bad("unit", said.unit, want)
        return [
            row
            for row in rows.where(PublishedValue, series_id=series.id)
            if row.stands and period and (row.start, row.end) == (period.start, period.end)
        ]
    return []


def _is_from(row: PublishedValue, source: entries.Source) -> bool:
    mine = (source.kind, source.paper, source.issued, source.page_id, source.start)
    return mine == (row.source_kind, row.paper, row.issued, row.page_id, row.source_start)


def shown(said: entries.Said) -> str:
    """A statement in a fault: its numbers as printed."""
    growth = f" {said.growth.value}{said.growth.unit or ''}" if said.growth else ""
    rank = f" #{said.rank.place}" if said.rank else ""
    return f"{said.qualifier or ''}{said.value or ''}{said.unit or ''}{growth}{rank}".strip()


def shown_row(row: PublishedValue) -> str:
    """The same of a row, with who published it."""
    growth = f" {row.growth_value}{row.growth_unit or ''}" if row.growth_value else ""
    rank = f" #{row.rank_place}" if row.rank_place else ""
    number = f"{row.qualifier or ''}{row.value or ''}{row.unit or ''}{growth}{rank}".strip()
    return f"{number} ({row.paper}, {row.issued})"
