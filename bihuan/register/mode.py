"""演练 → 正式: the county's mode, changed by a named person, and only where everything is ready."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.register.entries import Actor, ModeSet
from bihuan.register.models import County

# with what the name of a place of county rank ends: 县, 市 (of county level) or 区
LEVEL_ENDS: Final = {"county": "县", "city": "市", "district": "区"}


def set_mode(mode: str, unready: Sequence[str], by: Actor, clock: Clock) -> bool:
    """Go live, or back to drill; whether that changed anything.

    unready  what does not hold yet: each refuses going live by its name. A demo stays a demo: its
             people are invented. Raises BadInputError with everything that stands against it.
    """
    if mode not in ("drill", "live"):
        raise bad("mode", mode, "drill or live")
    with Appender(FACTS_LANE, clock) as lane:
        county = County.objects.first()
        if county is None:
            raise bad("county", "none", "a county that has a name")
        if county.mode == mode:
            return False
        if county.mode == "demo":
            raise bad("mode", "demo", "a county of its own, made by `bihuan county create`")
        if mode == "live" and unready:
            raise BadInputError(*(Fault("ready", item, "ready") for item in unready))
        lane.append(ModeSet(mode="live" if mode == "live" else "drill", by=by))
        return True
