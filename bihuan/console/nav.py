"""The one table of where one can go: each page of the console adds a line, seen by who may open it.

    Entry(name, (zh, en), url name, icon, verb, tab)

`verb` is what the reader must have: anybody signed in, a post, rows of some scenario, the demo.
`tab` is the place in the phone's bottom bar (1-5), 0 = not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse

from bihuan.console.figures.asked import scenarios as seen_scenarios
from bihuan.console.register.ledgers import may_look
from bihuan.console.register.reach import Reach
from bihuan.console.register.wording import word
from bihuan.console.tuning.known import declared
from bihuan.console.visit import person_of, rights_of
from bihuan.figures.published.rights import FIGURES
from bihuan.loop.callout.rights import CALL_OUT
from bihuan.register import schemes
from bihuan.register.models import County
from bihuan.register.rights import Rights
from bihuan.register.scheme import Words

Verb = Literal[
    "anybody", "post", "rows", "areas", "calls", "rules", "figures", "published", "press", "demo"
]
KEPT_S: Final = 60  # for so long a new post may not show in the bar; the pages themselves ask anew


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. at: url names besides its own for which it is the current one."""

    name: str
    title: Words
    url: str
    icon: str
    verb: Verb = "anybody"
    tab: int = 0
    at: tuple[str, ...] = ()


NAV: Final = (
    Entry("board", ("值守台", "Board"), "board", "siren", "anybody", 1),
    Entry("tasks", ("待办", "Tasks"), "tasks", "clipboard-check", "anybody", 2, ("inbox",)),
    Entry("cases", ("事件", "Cases"), "cases", "layout-list", "anybody", 3, ("case",)),
    Entry(
        "call_outs", ("叫应", "Call-outs"), "call_outs", "phone-outgoing", "calls", 0, ("call_out",)
    ),
    Entry("ledgers", ("台账", "Ledgers"), "ledgers", "file-text", "rows", 4, ("rows", "row")),
    Entry(
        "figures",
        ("指标", "Figures"),
        "figures",
        "chart-column",
        "figures",
        0,
        ("figure", "figure_rows"),
    ),
    Entry("rosters", ("值班表", "Rosters"), "rosters", "calendar", "post", 0, ("roster",)),
    Entry("map", ("地图", "Map"), "map", "map-pin", "post", 0, ("wall",)),
    Entry("search", ("查找", "Search"), "search", "search", "anybody"),
    Entry(
        "rules", ("规则", "Rules"), "rules", "pen-line", "rules", 0, ("rule", "try_rule", "trial")
    ),
    Entry("more", ("更多", "More"), "more", "menu", "anybody", 5),
    Entry("demo", ("演示", "Demo"), "demo", "rotate-ccw", "demo"),
)
MORE: Final = (  # on the page 更多 only
    Entry("bulletins", ("简报", "Bulletins"), "bulletins", "file-text", "published"),
    Entry(
        "published", ("外部已发布数据", "Published series"), "published", "layout-list", "published"
    ),
    Entry("press", ("报刊数据核录", "Press figures"), "press", "pen-line", "press"),
    Entry("devices", ("设备", "Devices"), "devices", "watch", "post"),
    Entry("areas", ("区域", "Areas"), "areas", "map-pin", "areas"),
    Entry("parties", ("主体", "Parties"), "parties", "users", "post"),
    Entry("organisations", ("组织岗位", "Organisations"), "organisations", "building", "post"),
    Entry("me", ("账号与安全", "Account and security"), "me", "lock"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as it is drawn."""

    name: str
    title: str
    href: str
    icon: str
    tab: int
    is_current: bool


def items(request: HttpRequest) -> list[Item]:
    """The entries that this person may open, in the order of the table."""
    if not request.user.is_authenticated:
        return []
    verbs = _verbs(request)
    match = request.resolver_match
    at = (match.url_name or "") if match is not None else ""
    return [_item(e, at) for e in NAV if e.verb in verbs]


def more_items(request: HttpRequest) -> list[Item]:
    """What the page 更多 lists of the register and of oneself."""
    verbs = _verbs(request)
    return [_item(e, "") for e in MORE if e.verb in verbs]


def _item(e: Entry, at: str) -> Item:
    return Item(e.name, word(e.title), reverse(e.url), e.icon, e.tab, at in (e.url, *e.at))


def _verbs(request: HttpRequest) -> set[str]:
    key = f"nav:{person_of(request)}"
    known: set[str] | None = cache.get(key)
    if known is not None:
        return known
    reach, found = Reach(request), {"anybody"}
    if reach.is_official:
        found.add("post")
    if reach.is_official or reach.keeps_areas:
        found.add("areas")
    if any(may_look(reach, scenario) for scenario in schemes.installed()):
        found.add("rows")
    found |= _seen(rights_of(request))
    if County.objects.filter(mode="demo").exists():
        found.add("demo")
    cache.set(key, found, KEPT_S)
    return found


def _seen(mine: Rights) -> set[str]:
    """What a scenario's right to see leads to."""
    found = {
        "calls": bool(mine.paths(CALL_OUT, "see")),
        "figures": bool(seen_scenarios(mine)),
        "press": bool(mine.paths(FIGURES, "edit")),
        "published": bool(mine.paths(FIGURES, "see")),
        "rules": any(mine.paths(name, "see") for name, rules in declared().items() if rules),
    }
    return {verb for verb, is_seen in found.items() if is_seen}
