"""The API of limits and working days: for whoever may tune a scenario for the whole county."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Router, Schema
from pydantic import ConfigDict, Field

from bihuan.base.calendar import FIRST_YEAR, LAST_YEAR
from bihuan.console.access.answers import ErrorOut, FaultsOut
from bihuan.console.access.caller import must_have
from bihuan.console.access.keys import READ
from bihuan.console.access.once import once
from bihuan.console.home import clock
from bihuan.console.limits import acts, facts, given
from bihuan.console.limits.who import tuner_or_404
from bihuan.loop.clocks.entries import DaySaid

router = Router(tags=["limits"])
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 409: FaultsOut, 422: FaultsOut}


class FigureOut(Schema):
    """A limit. unit: seconds, calendar or working (days); from_us None: as the playbook says."""

    amount: int
    unit: str
    source: str
    region: str
    effective_from: str
    from_us: int | None


class StandingOut(Schema):
    """now: what holds; own: the county's own figures, the latest first, those ahead too."""

    clock: str
    now: FigureOut
    declared: FigureOut
    own: list[FigureOut]


class LimitIn(Schema):
    """unit: seconds, minutes, hours, calendar or working; region: the id of the county."""

    model_config = ConfigDict(extra="forbid")

    clock: str = Field(max_length=16)
    amount: int = Field(ge=-(2**53), le=2**53)
    unit: str = Field(max_length=16)
    source: str = Field(max_length=400)
    effective_from: str = Field(max_length=32)
    region: int = Field(ge=-(2**53), le=2**53)


class DayIn(Schema):
    """A date off, or one on which people work."""

    model_config = ConfigDict(extra="forbid")

    date: date
    is_working: bool
    name: str = Field("", max_length=given.MOST_NAME)


class NoticeIn(Schema):
    """A notice. year: the one that it arranges; then all its statutory days off are among them."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(max_length=400)
    year: int | None = Field(None, ge=FIRST_YEAR, le=LAST_YEAR)
    days: list[DayIn] = Field(min_length=1, max_length=given.MOST_LINES)


class YearOut(Schema):
    """source: of its notice. is_provisional: no notice arranged the year yet."""

    year: int
    source: str
    is_provisional: bool
    days: list[dict[str, Any]]


class PositionOut(Schema):
    position: int


@router.get("/limits/{playbook}", response={200: list[StandingOut], **REFUSALS})
def list_limits(request: HttpRequest, playbook: str) -> list[dict[str, Any]]:
    """Every limit of a playbook (`scenario.kind`), which holds now and which the county set."""
    must_have(request, READ)
    book = acts.book_or_404(playbook)
    tuner_or_404(request, book.scenario)
    return [
        {
            "clock": one.clock,
            "now": one.now._asdict(),
            "declared": one.declared._asdict(),
            "own": [figure._asdict() for figure in one.own],
        }
        for one in facts.standings(book, clock().now_us())
    ]


@router.post("/limits/{playbook}", response={200: PositionOut, **REFUSALS})
def set_limit(request: HttpRequest, playbook: str, body: LimitIn, key: Key) -> dict[str, Any]:
    """Set the county's own figure, for cases opened from a day ahead on."""
    must_have(request, "tune")
    tuner_or_404(request, acts.book_or_404(playbook).scenario)
    said = {field: str(value) for field, value in body.dict().items()}
    return once(request, key, lambda: {"position": acts.limit(request, playbook, said, clock())})


@router.get("/working-days", response={200: list[YearOut], **REFUSALS})
def list_working_days(request: HttpRequest) -> list[dict[str, Any]]:
    """This year and the next ones: what is not as the week says, and whose notice says so."""
    must_have(request, READ)
    tuner_or_404(request)
    names = ("date", "is_working", "name", "source")
    return [
        {
            "year": one.year,
            "source": one.source,
            "is_provisional": not one.source,
            "days": [
                dict(zip(names, (day[0].isoformat(), *day[1:]), strict=True)) for day in one.days
            ],
        }
        for one in facts.years(clock().now_us())
    ]


@router.post("/working-days", response={200: PositionOut, **REFUSALS})
def add_notice(request: HttpRequest, body: NoticeIn, key: Key) -> dict[str, Any]:
    """Add a notice; every provisional clock is counted anew."""
    must_have(request, "tune")
    tuner_or_404(request)
    said = [
        DaySaid(date=one.date.isoformat(), is_working=one.is_working, name=one.name.strip())
        for one in body.days
    ]

    def do() -> dict[str, Any]:
        return {"position": acts.days(request, said, body.year, body.source, clock())}

    return once(request, key, do)
