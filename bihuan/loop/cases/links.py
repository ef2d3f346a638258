"""The verbs that tie cases together: merged into another, or a part of another."""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.loop import entries as loop_entries
from bihuan.loop import ladder
from bihuan.loop.acting import Doing, Verb, can
from bihuan.loop.cases import entries
from bihuan.loop.cases.ending import parts_of
from bihuan.loop.cases.models import CaseLink
from bihuan.loop.models import Case
from bihuan.loop.playbook import Field
from bihuan.loop.standing import role_for

CASE = (Field("case", "case"),)
DEEPEST = 8


def _other(doing: Doing) -> Case:
    """The case that is named, if the person may do the same there: nobody learns of others."""
    other_id = doing.given["case"]
    other = doing.rows.get(Case, other_id)
    person_id = doing.by.person_id
    assert person_id is not None
    roles = doing.declared.roles
    if other is None or not role_for(doing.rows, other, person_id, roles, doing.lane.now_us):
        raise bad("case", other_id, "another case that you may handle")
    if other.id == doing.case.id or other.state == "closed":
        raise bad("case", other_id, "another case that is open")
    if other.scenario != doing.case.scenario:
        raise bad("case", other_id, f"a case of {doing.case.scenario}")
    return other


def _merge(doing: Doing) -> None:
    other = _other(doing)
    if parts_of(doing.rows, doing.case.id) or doing.case.parent_id is not None:
        raise bad("case", "a case with parts, or a part", "one that stands alone")
    doing.say(
        entries.CaseLinked(case_id=doing.case.id, other_id=other.id, link="merged", by=doing.by)
    )
    doing.say(
        loop_entries.CaseClosed(
            case_id=doing.case.id,
            by=doing.by,
            outcome="merged",
            reason=doing.text(),
            told=ladder.origin(doing.rows, doing.case),
        )
    )


def _link_child(doing: Doing) -> None:
    parent = _other(doing)
    if doing.case.parent_id is not None:
        raise bad("case", f"already a part of {doing.case.parent_id}", "a case that is no part")
    above, steps = parent, 0
    while above.parent_id is not None:
        found = doing.rows.get(Case, above.parent_id)
        assert found is not None
        above, steps = found, steps + 1
        if above.id == doing.case.id or steps > DEEPEST:
            raise bad("case", parent.id, "a case that is not a part of this one")
    if any(link.other_id == parent.id for link in _links(doing, "child")):
        raise bad("case", parent.id, "a case that it is not yet a part of")
    doing.say(
        entries.CaseLinked(case_id=doing.case.id, other_id=parent.id, link="child", by=doing.by)
    )


def _links(doing: Doing, link: str) -> list[CaseLink]:
    found = doing.rows.where(CaseLink, case_id=doing.case.id)
    return [one for one in found if one.link == link]


can("merge", Verb(_merge, fields=CASE))
can("link_child", Verb(_link_child, fields=CASE))
