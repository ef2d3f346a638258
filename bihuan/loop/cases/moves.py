"""The verbs of a matter that takes days: each moves the case as the playbook's table says."""

from __future__ import annotations

from typing import Any

from bihuan.base.errors import bad
from bihuan.base.time import SECOND_US
from bihuan.loop import ladder
from bihuan.loop.acting import Asking, Doing, Verb, can
from bihuan.loop.cases import entries
from bihuan.loop.cases.emergency import proofs
from bihuan.loop.cases.ending import answer_merged, close, parts_of
from bihuan.loop.playbook import Field
from bihuan.loop.units.rows import open_assignments


def move(doing: Doing, **more: Any) -> None:
    """Move the case, or leave it where it is with a line on its timeline, as its table says."""
    to = doing.declared.to
    more.setdefault("detail", doing.picked())  # what was picked stands on the timeline
    clocks = doing.clocks(doing.declared.starts)
    if to == "awaiting_confirmation":
        _must_be_whole(doing)
        more["asked"] = ladder.origin(doing.rows, doing.case)
        confirmation = doing.clock("confirmation")
        clocks += [confirmation] if confirmation is not None else []
    # an answer is personal to the origin: the case's own words never stand in for it
    doing.say(
        entries.CaseMoved(
            case_id=doing.case.id,
            by=doing.by,
            act=doing.declared.name,
            to=to,
            text=doing.told(),
            meets=list(doing.declared.meets),
            clocks=clocks,
            **more,
        )
    )
    if to == "awaiting_confirmation":
        answer = doing.command.answer.strip() or doing.keys.open(doing.case.answer)
        if answer:
            answer_merged(doing, answer)


def _must_be_whole(doing: Doing) -> None:
    """The lead reports for all: parts are closed, and assisting units have said their part."""
    open_parts = [part for part in parts_of(doing.rows, doing.case.id) if part.state != "closed"]
    if open_parts:
        raise bad("case", f"{len(open_parts)} open parts", "every part closed before the whole")


def _accept(doing: Doing) -> None:
    move(doing)


def _begin(doing: Doing) -> None:
    move(doing, owner_id=doing.by.person_id, owner_role=doing.by.role)


def _submit(doing: Doing) -> None:
    answer = doing.command.answer.strip()
    if not answer and _asks_origin(doing):
        raise bad("answer", "nothing", "an answer to the origin, in plain words")
    for made in open_assignments(doing.rows, doing.case.id, "assist"):
        raise bad("units", f"assignment {made.id} without its report", "every assisting report")
    move(doing, proof=proofs(doing), answer=doing.seal(answer) if answer else None)


def _asks_origin(doing: Doing) -> bool:
    return any(act.verb == "solved" for act in doing.playbook.acts)


def _send_back(doing: Doing) -> None:
    move(doing)


def _decline(doing: Doing) -> None:
    if picked := doing.picked():  # which test it did not pass stands on the timeline
        name = doing.declared.name
        doing.say(
            entries.CaseMoved(case_id=doing.case.id, by=doing.by, act=name, to="", detail=picked)
        )
    close(doing, "declined", doing.command.text, doing.given["remedy"])


def _void(doing: Doing) -> None:
    close(doing, "void", doing.command.text)


def _close(doing: Doing) -> None:
    """Without asking: only where nobody can be asked, or the playbook never asks."""
    if _asks_origin(doing) and ladder.origin(doing.rows, doing.case):
        raise bad("origin", "somebody who can be asked", "nobody: else the origin has its say")
    close(doing, "not_applicable", doing.command.text)


def _has_nobody_to_ask(asking: Asking) -> bool:
    asks = any(act.verb == "solved" for act in asking.playbook.acts)
    return not asks or not ladder.origin(asking.rows, asking.case)


def _reopen(doing: Doing) -> None:
    closed_us, period_us = doing.case.closed_us, doing.playbook.reopen_s * SECOND_US
    assert closed_us is not None
    if doing.lane.now_us - closed_us > period_us:
        want = f"at most {doing.playbook.reopen_s // 86_400} days"
        raise bad("closed", f"{(doing.lane.now_us - closed_us) // 86_400_000_000} days ago", want)
    if doing.case.outcome == "merged":
        raise bad("case", f"merged into {doing.case.merged_into}", "that case, to be reopened")
    if doing.declared.to not in ("new", "accepted") and doing.case.owner_id is None:
        raise bad("case", "a case that nobody ever held", "one that goes back to a handler")
    doing.say(
        entries.CaseReopened(
            case_id=doing.case.id,
            by=doing.by,
            to=doing.declared.to,
            text=doing.text(),
            clocks=doing.clocks(doing.declared.starts),
        )
    )


def _may_reopen(asking: Asking) -> bool:
    closed_us = asking.case.closed_us
    assert closed_us is not None
    is_fresh = asking.now_us - closed_us <= asking.playbook.reopen_s * SECOND_US
    # what nobody ever held can only go back to where it is looked at
    is_somebodys = asking.case.owner_id is not None or asking.declared.to in ("new", "accepted")
    return is_fresh and asking.case.outcome != "merged" and is_somebodys


def _note(doing: Doing) -> None:
    move(doing)


can("accept", Verb(_accept))
can("begin", Verb(_begin))
can("submit", Verb(_submit, needs_text=True))
can("pass", Verb(_accept))
can("step", Verb(_accept))
can("send_back", Verb(_send_back, needs_text=True))
can("decline", Verb(_decline, fields=(Field("remedy", "text"),), needs_text=True))
can("void", Verb(_void, needs_text=True))
can("close", Verb(_close, needs_text=True, is_offered=_has_nobody_to_ask))
can("reopen", Verb(_reopen, needs_text=True, is_offered=_may_reopen))
can("note", Verb(_note, needs_text=True))
