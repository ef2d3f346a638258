"""The states, outcomes, clocks and levels that exist, and what each is called in zh and en."""

from __future__ import annotations

from typing import Final

Words = tuple[str, str]

STATE_WORDS: Final[dict[str, Words]] = {
    "new": ("待受理", "New"),
    "accepted": ("已受理", "Accepted"),
    "awaiting_receipt": ("待签收", "Awaiting receipt"),
    "received": ("已签收", "Received"),
    "awaiting_answer": ("待应答", "Awaiting answer"),
    "in_progress": ("处置中", "In progress"),
    "awaiting_check": ("待核查", "Awaiting check"),
    "awaiting_confirmation": ("待回访", "Awaiting confirmation"),
    "closed": ("已办结", "Closed"),
}
OUTCOME_WORDS: Final[dict[str, Words]] = {
    "confirmed": ("已办结", "Closed, confirmed"),
    "no_reply": ("未回复办结", "Closed, no reply"),
    "false_alarm": ("误报", "False alarm"),
    "decided": ("上级决定办结", "Closed by a superior"),
    "declined": ("不予受理", "Declined"),
    "not_applicable": ("无需回访办结", "Closed, nobody to ask"),
    "merged": ("已并入", "Merged"),
    "void": ("作废", "Void"),
}
CLOCK_WORDS: Final[dict[str, Words]] = {
    "answer": ("应答时限", "To answer"),
    "progress": ("处置时限", "To show progress"),
    "confirmation": ("回访时限", "To confirm"),
    "accept": ("受理时限", "To accept"),
    "receive": ("签收时限", "To receive"),
    "act": ("办理时限", "To act"),
    "report": ("反馈时限", "To report"),
    "check": ("核查时限", "To check"),
    "verify": ("复核时限", "To sign"),
    "milestone": ("节点时限", "Milestone"),
    "statement": ("情况说明时限", "To state one's view"),
}
LEVEL_WORDS: Final[dict[int, Words]] = {
    1: ("催办", "Remind"),
    2: ("督办", "Supervise"),
    3: ("挂牌督办", "Listed supervision"),
}
ACT_WORDS: Final[dict[str, Words]] = {
    "take": ("我来处置", "I'll handle it"),
    "progress": ("报告进展", "Report progress"),
    "report": ("提交办理结果", "Report the result"),
    "solved": ("解决了", "Solved"),
    "not_solved": ("没解决", "Not solved"),
    "false_alarm": ("误报关闭", "Close as false alarm"),
    "sign_no_reply": ("签字：未回复办结", "Sign: no reply"),
    "decide": ("上级决定办结", "Close by decision"),
    "accept": ("受理", "Accept"),
    "decline": ("不予受理", "Decline"),
    "void": ("作废", "Void"),
    "assign": ("交办", "Assign"),
    "transfer": ("转办", "Transfer"),
    "receive": ("签收", "Receive"),
    "return": ("退回", "Return"),
    "begin": ("开始办理", "Begin"),
    "submit": ("提交核查", "Submit for check"),
    "pass": ("核查通过", "Pass"),
    "send_back": ("退回整改", "Send back"),
    "close": ("办结", "Close"),
    "reopen": ("重新办理", "Reopen"),
    "hand_over": ("移交", "Hand over"),
    "take_over": ("接手", "Take over"),
    "keep": ("不接手", "Do not take over"),
    "assist": ("请求协办", "Ask for assistance"),
    "summon": ("吹哨", "Summon units"),
    "report_in": ("报到", "Report in"),
    "assist_report": ("协办反馈", "Assisting report"),
    "ask_extension": ("申请延期", "Request extension"),
    "grant_extension": ("同意延期", "Grant extension"),
    "refuse_extension": ("不同意延期", "Refuse extension"),
    "ask_suspension": ("申请暂停计时", "Request suspension"),
    "grant_suspension": ("同意暂停计时", "Grant suspension"),
    "refuse_suspension": ("不同意暂停计时", "Refuse suspension"),
    "resume": ("恢复计时", "Resume the clock"),
    "supervise": ("督办", "Supervise"),
    "lift": ("解除督办", "Lift supervision"),
    "note": ("备注", "Note"),
    "step": ("办理步骤", "Step taken"),
    "partner_said": ("对方平台反馈", "The other platform says"),
    "partner_changed": ("对方平台更新工单", "The other platform changed its order"),
    "sent_out": ("转对方平台", "Sent to another platform"),
    "attach": ("上传材料", "Attach a document"),
    "merge": ("并入", "Merge"),
    "link_child": ("列为子事件", "Make it a part"),
    "ask_statement": ("请作情况说明", "Ask for a statement"),
    "file_statement": ("情况说明", "My statement"),
    "open_inquiry": ("启动责任倒查", "Open an inquiry"),
    "close_inquiry": ("结束责任倒查", "Close the inquiry"),
    "promise": ("承诺办理", "Promise"),
    "verdict": ("评价答复", "Judge the reply"),
}
FIELD_WORDS: Final[dict[str, Words]] = {
    "text": ("请写几句：看到什么、做了什么", "In a few words: what was found and done"),
    "answer": ("给反映人的答复，用大白话", "The answer to the origin, in plain words"),
    "reason": ("理由", "Reason"),
    "remedy": ("救济途径：可以找谁", "What can be done about it, and where"),
    "target": ("交给谁", "To whom"),
    "units": ("哪些单位", "Which units"),
    "days": ("延长几天", "How many days more"),
    "until": ("暂停到哪天", "Suspended until"),
    "level": ("督办级别", "Level of supervision"),
    "clock": ("哪个时限", "Which clock"),
    "case": ("哪个事件", "Which case"),
    "person": ("谁", "Who"),
    "read_back": ("已复述给反映人听", "Read back to the origin"),
    "promised": ("承诺哪天办成", "Promised by"),
    "verdict": ("对答复的评价", "Verdict on the reply"),
}

STATES: Final = tuple(STATE_WORDS)
OUTCOMES: Final = tuple(OUTCOME_WORDS)
CLOCKS: Final = tuple(CLOCK_WORDS)
LEVELS: Final = tuple(LEVEL_WORDS)
# nobody has it in hand in these: whoever may act there acts
WITHOUT_OWNER: Final = ("new", "accepted", "awaiting_receipt", "awaiting_answer", "closed")
