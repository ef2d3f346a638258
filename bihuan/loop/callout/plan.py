"""The redial plan: how often and how long after each other, then the superior, then the door."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bihuan.base.errors import BadInputError, Fault
from bihuan.journal.payloads import Payload

MOST_TRIES, LONGEST_WAIT_S = 10, 24 * 3600
_SINCE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# channels that make no sound at night: tried once, beside the first call
QUIET: Final = (
    "sms", "in_app", "mail", "push", "webhook", "board",
    "dingtalk", "wecom", "feishu", "wechat", "zhezhengding",
)  # fmt: skip


class Redial(Payload, frozen=True, kw_only=True):
    """How one person is pursued. Whose figures these are, since when and where they hold.

    waits_s          after each call, how long until the next one; as many calls as waits
    superior_wait_s  how long the superior has before somebody is sent to the door
    knock_s          how long the door-knock may take before it counts as overdue
    command          roles from below to above: whose superior is who, and who knocks
    is_confirmed     whether the county has adopted the figures; False flags them for the owner
    """

    waits_s: list[int]
    superior_wait_s: int
    knock_s: int
    command: list[str]
    source: str
    effective_from: str
    region: str
    is_confirmed: bool = False

    @property
    def tries(self) -> int:
        return len(self.waits_s)


DEFAULT: Final = Redial(
    waits_s=[100, 100, 100],
    superior_wait_s=300,
    knock_s=1800,
    command=["village_duty", "town_duty", "county_command"],
    source="勉县：5分钟内三次呼叫，不应答则上报并上门；等待时间为本平台缺省",
    effective_from="2024-01-01",
    region="未由本县确认",
)


def check(plan: Redial) -> None:
    """Raises BadInputError with every bad field."""
    faults = list(_faults(plan))
    if faults:
        raise BadInputError(*faults)


def _faults(plan: Redial) -> Iterator[Fault]:
    if not 1 <= plan.tries <= MOST_TRIES:
        yield Fault("waits_s", f"{plan.tries} waits", f"1 to {MOST_TRIES}")
    times = {"superior_wait_s": plan.superior_wait_s, "knock_s": plan.knock_s}
    for name, wait_s in [*(("waits_s", wait) for wait in plan.waits_s), *times.items()]:
        if not 10 <= wait_s <= LONGEST_WAIT_S:
            yield Fault(name, str(wait_s), f"10 to {LONGEST_WAIT_S} seconds")
    if not plan.command:
        yield Fault("command", "nothing", "roles from below to above")
    for name, text in {"source": plan.source, "region": plan.region}.items():
        if not text.strip():
            yield Fault(name, "nothing", "where the figures come from and hold")
    if not _SINCE.fullmatch(plan.effective_from):
        yield Fault("effective_from", plan.effective_from[:40], "a day such as 2026-01-01")


def loud(channels: list[str]) -> list[str]:
    """Those channels that ring; all of them where none does."""
    return [one for one in channels if one not in QUIET] or channels


def quiet(channels: list[str]) -> list[str]:
    """Those channels that wake nobody."""
    return [one for one in channels if one in QUIET]
