"""Readings of subjects are kept so long and then overwritten: proposed, or the county's figure.

A subject under a hold keeps its readings. Once a day is enough: a day is the unit of every period.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bihuan.base.time import CHINA, Clock, datetime_of, us_of
from bihuan.journal.expire import Expiry, ReadingsExpired, expire
from bihuan.journal.series import SeriesAt, series_of_subjects
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.models import Subject
from bihuan.register.records.models import Hold
from bihuan.register.retention.rules import kept_readings


def expire_due(clock: Clock) -> list[ReadingsExpired]:
    """Overwrite the readings whose time is over, kind by kind; what was said of it."""
    found = [expire(due, clock) for due in _due(clock.now_us())]
    return [one for one in found if one is not None]


def _due(now_us: int) -> Iterator[Expiry]:
    for scheme in schemes.installed().values():
        for declared in scheme.subjects:
            rule = kept_readings(scheme.scenario, declared, now_us)
            if rule.keep_days is None:
                continue
            series = _series(scheme.scenario, declared.name)
            if series:
                yield Expiry(rule.kind, rule.keep_days, _before(now_us, rule.keep_days), series)


def _before(now_us: int, days: int) -> int:
    """Midnight of the county's day so many days ago: what was recorded earlier is over."""
    today = datetime_of(now_us).astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return us_of(today - timedelta(days=days))


def _series(scenario: str, kind: str) -> tuple[SeriesAt, ...]:
    held = Hold.objects.using(MAIN).filter(until_us=None).values("row_id")
    subjects = Subject.objects.using(MAIN).filter(scenario=scenario, kind=kind)
    ids = subjects.exclude(id__in=held).order_by("id").values_list("id", flat=True)
    return tuple(series_of_subjects(ids))
