"""How often somebody without an account may report or look a number up, counted in the database."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from bihuan.base.time import DAY_US, HOUR_US
from bihuan.console.home import clock
from bihuan.console.reporting.models import OpenVisit


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many in a window of time, µs."""

    what: str
    most: int
    window_us: int


REPORTS = Rate("report", 10, HOUR_US)  # from one address
LOOKUPS = Rate("lookup", 60, HOUR_US)  # from one address
WRONG = Rate("wrong", 10, HOUR_US)  # for one number, whoever asks


def is_over(rate: Rate, who: str) -> bool:
    """Count one visit; whether it is one too many. Bounded: rows older than a day are removed."""
    now_us = clock().now_us()
    window_us = now_us - now_us % rate.window_us
    row, is_new = OpenVisit.objects.get_or_create(
        what=rate.what, who=_hashed(who), window_us=window_us
    )
    if is_new:
        OpenVisit.objects.filter(window_us__lt=now_us - DAY_US).delete()
    OpenVisit.objects.filter(pk=row.pk).update(count=F("count") + 1)
    return row.count + 1 > rate.most


def has_too_many(rate: Rate, who: str) -> bool:
    """Whether so many were counted already; counts nothing."""
    now_us = clock().now_us()
    window_us = now_us - now_us % rate.window_us
    found = OpenVisit.objects.filter(what=rate.what, who=_hashed(who), window_us=window_us)
    return found.filter(count__gte=rate.most).exists()


def address_of(request: HttpRequest) -> str:
    """Where a request came from, as the server in front of us says."""
    return str(request.META.get("REMOTE_ADDR", ""))


def _hashed(who: str) -> str:
    """An address is personal: what is kept cannot be read back."""
    return salted_hmac("bihuan.open-visit", who, algorithm="sha256").hexdigest()
