"""The verbs of supervision: raised by hand with a reason, told to the handler and above, lifted."""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.loop import ladder
from bihuan.loop.acting import Asking, Doing, Verb, can
from bihuan.loop.playbook import Field
from bihuan.loop.supervision import entries


def superiors_of(doing: Doing) -> tuple[str, ...]:
    """The roles that may supervise are those that stand above the handler."""
    return doing.playbook.roles_of("supervise")


def _supervise(doing: Doing) -> None:
    level = doing.given["level"]
    if level <= doing.case.level:
        raise bad("level", level, f"above {doing.case.level}, which it has")
    owner = doing.case.owner_id
    holder = [owner] if owner is not None else []
    where = (doing.case.subject_id, doing.case.area_path, doing.lane.now_us)
    told = ladder.reachable(doing.rows, "owner", holder)
    told += ladder.nearest(
        doing.rows, superiors_of(doing), where, [*holder, doing.by.person_id or 0]
    )
    doing.say(
        entries.SupervisionRaised(
            case_id=doing.case.id, level=level, by=doing.by, reason=doing.text(), told=told
        )
    )


def _lift(doing: Doing) -> None:
    if doing.case.level == 0:
        raise bad("level", 0, "a case that is supervised")
    doing.say(
        entries.SupervisionLifted(
            case_id=doing.case.id, by=doing.by, reason=doing.seal(doing.command.text)
        )
    )


def _can_rise(asking: Asking) -> bool:
    return asking.case.level < 3


def _is_supervised(asking: Asking) -> bool:
    return asking.case.level > 0


can(
    "supervise",
    Verb(_supervise, fields=(Field("level", "level"),), needs_text=True, is_offered=_can_rise),
)
can("lift", Verb(_lift, needs_text=True, is_offered=_is_supervised))
