"""The words on the screen for the names in the journal; Chinese is the source."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

STATES = {
    "awaiting_answer": _("待应答"),
    "in_progress": _("处置中"),
    "awaiting_confirmation": _("待回访"),
    "closed": _("已办结"),
}
OUTCOMES = {
    "confirmed": _("已办结"),
    "no_reply": _("未回复办结"),
    "false_alarm": _("误报"),
    "decided": _("上级决定办结"),
}
FACTS = {
    "queued": _("待呼叫"),
    "attempted": _("正在呼叫"),
    "accepted": _("通道已受理"),
    "delivered": _("已送达"),
    "answered": _("已接通"),
    "heard": _("已听完"),
    "confirmed": _("已确认"),
    "no_answer": _("无人接"),
    "declined": _("拒接"),
    "off": _("关机"),
    "failed": _("未送出"),
    "unknown": _("结果不明"),
    "withdrawn": _("已撤回"),
}
RANG_OUT = _("响过，没有接")
RINGING = _("已送达，响铃中")
GOOD_FACTS = {"answered", "heard", "confirmed"}
BAD_FACTS = {"no_answer", "declined", "off", "failed", "unknown"}
SEVERITIES = {"critical": _("紧急"), "major": _("重要"), "minor": _("一般")}
HAPPENINGS = {
    "opened": _("收到来件，开始计时"),
    "found": _("发现异常，开始计时"),
    "finding_opened": _("异常"),
    "finding_revised": _("迟到的读数改变了异常"),
    "finding_cleared": _("读数恢复到限值以内，事件仍需办结"),
    "finding_withdrawn": _("迟到的读数撤销了异常，事件仍需办结"),
    "pressed_again": _("再次呼救，重新计时、重新呼叫"),
    "joined": _("重复来件，并入本事件"),
    "called": _("开始呼叫"),
    "called_again": _("再次呼叫"),
    "ladder_out": _("各级都没有应答，继续呼叫最后一级"),
    "clock_missed": _("超过时限"),
    "lapsed": _("接手后没有进展，重新呼叫"),
    "taken": _("我来处置"),
    "progressed": _("有进展"),
    "reported": _("提交办理结果"),
    "asked_again": _("再次询问家属"),
    "solved": _("家属：解决了"),
    "not_solved": _("家属：没解决，重新办理"),
    "closed": _("办结"),
}
CLOCKS = {
    "answer": _("应答时限"),
    "progress": _("处置时限"),
    "confirmation": _("回访时限"),
}
STEPS = {
    "waiting": _("等待"),
    "called": _("呼叫中"),
    "missed": _("未应答"),
    "answered": _("已应答"),
    "skipped": _("跳过"),
    "stopped": _("停止"),
}
SKIPPED = {
    "nobody": _("无人值班，已跳过"),
    "unreachable": _("没有可用的联系方式，已跳过"),
}
ACTS = {
    "take": _("我来处置"),
    "progress": _("报告进展"),
    "report": _("提交办理结果"),
    "solved": _("解决了"),
    "not_solved": _("没解决"),
    "false_alarm": _("误报关闭"),
    "sign_no_reply": _("签字：未回复办结"),
    "decide": _("上级决定办结"),
}
FALSE_ALARM_REASONS = (_("误触"), _("测试"), _("设备故障"))
CHANNELS = {"screen": _("屏幕电话")}
MODES = {"demo": _("演示"), "drill": _("演练"), "live": _("正式")}
FIELDS = {
    "text": _("请写几句：看到什么、做了什么"),
    "proof": _("请拍照，或写明情况"),
    "photo": _("请选用照片文件（JPEG、PNG、WebP，10 MB 以内）"),
    "times_asked": _("回访期限还没有到，暂不能签字"),
    "refusals": _("反映人两次说没解决后，才由上级决定"),
}
CLOCK_STATES = {
    "running": _("计时中"),
    "met": _("按时"),
    "missed": _("超时"),
    "stopped": _("已停止"),
}
RELATIONS = {
    "daughter": _("女儿"),
    "son": _("儿子"),
    "grandson": _("孙子"),
    "granddaughter": _("孙女"),
    "spouse": _("老伴"),
    "neighbour": _("邻居"),
}
LATE = _("迟到的来件，按设备时间发生在前")
