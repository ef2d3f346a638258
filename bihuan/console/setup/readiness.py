"""上线自检 on a page: the items of `bihuan doctor`, in words, with what to do about each.

The items are examined by wiring, which knows every part; it hands its examiner over at start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.console.shown import is_english

Words = str | Promise


class Item(NamedTuple):
    """One item: its name for machines, ok | warn | fail, what was seen."""

    check: str
    state: str
    detail: str
    zh: str = ""

    @property
    def said(self) -> str:
        """What was seen, in the reader's language where it has words."""
        return self.detail if is_english() or not self.zh else self.zh


class ShownItem(NamedTuple):
    """The same in words. todo: what to do, empty where it is ready."""

    item: Item
    title: Words
    word: Words
    todo: Words


TITLES: dict[str, Words] = {
    "disk": _("磁盘空间"),
    "clock": _("服务器时钟"),
    "database": _("数据库"),
    "county": _("地区"),
    "projectors": _("记录处理"),
    "rules": _("规则判断"),
    "rosters": _("值班与联系方式"),
    "channel accounts": _("通道账号"),
    "waking channels": _("能叫醒人的通道"),
    "path test": _("通路自检"),
    "fonts": _("中文字体"),
    "certificate": _("网站证书"),
}
MENDS: dict[str, Words] = {
    "disk": _("腾出空间，至少留 2 GB。"),
    "clock": _("核对这台服务器的时间，再运行 bihuan time confirm。"),
    "database": _("按手册改正数据库设置。"),
    "county": _("先填写地区名称。"),
    "projectors": _("有记录暂停处理，请联系维护人员；记录都在。"),
    "rules": _("规则判断有积压，过一会再看；一直不消，请联系维护人员。"),
    "rosters": _("给空缺的地方排上能接到电话的人。"),
    "channel accounts": _("在“系统设置”里改正有问题的账号。"),
    "waking channels": _("至少要有两种能叫醒人的通道，例如电话和短信。"),
    "path test": _("在“系统设置”里做一次通路自检，并排定每月一次。"),
    "fonts": _("安装中文字体，打印和 PDF 才显示中文。"),
    "certificate": _("运行 bihuan tls init，再把证书装到手机上。"),
}
STATES: dict[str, Words] = {"ok": _("就绪"), "warn": _("建议处理"), "fail": _("未就绪")}

_examine: Callable[[], Iterable[Item]] | None = None


def use(examine: Callable[[], Iterable[Item]]) -> None:
    """What examines: called once, by wiring."""
    global _examine  # noqa: PLW0603 - one examiner a process, given at its start
    _examine = examine


def items() -> list[Item]:
    """Every item, in the order in which a person would mend them."""
    return list(_examine()) if _examine is not None else []


def shown(found: Iterable[Item]) -> list[ShownItem]:
    """The items in the reader's words."""
    return [
        ShownItem(
            item=item,
            title=TITLES.get(_kind(item.check), item.check),
            word=STATES[item.state],
            todo="" if item.state == "ok" else MENDS.get(_kind(item.check), ""),
        )
        for item in found
    ]


def unready(found: Iterable[Item]) -> list[str]:
    """Names of what refuses going live."""
    return [item.check for item in found if item.state == "fail"]


def _kind(check: str) -> str:
    return "database" if check.startswith("database") else check
