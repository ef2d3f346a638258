"""What the settings page shows of this installation: no secret, no name of anybody served."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, NamedTuple

from django.conf import settings

from bihuan.base.calendar import HOLIDAY_NAMES
from bihuan.base.errors import BadInputError
from bihuan.console.limits.facts import years as known_years
from bihuan.console.shown import is_english
from bihuan.journal.storage import MAIN
from bihuan.loop.delivery.accounts import Accounts
from bihuan.loop.pathtest.models import PathPlan, PathRun
from bihuan.loop.pathtest.schedule import next_us
from bihuan.loop.playbook import playbook_of
from bihuan.loop.providers import PROVIDERS

HEADS = "heads.jsonl"
BACKUP = "backup.json"
NEWEST_RUNS = 12


class ShownAccount(NamedTuple):
    """A channel account; trouble: why it cannot send, empty where it can."""

    name: str
    provider: str
    channel: str
    rank: int
    lines: int
    wakes: bool
    trouble: str


class ShownYear(NamedTuple):
    """A year of the calendar: whether its notice is in, and its days that are not as the week."""

    year: int
    source: str
    days: list[tuple[date, bool, str]]


def accounts() -> list[ShownAccount]:
    """Every active account of a channel."""
    found = Accounts()
    found.refresh()
    try:
        return [
            ShownAccount(
                name=one.name,
                provider=provider_name(one.setup.provider),
                channel=one.setup.channel,
                rank=one.setup.rank,
                lines=one.setup.lines,
                wakes=one.setup.wakes,
                trouble=one.trouble,
            )
            for one in found.all()
        ]
    finally:
        found.close()


def provider_name(name: str) -> str:
    """A provider's name in the reader's language."""
    known = PROVIDERS.get(name)
    if known is None:
        return name
    return known.en if is_english() else known.zh


def years(now_us: int) -> list[ShownYear]:
    """This year and the next: announced days, or that nothing is announced yet."""
    return [
        ShownYear(
            one.year, one.source, [(on, work, _holiday(name)) for on, work, name, _ in one.days]
        )
        for one in known_years(now_us, 2)
    ]


def _holiday(name: str) -> str:
    return HOLIDAY_NAMES.get(name, name) if is_english() else name


def heads() -> dict[str, Any]:
    """When the heads of the journal were signed last, and to how many other places they go."""
    path = settings.BIHUAN_DATA / HEADS
    last = None
    if path.exists():
        lines = path.read_bytes().splitlines()
        last = json.loads(lines[-1])["at"] if lines else None
    return {"at": last, "copies": len(getattr(settings, "BIHUAN_HEADS_TO", ()))}


def backup() -> dict[str, Any] | None:
    """The last backup made here: when, and with the keys or without; None = none known."""
    path = settings.BIHUAN_DATA / BACKUP
    if not path.exists():
        return None
    said: dict[str, Any] = json.loads(path.read_text())
    return said


def path_test(now_us: int) -> dict[str, Any]:
    """Plan, next time and newest runs of the monthly test."""
    plan = PathPlan.objects.using(MAIN).first()
    next_at = next_us(now_us, plan.working_day, plan.minute) if plan and plan.is_on else None
    runs = list(PathRun.objects.using(MAIN).order_by("-id")[:NEWEST_RUNS])
    return {"plan": plan, "next_us": next_at, "runs": [shown_run(run) for run in runs]}


def shown_run(run: PathRun) -> dict[str, Any]:
    """A run with the times it took, ms from what was stored, and whom a press would have called."""
    steps = json.loads(run.planned)
    titles = _titles(run.playbook)
    return {
        "id": run.id,
        "cause": run.cause,
        "state": run.state,
        "begun_us": run.begun_us,
        "stage": run.stage,
        "detail": run.detail,
        "opened_ms": _ms(run.stored_us, run.opened_us),
        "called_ms": _ms(run.stored_us, run.called_us),
        "delivered_ms": _ms(run.stored_us, run.delivered_us),
        "steps": [
            {
                "title": titles[n] if n < len(titles) else step["title"],
                "people": len(step["people"]),
                "channels": sorted({name for who in step["people"] for name in who["channels"]}),
                "skipped": step["skipped"],
            }
            for n, step in enumerate(steps)
        ],
    }


def _titles(key: str | None) -> list[str]:
    """The ladder's names in the reader's language; none where the playbook is gone."""
    if key is None:
        return []
    try:
        return [step.title[is_english()] for step in playbook_of(key).ladder]
    except BadInputError:
        return []


def _ms(from_us: int | None, until_us: int | None) -> int | None:
    return None if from_us is None or until_us is None else (until_us - from_us) // 1000
