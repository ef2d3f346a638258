"""Setting a limit or the working days for who may, whichever way it was said: page or API."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404, HttpRequest

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import Clock
from bihuan.console.limits import given
from bihuan.console.limits.who import tuner_or_404
from bihuan.loop.clocks.entries import DaySaid
from bihuan.loop.clocks.settings import Figure, set_days, set_limit
from bihuan.loop.playbook import Playbook, newest


def book_or_404(name: str) -> Playbook:
    """The newest version of a playbook by its name, `scenario.kind`."""
    scenario, _dot, kind = name.partition(".")
    try:
        return newest(scenario, kind)
    except BadInputError:
        raise Http404 from None


def limit(request: HttpRequest, name: str, said: dict[str, str], clock: Clock) -> int:
    """Set the county's figure for a clock; the position. Raises BadInputError with every fault.

    said  clock, amount, unit, source, effective_from, region (the id of the county)
    """
    book = book_or_404(name)
    by, area = tuner_or_404(request, book.scenario)
    faults: list[Fault] = []

    def read(what: Any, *texts: Any) -> Any:
        try:
            return what(*texts)
        except BadInputError as error:
            faults.extend(error.faults)
            return None

    amount = read(given.amount_of, said.get("amount", ""), said.get("unit", ""))
    from_us = read(given.from_of, said.get("effective_from", ""), clock.now_us())
    source = read(given.source_of, said.get("source", ""))
    if said.get("region", "") != str(area.id):
        faults.append(Fault("region", said.get("region") or "nothing", f"the county: {area.id}"))
    if faults:
        raise BadInputError(*faults)
    figure = Figure(
        scenario=book.scenario,
        kind=book.kind,
        clock=said.get("clock", "")[:16],
        amount=amount[0],
        unit=cast("Any", amount[1]),
        source=source,
        region=area.name[:64],
        from_us=from_us,
    )
    return set_limit(figure, by, clock)


def days(
    request: HttpRequest, said: list[DaySaid], year: int | None, source: str, clock: Clock
) -> int:
    """Add a notice to the working days; the position. Raises BadInputError."""
    by, _area = tuner_or_404(request)
    return set_days(said, given.source_of(source), year, by, clock)
