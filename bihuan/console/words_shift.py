"""Words of the shift's pages and of what waits for a person; Chinese is the source."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

STAGES = {"first": _("首报"), "follow_up": _("续报"), "final": _("终报")}
FIELDS = {
    "text": _("请写几句，最多 4000 字"),
    "at": _("时间要在最近七天内，不能晚于现在"),
    "about": _("没有这个编号的事件"),
    "corrects": _("这一行已经有人更正过"),
    "until": _("结束要晚于开始，最长三天"),
    "from": _("请选开始时间"),
    "handover": _("上一次交班还没有人接，请先接班"),
    "by": _("交班和接班要由两个人签"),
    "remark": _("备注最多 4000 字"),
    "stage": _("第一份是首报，以后是续报或终报"),
}
TASKS = {
    "call": _("等你应答"),
    "call_out": _("叫应，等你回应"),
    "ask": _("等你回访"),
    "case": _("你负责的事件"),
    "proposal": _("等第二人确认"),
    "swap": _("有人请你换班"),
    "handover": _("等你接班"),
    "duty": _("到期事项"),
    "routine": _("例行填报"),
}
NOTICES = {
    "stage": _("处理环节停滞"),
    "part": _("程序没有响应"),
    "ladder": _("呼叫阶梯没有人"),
    "roster": _("值班有空缺"),
    "channel": _("通道发不出去"),
    "parked": _("有记录暂停处理"),
    "clock": _("服务器时钟没有核对"),
    "path": _("每月通路自检没有通过"),
}
PARTS = {
    "due": _("到点的事"),
    "outbox_urgent": _("紧急呼叫的发送"),
    "outbox": _("消息的发送"),
    "rules_lane": _("告警规则"),
    "web": _("网页"),
    "gateway": _("网关"),
    "engine": _("办理引擎"),
    "rules": _("规则引擎"),
    "keeper": _("后台整理"),
    "worker": _("发送"),
}
# what the watchdog writes (bihuan.wiring.watchdog, doctor) -> the same for a reader
SEEN = (
    (
        re.compile(r"(?P<n>\d+) wait, the oldest (?P<s>\d+) s"),
        _("%(name)s：%(n)s 项在等，最早的等了 %(s)s 秒"),
    ),
    (re.compile(r"its port takes no connection"), _("%(name)s：端口连不上")),
    (re.compile(r"no sign of life for (?P<s>\d+) s"), _("%(name)s：%(s)s 秒没有动静")),
    (re.compile(r"(?P<n>\d+) entries are parked"), _("%(n)s 条记录暂停处理")),
    (
        re.compile(r"the wall clock jumped; nobody confirmed it"),
        _("时钟跳变，还没有人核对"),
    ),
    (re.compile(r"(?P<area>.+): nobody on (?P<steps>.+)"), _("%(area)s：%(steps)s 没有人")),
)
