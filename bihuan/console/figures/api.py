"""The API of figures: definitions, values, the ids behind them, files, publishing, targets."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Header, Query, Router, Schema
from pydantic import ConfigDict, Field

from bihuan.console.access.answers import ErrorOut, FaultsOut
from bihuan.console.access.caller import must_have
from bihuan.console.access.keys import READ
from bihuan.console.access.once import once
from bihuan.console.figures.asked import asked, figure_or_404, scenarios
from bihuan.console.figures.files import actor_of, file_of
from bihuan.console.home import clock
from bihuan.console.visit import rights_of
from bihuan.figures import acts, drill, entries
from bihuan.figures.export import NOT_OFFICIAL
from bihuan.figures.installed import Installed, installed
from bihuan.figures.values import Growth, Value
from bihuan.loop.rights import cases_for

router = Router(tags=["figures"])
REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 422: FaultsOut}
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
# read from the address by `asked`, named here for the documentation
Period = Annotated[str | None, Query(max_length=16, description="2026-08, 2026-Q3, 2026 …")]
Area = Annotated[int | None, Query(ge=1, le=2**63 - 1)]
MOST = 200


class FigureOut(Schema):
    """A figure with its definition. note: what these numbers are not."""

    id: str
    title: list[str]
    unit: list[str]
    definition: list[str]
    version: int
    source: str
    effective_from: str
    period_kind: str
    areas: str
    direction: str
    note: list[str]


class GrowthOut(Schema):
    """amount None: why says it. unit: percent, or percentage points."""

    amount: float | None
    unit: str
    why: str | None
    is_cut: bool


class ValueOut(Schema):
    """amount None: nothing to count, neither 0 nor 100 %. lock: published version, 0 = none.

    live: what the records give now, where that is not what was published
    """

    figure: FigureOut
    period: str
    area_id: int
    amount: float | None
    top: float | None
    bottom: float | None
    is_open: bool
    lock: int
    live: float | None
    year: GrowthOut
    before: GrowthOut
    target: float | None
    is_met: bool | None


class IdsOut(Schema):
    """cases: ids that the caller may see, newest first, of `total` counted."""

    total: int
    kind: Literal["cases", "rows"]
    ids: list[int]


class Strict(Schema):
    model_config = ConfigDict(extra="forbid")


class LockIn(Strict):
    scenario: str
    period: str
    reason: str = ""


class LockOut(Schema):
    n: int


class TargetIn(Strict):
    """from_us: from when on it holds; amount None takes the county's own target back."""

    figure: str
    amount: float | None = Field(allow_inf_nan=False)
    source: str = Field(max_length=255)
    region: str = Field(max_length=64)
    from_us: int = Field(ge=0, le=2**53)


class DoneOut(Schema):
    done: bool


@router.get("/figures", response={200: list[FigureOut], **REFUSALS})
def definitions(request: HttpRequest) -> list[dict[str, Any]]:
    """Every figure that the caller may see, with its definition."""
    must_have(request, READ)
    mine = scenarios(rights_of(request))
    return [_figure(one) for one in installed().values() if one.scenario in mine]


@router.get("/figures/{figure_id}", response={200: ValueOut, **REFUSALS})
def value(
    request: HttpRequest, figure_id: str, period: Period = None, area: Area = None
) -> dict[str, Any]:
    """A figure's value in a period and area."""
    must_have(request, READ)
    said = asked(request)
    one = figure_or_404(said, figure_id)
    found = said.book.value(one, said.period, said.area.path)
    target = said.book.target(one, said.period, found.told)
    return {
        "figure": _figure(one),
        "period": said.period.text,
        "area_id": said.area.id,
        **_value(found),
        "year": _growth(said.book.growth(one, said.period, said.area.path, "year")),
        "before": _growth(said.book.growth(one, said.period, said.area.path, "before")),
        "target": target.amount if target else None,
        "is_met": target.is_met if target else None,
    }


@router.get("/figures/{figure_id}/counted", response={200: IdsOut, **REFUSALS})
def counted(
    request: HttpRequest,
    figure_id: str,
    period: Period = None,
    area: Area = None,
    part: Literal["part", "whole"] = "part",
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> dict[str, Any]:
    """The rows behind a value, by the same conditions; at most 200 at a time."""
    must_have(request, READ)
    said = asked(request)
    one = figure_or_404(said, figure_id)
    ask = drill.Ask(one, said.book.window(one, said.period), said.area.path, part == "whole")
    ids = drill.rows(said.book.reader, ask, MOST, skip)
    is_cases = drill.is_cases(one)
    if is_cases:
        seen = set(cases_for(said.mine).filter(id__in=ids).values_list("id", flat=True))
        ids = [one_id for one_id in ids if one_id in seen]
    total = drill.count(said.book.reader, ask)
    return {"total": total, "kind": "cases" if is_cases else "rows", "ids": ids}


@router.get("/figure-exports/{scenario}", response={200: None, **REFUSALS})
def export(
    request: HttpRequest, scenario: str, period: Period = None, area: Area = None, form: str = "csv"
) -> HttpResponse:
    """A scenario's figures as a file with their definitions."""
    must_have(request, READ)
    said = asked(request)
    if scenario not in scenarios(said.mine) or not said.mine.may(
        scenario, "export", said.area.path
    ):
        raise Http404
    return file_of(request, said, (scenario, form), "api")


@router.post("/figure-locks", response={200: LockOut, **REFUSALS})
def lock(request: HttpRequest, body: LockIn, idempotency: Key) -> dict[str, Any]:
    """Publish a period that is over, or correct it with a reason."""
    must_have(request, "act")

    def do() -> dict[str, Any]:
        said = (body.scenario, body.period, body.reason)
        return {"n": acts.lock(clock(), actor_of(request, "api"), rights_of(request), said)}

    return once(request, idempotency, do)


@router.post("/figure-targets", response={200: DoneOut, **REFUSALS})
def target(request: HttpRequest, body: TargetIn, idempotency: Key) -> dict[str, Any]:
    """Set the county's own target of a figure."""
    must_have(request, "act")

    def do() -> dict[str, Any]:
        by = actor_of(request, "api")
        said = entries.TargetSet(by=by, **body.dict())
        acts.set_target(clock(), rights_of(request), said)
        return {"done": True}

    return once(request, idempotency, do)


def _figure(one: Installed) -> dict[str, Any]:
    figure = one.figure
    return {
        "id": one.id,
        "title": figure.title,
        "unit": figure.unit,
        "definition": figure.definition,
        "version": figure.version,
        "source": figure.source,
        "effective_from": figure.effective_from,
        "period_kind": figure.period,
        "areas": figure.areas,
        "direction": figure.direction,
        "note": NOT_OFFICIAL,
    }


def _value(found: Value) -> dict[str, Any]:
    return {
        **found.told._asdict(),
        "is_open": found.is_open,
        "lock": found.lock,
        "live": found.live.amount if found.live else None,
    }


def _growth(growth: Growth) -> dict[str, Any]:
    return {
        "amount": growth.amount,
        "unit": growth.unit,
        "why": growth.why,
        "is_cut": growth.is_cut,
    }
