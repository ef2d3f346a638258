"""The playbook of the test: one step, one person who is nobody, one channel that comes back.

It is no scenario: nobody has a right to see its cases, and no figure of a scenario counts them.
"""

from __future__ import annotations

from typing import Final

from bihuan.loop import playbook as playbooks
from bihuan.loop.playbook import Act, LadderStep, Limit, Playbook

SCENARIO: Final = "path_test"
ROLE: Final = "path_probe"
CHANNEL: Final = "loopback"


def _limit(seconds: int) -> Limit:
    own = "平台自己的测试，没有人在等 / the platform's own test; nobody waits for it"
    return Limit(
        seconds=seconds, source=own, effective_from="2026-01-01", region="各县通用 / every county"
    )


PATH = Playbook(
    scenario=SCENARIO,
    kind="path",
    version=1,
    title=("通路自检", "Test of the path"),
    severity="critical",
    signals=("sos",),
    ladder=(LadderStep(title=("回环通道", "Loopback"), roles=(ROLE,), wait=_limit(86_400)),),
    acts=(Act("false_alarm", ("awaiting_answer",), "closed", (ROLE,)),),
    answer=_limit(86_400),
    progress=_limit(86_400),
    confirmation=_limit(86_400),
    repeat=_limit(86_400),
    tries=1,
    refusals=1,
    late_after=_limit(300),
)
playbooks.register(PATH)
