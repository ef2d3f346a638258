"""The verbs of a reply that is a promise: by when, and what the origin thinks of it meanwhile.

A promise is no solution: the case stays in hand, with a clock that runs out on the promised day,
until a reply follows that can be checked.
"""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.base.time import DAY_US, datetime_of
from bihuan.loop import entries as loop_entries
from bihuan.loop import ladder
from bihuan.loop.acting import Asking, Doing, Verb, can
from bihuan.loop.cases import entries
from bihuan.loop.cases.emergency import proofs
from bihuan.loop.cases.moves import move
from bihuan.loop.clocks.course import watch_at
from bihuan.loop.models import CaseClock
from bihuan.loop.playbook import Field

MILESTONE = "milestone"
MOST_AHEAD_US = 1_096 * DAY_US  # three years: beyond a term of office nobody can promise


def _promise(doing: Doing) -> None:
    until_us, now_us = doing.given["promised"], doing.lane.now_us
    if not now_us < until_us <= now_us + MOST_AHEAD_US:
        raise bad("promised", datetime_of(until_us).isoformat(), "a time ahead, within three years")
    answer = doing.command.answer.strip()
    if not answer:
        raise bad("answer", "nothing", "an answer to the origin, in plain words")
    rule = doing.playbook.clock(MILESTONE)
    assert rule is not None, "a playbook with promises has a clock for them"
    clock = loop_entries.ClockSet(
        kind=MILESTONE, due_us=until_us, watch_us=watch_at(rule, 0, now_us, until_us)
    )
    doing.say(
        entries.CaseMoved(
            case_id=doing.case.id,
            by=doing.by,
            act=doing.declared.name,
            to=doing.declared.to,
            text=doing.text(),
            meets=list(doing.declared.meets),
            clocks=[clock],
            proof=proofs(doing),
            answer=doing.seal(answer),
            answered=ladder.origin(doing.rows, doing.case),
            detail=str(until_us),
        )
    )


def _verdict(doing: Doing) -> None:
    move(doing, detail=doing.given["verdict"])


def _has_promise(asking: Asking) -> bool:
    return any(
        clock.kind == MILESTONE and not clock.is_over
        for clock in asking.rows.where(CaseClock, case_id=asking.case.id)
    )


can("promise", Verb(_promise, fields=(Field("promised", "date"),), needs_text=True))
can("verdict", Verb(_verdict, is_offered=_has_promise))
