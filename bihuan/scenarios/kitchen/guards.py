"""What devices say against letting a batch go, or serving it: asked before the act is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bihuan.base.time import rfc3339
from bihuan.loop.shows import Book, Guard, Row
from bihuan.scenarios.kitchen import arrivals, matched, times
from bihuan.scenarios.kitchen.batches import STEPS
from bihuan.scenarios.kitchen.limits import limit

Fault = tuple[str, str, str]


def of_batch(book: Book, row_id: int, act: str) -> Sequence[Fault]:
    """Against its release; by two people only what devices say of the cooking."""
    batch = book.row(row_id)
    return () if batch is None else _against(book, batch, is_judged=act == "release_deviating")


def of_delivery(book: Book, row_id: int, _act: str) -> Sequence[Fault]:
    """Against serving it."""
    delivery = book.row(row_id)
    batch_id = None if delivery is None else times.moment(delivery.get("batch"))
    batch = None if batch_id is None else book.row(batch_id)
    if batch is None:
        return ()
    here = book.rows("receipt", where={"delivery": row_id})
    return _against(book, batch, is_judged=False, also=arrivals.as_checks(here))


def _against(book: Book, batch: Row, *, is_judged: bool, also: Sequence[Row] = ()) -> list[Fault]:
    """also: what was measured on arrival, as entries of a step; no device matches them."""
    checks = book.rows("check", where={"batch": batch["id"]})
    found = matched.matched(book, batch, checks, dict(STEPS))
    against = matched.objections(batch, found)
    cooked = [one for one in against if one.step == "cook"]
    by_us = matched.eat_by(batch, [*checks, *also], found)
    if cooked and by_us is None:
        got = f"{cooked[0].core_c:g} Cel by the probe itself"
        return [("core", got, f"at least {limit('cook_core', cooked[0].at_us):g} Cel")]
    if is_judged or not against or (by_us is not None and book.now_us < by_us):
        return []
    first = min(against, key=lambda one: one.at_us)
    got = f"{first.core_c:g} Cel by a device at {rfc3339(first.at_us)}"
    return [("eat_by", got, "food within its time by entries and devices")]


GUARDS: Final = (
    Guard(row="batch", acts=("release", "resume", "release_deviating"), check=of_batch),
    Guard(row="delivery", acts=("serve",), check=of_delivery),
)
