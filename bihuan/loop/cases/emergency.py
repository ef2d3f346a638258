"""The verbs of an emergency: take, progress, report, the origin's word, and how it ends."""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.base.time import rfc3339
from bihuan.loop import entries, ladder
from bihuan.loop.acting import Asking, Doing, Verb, can
from bihuan.loop.cases.ending import close
from bihuan.loop.models import CaseClock


def proofs(doing: Doing) -> list[entries.ProofGiven]:
    """What was shown: photos, else words alone."""
    found = [
        entries.ProofGiven(
            kind="photo",
            digest=photo.digest,
            media_type=photo.media_type,
            taken_us=photo.taken_us,
            place=doing.seal(photo.place) if photo.place else None,
        )
        for photo in doing.command.proof
    ]
    return found or [
        entries.ProofGiven(kind="words", digest=None, media_type=None, taken_us=None, place=None)
    ]


def _take(doing: Doing) -> None:
    clock = doing.clock("progress")
    doing.say(entries.CaseTaken(case_id=doing.case.id, by=doing.by, clock=clock))


def _progress(doing: Doing) -> None:
    doing.say(
        entries.CaseProgressed(
            case_id=doing.case.id, by=doing.by, text=doing.text(), clock=doing.clock("progress")
        )
    )


def _report(doing: Doing) -> None:
    command = doing.command
    doing.say(
        entries.CaseReported(
            case_id=doing.case.id,
            by=doing.by,
            text=doing.seal(command.text),
            answer=doing.seal(command.answer.strip() or command.text),
            proof=proofs(doing),
            asked=ladder.origin(doing.rows, doing.case),
            clock=doing.clock("confirmation"),
        )
    )


def _origin(doing: Doing, *, is_solved: bool) -> None:
    # until a superior decides, too: a case without a clock would fall silent
    again = doing.clocks(doing.declared.starts or ("progress",))
    doing.say(
        entries.OriginAnswered(
            case_id=doing.case.id,
            by=doing.by,
            is_solved=is_solved,
            text=doing.text(),
            clock=None if is_solved else again[0],
        )
    )
    if is_solved:
        close(doing, "confirmed", "")


def _solved(doing: Doing) -> None:
    _origin(doing, is_solved=True)


def _not_solved(doing: Doing) -> None:
    _origin(doing, is_solved=False)


def _false_alarm(doing: Doing) -> None:
    close(doing, "false_alarm", doing.command.text)


def _is_asked_often_enough(asking: Asking) -> bool:
    return asking.case.times_asked >= asking.playbook.tries and not any(
        clock.kind == "confirmation" and clock.state == "running"
        for clock in asking.rows.where(CaseClock, case_id=asking.case.id)
    )


def _sign_no_reply(doing: Doing) -> None:
    if doing.case.times_asked < doing.playbook.tries:
        got = f"asked {doing.case.times_asked} times"
        raise bad("times_asked", got, f"at least {doing.playbook.tries} before 未回复办结")
    for clock in doing.rows.where(CaseClock, case_id=doing.case.id):
        if clock.kind == "confirmation" and clock.state == "running":
            got = f"the last try runs until {rfc3339(clock.due_us)}"
            raise bad("times_asked", got, "its time over before 未回复办结")
    close(doing, "no_reply", doing.command.text)


def _decide(doing: Doing) -> None:
    if doing.case.refusals < doing.playbook.refusals:
        got = f"{doing.case.refusals} refusals"
        raise bad("refusals", got, f"at least {doing.playbook.refusals} before a superior decides")
    close(doing, "decided", doing.command.text)


def _is_refused_often_enough(asking: Asking) -> bool:
    return asking.case.refusals >= asking.playbook.refusals


can("take", Verb(_take))
can("progress", Verb(_progress))
can("report", Verb(_report, needs_text=True))
can("solved", Verb(_solved))
can("not_solved", Verb(_not_solved))
can("false_alarm", Verb(_false_alarm, needs_text=True))
can("sign_no_reply", Verb(_sign_no_reply, needs_text=True, is_offered=_is_asked_often_enough))
can("decide", Verb(_decide, needs_text=True, is_offered=_is_refused_often_enough))
