"""The record that an act of a case files besides itself: one act, one transaction, typed once."""

from __future__ import annotations

from typing import Any

from bihuan.loop.acting import Doing
from bihuan.loop.playbook import Keeps
from bihuan.register import schemes
from bihuan.register.models import Subject
from bihuan.register.records import bound
from bihuan.register.records.doing import By
from bihuan.register.records.doing import Doing as Desk
from bihuan.register.records.opening import Filing, filed


def keep(doing: Doing) -> None:
    """File what the act keeps; nothing where it keeps none, or its subject is gone or has ended.

    A call for help is never refused for its paper: of a subject that has ended none is filed.
    Raises BadInputError where a value is refused: then nothing of the act is kept.
    """
    wanted = doing.declared.keeps
    subject_id = doing.case.subject_id
    subject = None if subject_id is None else doing.rows.get(Subject, subject_id)
    if wanted is None or subject is None or subject.ended_us is not None:
        return
    declared = schemes.record_type(doing.case.scenario, wanted.record)
    assert declared is not None, "checked when the scenario was installed"
    desk = Desk(doing.lane, doing.keys, By(doing.by.person_id, doing.by.via, doing.command.key))
    said = desk.values(subject.scenario, declared.fields, _values(doing, wanted), is_whole=True)
    filing = Filing(subject.scenario, declared, subject, subject.area_id, said, doing.by)
    row = filed(doing.lane, doing.keys, filing)
    bound.bind(desk, row, declared, doing.by)


def _values(doing: Doing, wanted: Keeps) -> dict[str, Any]:
    given = doing.given
    values = {to: given[name] for name, to in wanted.fields if given.get(name) not in (None, "")}
    if wanted.at:
        values.setdefault(wanted.at, doing.lane.now_us)
    said = doing.command.text.strip()
    if wanted.words and said:
        values[wanted.words] = said
    return values
