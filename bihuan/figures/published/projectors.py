"""Entries of press pages and published series become rows."""

from __future__ import annotations

import msgspec

from bihuan.base.errors import bad
from bihuan.figures.published import entries
from bihuan.figures.published.identity import key_of
from bihuan.figures.published.models import PressPage, PressProposal, PublishedValue, Series
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register.areas.spans import path_now


def _json(value: object) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()


@projects(entries.PressRead)
def press_read(rows: Rows, entry: Recorded[entries.PressRead]) -> None:
    said = entry.payload
    page_id = entry.id()
    rows.new(
        PressPage,
        id=page_id,
        area_id=said.area_id,
        area_path=path_now(rows, said.area_id),
        paper=said.paper,
        issued=said.issued,
        text=said.text,
        digest=said.digest,
        articles=_json(said.articles),
        read_us=entry.recorded_us,
        read_by=said.by.person(),
    )
    for n, one in enumerate(said.proposals, 1):
        rows.new(
            PressProposal,
            id=entry.id(n),
            page_id=page_id,
            n=n,
            article=one.article,
            start=one.source[0],
            end=one.source[1],
            said=_json(one.said),
            fields=_json(one.fields),
        )


@projects(entries.PressDecided)
def press_decided(rows: Rows, entry: Recorded[entries.PressDecided]) -> None:
    said = entry.payload
    row = proposal_of(rows, said.page_id, said.n)
    if row.verdict is not None:
        raise bad("proposal", said.n, "one that nobody decided yet")
    row = rows.change(PressProposal, row.id)
    row.verdict, row.changed, row.reason = said.verdict, _json(said.changed), said.reason
    row.decided_by, row.decided_us = said.by.person(), entry.recorded_us


def proposal_of(rows: Rows, page_id: int, n: int) -> PressProposal:
    """The n-th proposal of a page. Raises BadInputError where there is none."""
    for row in rows.where(PressProposal, page_id=page_id):
        if row.n == n:
            return row
    raise bad("proposal", n, f"a proposal of page {page_id}")


@projects(entries.PublishedStated)
def published_stated(rows: Rows, entry: Recorded[entries.PublishedStated]) -> None:
    stated = entry.payload
    series_id = _series(rows, entry)
    value_id = entry.id(1)
    for old in stated.supersedes:
        rows.change(PublishedValue, old).superseded_by = value_id
    if stated.proposal is not None and stated.source.page_id is not None:
        proposal = proposal_of(rows, stated.source.page_id, stated.proposal)
        rows.change(PressProposal, proposal.id).value_id = value_id
    rows.new(
        PublishedValue,
        id=value_id,
        series_id=series_id,
        **_columns(stated.said),
        **_source(stated.source),
        entered=_json(stated.entered),
        reason=stated.reason,
        stated_us=entry.recorded_us,
        stated_by=stated.by.person_id,
    )


def _series(rows: Rows, entry: Recorded[entries.PublishedStated]) -> int:
    """The series of a statement, made by its first one; its first unit stays."""
    said = entry.payload.said
    key = key_of(said, entry.payload.area_id)
    for found in rows.where(Series, key=key):
        if found.unit is None and said.unit is not None:
            rows.change(Series, found.id).unit = said.unit
        return int(found.id)
    assert said.period is not None, "checked by key_of"
    rows.new(
        Series,
        id=entry.id(),
        key=key,
        area_id=entry.payload.area_id,
        area_path=path_now(rows, entry.payload.area_id),
        indicator=said.indicator,
        scope=said.scope,
        period_kind=said.period.kind,
        unit=said.unit,
        figure=None,
    )
    return entry.id()


def _columns(said: entries.Said) -> dict[str, object]:
    growth, rank, period = said.growth, said.rank, said.period
    return {
        "start": period.start if period else None,
        "end": period.end if period else None,
        "value": said.value,
        "unit": said.unit,
        "qualifier": said.qualifier,
        "growth_value": growth.value if growth else None,
        "growth_unit": growth.unit if growth else None,
        "growth_basis": growth.basis if growth else None,
        "rank_place": rank.place if rank else None,
        "rank_group": rank.group if rank else None,
        "rank_ties": rank.ties if rank else None,
        "rank_change": rank.change if rank else None,
        "status": said.status,
        "is_provisional": said.is_provisional,
    }


def _source(source: entries.Source) -> dict[str, object]:
    return {
        "source_kind": source.kind,
        "paper": source.paper,
        "issued": source.issued,
        "article": source.article,
        "page_id": source.page_id,
        "source_start": source.start,
        "source_end": source.end,
    }


@projects(entries.PublishedWithdrawn)
def published_withdrawn(rows: Rows, entry: Recorded[entries.PublishedWithdrawn]) -> None:
    said = entry.payload
    row = rows.change(PublishedValue, said.value_id)
    if not row.stands:
        raise bad("value_id", said.value_id, "a value that stands")
    row.withdrawn_us, row.withdrawn_by = entry.recorded_us, said.by.person()
    row.withdrawn_reason = said.reason


@projects(entries.PublishedLinked)
def published_linked(rows: Rows, entry: Recorded[entries.PublishedLinked]) -> None:
    rows.change(Series, entry.payload.series_id).figure = entry.payload.figure
