"""What every page of this process shares: a clock and the keys."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from bihuan.base.time import Clock, GuardedClock, SystemClock
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Head


@cache
def clock() -> Clock:
    """The machine's clock, not trusted where it jumps or lies behind the journal."""
    newest = Head.objects.order_by("-recorded_us").values_list("recorded_us", flat=True).first()
    return GuardedClock(SystemClock(), newest or 0)


@cache
def keys() -> KeyRing:
    """This installation's keys."""
    return KeyRing(settings.BIHUAN_DATA / "keys.db")
