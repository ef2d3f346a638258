"""Which figures a dashboard shows to whom: duty, leader, statistics.

Roles are each scenario's own, so what a person may do decides: who may review or act for the
whole county sees the leader's, who may export the statistician's, the others that of duty.
"""

from __future__ import annotations

from typing import Final

from bihuan.figures.acts import root_path
from bihuan.figures.declared import Words
from bihuan.figures.installed import Installed, installed
from bihuan.register.rights import Rights

VIEWS: Final[dict[str, Words]] = {
    "leader": ("领导", "Leader"),
    "duty": ("值守", "Duty"),
    "statistics": ("统计", "Statistics"),
}
_LEADER: Final = (
    "_in_time", "_handled", "_confirmed", "_content", "_no_reply", "_backlog", "_count",
)  # fmt: skip
_DUTY: Final = (
    "_count", "_backlog", "_longest_wait", "_answered_in_time", "_accepted_in_time",
    "_response_median", "_response_p90", "_false_alarms",
)  # fmt: skip


def view_of(mine: Rights) -> str:
    """The dashboard that a person sees first."""
    named = {one.scenario for one in installed().values()}
    path = root_path()
    if any(mine.paths(name, "review") or mine.may(name, "act", path) for name in named):
        return "leader"
    return "statistics" if any(mine.paths(name, "export") for name in named) else "duty"


def chosen(view: str, one: Installed) -> bool:
    """Whether a dashboard shows a figure; declared ones are shown to leaders too."""
    name = one.figure.name
    if view == "statistics":
        return True
    if view == "duty":
        return name.endswith(_DUTY)
    is_built_in = ":" in one.figure.title[1] and "：" in one.figure.title[0]
    return name.endswith(_LEADER) or not is_built_in
