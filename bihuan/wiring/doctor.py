"""上线自检 / Readiness check: what must hold before a county goes live, each item by itself."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.db import connections

from bihuan.base.time import CHINA, Clock, GuardedClock, datetime_of
from bihuan.console import home
from bihuan.console.board import somebody_listens
from bihuan.console.setup.readiness import Item
from bihuan.journal import county as counties
from bihuan.journal.models import Parked
from bihuan.journal.storage import MAIN
from bihuan.loop.delivery.accounts import Account, Accounts, waking_channels
from bihuan.loop.pathtest.models import PathPlan, PathRun
from bihuan.register.models import Reach
from bihuan.wiring import lags
from bihuan.wiring.gaps import roster_gaps

State = Literal["ok", "warn", "fail"]
LEAST_FREE_BYTES = 2_000_000_000
LEAST_WAKING = 2
# Channels that wake a sleeping person. An on-screen phone does not: its page must be open.
WAKING = ("voice", "sms", "ding", "board")


@dataclass(frozen=True, slots=True)
class Finding:
    """One item of the check. detail says what was seen, for fail also what is wanted.

    zh  the same in Chinese for the page; empty where the detail is names and settings
    """

    check: str
    state: State
    detail: str
    zh: str = ""


def examine(clock: Clock, waking: set[str], accounts: Sequence[Account] = ()) -> Iterator[Finding]:
    """Every item, in the order in which a person would mend them.

    waking    names of channels that are set up here and can wake somebody
    accounts  channel accounts that are set up here
    """
    checks: list[Callable[[], Finding]] = [
        _disk,
        lambda: _clock(clock),
        *(_database(alias) for alias in settings.DATABASES),
        _county,
        _parked,
        lambda: _rules(clock.now_us()),
        lambda: _rosters(clock.now_us()),
        lambda: _accounts(accounts),
        lambda: _waking(waking),
        _path,
        _fonts,
        _certificate,
    ]
    for check in checks:
        yield check()


def examine_here() -> list[Item]:
    """The same as a page shows it: channels and boards of this installation."""
    clock, accounts = home.clock(), Accounts()
    waking = waking_channels(accounts)
    if somebody_listens(clock.now_us()):
        waking.add("board")
    try:
        found = list(examine(clock, waking, accounts.all()))
    finally:
        accounts.close()
    return [Item(one.check, one.state, one.detail, one.zh) for one in found]


def _disk() -> Finding:
    free = shutil.disk_usage(settings.BIHUAN_DATA).free
    detail, zh = f"{free / 1e9:.1f} GB free", f"还有 {free / 1e9:.1f} GB"
    if free < LEAST_FREE_BYTES:
        want = f"{LEAST_FREE_BYTES / 1e9:.0f} GB"
        return Finding("disk", "fail", f"{detail}, want {want}", f"{zh}，至少要 {want}")
    return Finding("disk", "ok", detail, zh)


def _clock(clock: Clock) -> Finding:
    held = settings.BIHUAN_DATA / "run" / "time-held"
    is_held = isinstance(clock, GuardedClock) and clock.is_held
    if is_held or held.exists():
        drift_s = clock.drift_us() / 1e6 if isinstance(clock, GuardedClock) else 0.0
        want = "a wall clock that somebody confirms: `bihuan time confirm`"
        zh = f"相差 {drift_s:.1f} 秒，要有人确认时间"
        return Finding("clock", "fail", f"drift {drift_s:.1f} s, want {want}", zh)
    now = datetime_of(clock.now_us())
    zh = f"{now.astimezone(CHINA):%Y-%m-%d %H:%M:%S}（北京时间）"
    return Finding("clock", "ok", now.isoformat(timespec="seconds"), zh)


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
        want = "`bihuan county create` or `bihuan demo`"
        return Finding("county", "fail", f"got none, want {want}", "还没有")
    return Finding("county", "ok", counties.opened().county)


def _parked() -> Finding:
    count = Parked.objects.using(MAIN).count()
    if count:
        zh = f"{count} 条记录暂停处理"
        return Finding("projectors", "fail", f"{count} entries are parked, want none", zh)
    return Finding("projectors", "ok", "nothing is parked", "没有暂停处理的记录")


def _rules(now_us: int) -> Finding:
    """Lanes in which readings wait to be judged; before the first start all of them do."""
    lanes = lags.rule_lanes(now_us)
    late = [
        f"{one.name}: {one.waiting}, since {one.oldest_s:.0f} s" for one in lanes if one.is_stalled
    ]
    if late:
        zh = f"{len(late)} 条通道有积压"
        return Finding("rules", "warn", f"entries wait: {'; '.join(late[:5])}", zh)
    zh = f"{len(lanes)} 条通道随到随判"
    return Finding("rules", "ok", f"{len(lanes)} lanes are judged as they come", zh)


def _rosters(now_us: int) -> Finding:
    """Every subject must have somebody on every ladder who can be reached now."""
    gaps = roster_gaps(now_us)
    if gaps:
        more = f" and {len(gaps) - 5} more" if len(gaps) > 5 else ""
        said = [gap.replace(": nobody on ", "：没有人在岗的是 ") for gap in gaps[:5]]
        zh = "；".join(said) + (f"；另有 {len(gaps) - 5} 处" if more else "")
        return Finding("rosters", "fail", "; ".join(gaps[:5]) + more, zh)
    zh = "每一级都有能联系上的人"
    return Finding("rosters", "ok", "every ladder has somebody who can be reached", zh)


def _accounts(accounts: Sequence[Account]) -> Finding:
    """An account that was set up and cannot send is found out here, not in the night."""
    wrong = [f"{account.name}: {account.trouble}" for account in accounts if account.trouble]
    if wrong:
        return Finding("channel accounts", "fail", "; ".join(wrong))
    names = ", ".join(f"{a.name} ({a.setup.channel})" for a in accounts)
    return Finding("channel accounts", "ok", names or "none is set up", names or "还没有设置")


def _waking(waking: set[str]) -> Finding:
    used = set(Reach.objects.using(MAIN).values_list("channel", flat=True).distinct())
    found = sorted(waking & (used | {"board"}) & set(WAKING))
    detail = f"{len(found)} waking channels ({', '.join(found) or 'none'})"
    zh = f"现有 {len(found)} 种（{', '.join(found) or '无'}）"
    if len(found) < LEAST_WAKING:
        want = f"want {LEAST_WAKING} before going live"
        zh += f"，转正式前要有 {LEAST_WAKING} 种"
        return Finding("waking channels", "fail", f"{detail}, {want}", zh)
    return Finding("waking channels", "ok", detail, zh)


def _path() -> Finding:
    """The monthly test press: planned, and its last run came through."""
    plan = PathPlan.objects.using(MAIN).first()
    last = PathRun.objects.using(MAIN).exclude(state="begun").order_by("-id").first()
    if last is None:
        want = "a test press once, and a plan for every month"
        return Finding("path test", "warn", f"the path was never tested, want {want}", "从未做过")
    when = datetime_of(last.begun_us).isoformat(timespec="seconds")
    day = f"{datetime_of(last.begun_us).astimezone(CHINA):%Y-%m-%d %H:%M}"
    if last.state == "failed":
        said = f"{when} {last.stage}: {last.detail}, want a good one"
        return Finding("path test", "fail", said, f"{day} 没有走通（{last.stage}：{last.detail}）")
    took_ms = ((last.delivered_us or 0) - (last.stored_us or 0)) // 1000
    said, zh = f"{when} came through in {took_ms} ms", f"{day} 走通，用时 {took_ms} 毫秒"
    if plan is None or not plan.is_on:
        said, zh = f"{said}; no monthly test is planned", f"{zh}；没有排每月一次"
        return Finding("path test", "warn", said, zh)
    return Finding("path test", "ok", said, zh)


def _fonts() -> Finding:
    program = shutil.which("fc-list")
    if program is None:
        said = "fc-list is absent: whether PDFs can show Chinese is unknown"
        return Finding("fonts", "warn", said, "没有 fc-list，不知道 PDF 能否显示中文")
    listed = subprocess.run([program, ":lang=zh"], capture_output=True, check=False)  # noqa: S603 - a program found on the path, no outside words
    count = len(listed.stdout.splitlines())
    if not count:
        said = "no Chinese font for PDFs; pages use the reader's own"
        return Finding("fonts", "warn", said, "没有中文字体，PDF 显示不了中文；网页不受影响")
    return Finding("fonts", "ok", f"{count} faces with Chinese", f"{count} 种中文字体")


def _certificate() -> Finding:
    path: Path = settings.BIHUAN_DATA / "tls" / "site.crt"
    if not path.exists():
        said = "none: photos and push on phones need HTTPS"
        return Finding("certificate", "warn", said, "没有：手机上拍照和浏览器通知要用 HTTPS")
    try:
        ssl.create_default_context().load_verify_locations(path)
    except (ssl.SSLError, OSError) as error:
        return Finding("certificate", "fail", f"{path.name}: {error}")
    return Finding("certificate", "ok", path.name)
