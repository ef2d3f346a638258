"""上线自检 / Readiness check: what must hold before a county goes live, each item by itself."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.db import connections

from bihuan.base.time import GuardedClock, datetime_of
from bihuan.journal import county as counties
from bihuan.journal.models import Parked
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop import ladder
from bihuan.loop.scenario import installed
from bihuan.register.models import Area, Reach, Subject

State = Literal["ok", "warn", "fail"]
LEAST_FREE_BYTES = 2_000_000_000
LEAST_WAKING = 2
# Channels that wake a sleeping person. An on-screen phone does not: its page must be open.
WAKING = ("voice", "sms", "board")


@dataclass(frozen=True, slots=True)
class Finding:
    """One item of the check. detail says what was seen, for fail also what is wanted."""

    check: str
    state: State
    detail: str


def examine(clock: GuardedClock, waking: set[str]) -> Iterator[Finding]:
    """Every item, in the order in which a person would mend them.

    waking  names of channels that are set up here and can wake somebody
    """
    checks: list[Callable[[], Finding]] = [
        _disk,
        lambda: _clock(clock),
        *(_database(alias) for alias in settings.DATABASES),
        _county,
        _parked,
        lambda: _rosters(clock.now_us()),
        lambda: _waking(waking),
        _fonts,
        _certificate,
    ]
    for check in checks:
        yield check()


def _disk() -> Finding:
    free = shutil.disk_usage(settings.BIHUAN_DATA).free
    detail = f"{free / 1e9:.1f} GB free"
    if free < LEAST_FREE_BYTES:
        return Finding("disk", "fail", f"{detail}, want {LEAST_FREE_BYTES / 1e9:.0f} GB")
    return Finding("disk", "ok", detail)


def _clock(clock: GuardedClock) -> Finding:
    held = settings.BIHUAN_DATA / "run" / "time-held"
    if clock.is_held or held.exists():
        want = "a wall clock that somebody confirms: `bihuan time confirm`"
        return Finding("clock", "fail", f"drift {clock.drift_us() / 1e6:.1f} s, want {want}")
    return Finding("clock", "ok", datetime_of(clock.now_us()).isoformat(timespec="seconds"))


def _database(alias: str) -> Callable[[], Finding]:
    def check() -> Finding:
        connection = connections[alias]
        if connection.vendor == "postgresql":
            wanted = {"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on"}
            query = "SHOW {}"
        else:
            wanted = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}
            query = "PRAGMA {}"
        seen = {}
        with connection.cursor() as cursor:
            for name in wanted:
                cursor.execute(query.format(name))
                seen[name] = str(cursor.fetchone()[0]).lower()
        wrong = [f"{k}: got {seen[k]}, want {v}" for k, v in wanted.items() if seen[k] != v]
        name = f"database {alias}"
        if wrong:
            return Finding(name, "fail", "; ".join(wrong))
        return Finding(name, "ok", ", ".join(f"{k} {v}" for k, v in seen.items()))

    return check


def _county() -> Finding:
    if not counties.exists():
        return Finding("county", "fail", "got none, want `bihuan county create` or `bihuan demo`")
    return Finding("county", "ok", counties.opened().county)


def _parked() -> Finding:
    count = Parked.objects.using(MAIN).count()
    if count:
        return Finding("projectors", "fail", f"{count} entries are parked, want none")
    return Finding("projectors", "ok", "nothing is parked")


def _rosters(now_us: int) -> Finding:
    """Every subject must have somebody on every ladder who can be reached now."""
    rows, gaps = Rows(MAIN), []
    for subject in Subject.objects.using(MAIN).order_by("id"):
        scenario = installed().get(subject.scenario)
        area = rows.get(Area, subject.area_id)
        if scenario is None or area is None:
            gaps.append(f"subject {subject.id}: scenario {subject.scenario} is not installed")
            continue
        for playbook in scenario.playbooks:
            steps = ladder.plan(rows, playbook, subject, area.path, now_us)
            empty = [step.title for step in steps if step.skipped]
            if empty:
                gaps.append(f"{area.name}: nobody on {', '.join(empty)}")
    if gaps:
        more = f" and {len(gaps) - 5} more" if len(gaps) > 5 else ""
        return Finding("rosters", "fail", "; ".join(sorted(set(gaps))[:5]) + more)
    return Finding("rosters", "ok", "every ladder has somebody who can be reached")


def _waking(waking: set[str]) -> Finding:
    used = set(Reach.objects.using(MAIN).values_list("channel", flat=True).distinct())
    found = sorted(waking & (used | {"board"}) & set(WAKING))
    detail = f"{len(found)} waking channels ({', '.join(found) or 'none'})"
    if len(found) < LEAST_WAKING:
        return Finding(
            "waking channels", "fail", f"{detail}, want {LEAST_WAKING} before going live"
        )
    return Finding("waking channels", "ok", detail)


def _fonts() -> Finding:
    program = shutil.which("fc-list")
    if program is None:
        return Finding(
            "fonts", "warn", "fc-list is absent: whether PDFs can show Chinese is unknown"
        )
    listed = subprocess.run([program, ":lang=zh"], capture_output=True, check=False)  # noqa: S603 - a program found on the path, no outside words
    count = len(listed.stdout.splitlines())
    if not count:
        return Finding("fonts", "warn", "no Chinese font for PDFs; pages use the reader's own")
    return Finding("fonts", "ok", f"{count} faces with Chinese")


def _certificate() -> Finding:
    path: Path = settings.BIHUAN_DATA / "tls" / "site.crt"
    if not path.exists():
        return Finding("certificate", "warn", "none: photos and push on phones need HTTPS")
    try:
        ssl.create_default_context().load_verify_locations(path)
    except (ssl.SSLError, OSError) as error:
        return Finding("certificate", "fail", f"{path.name}: {error}")
    return Finding("certificate", "ok", path.name)
