"""Records that an act files besides itself, in its own transaction: all of them, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bihuan.base.errors import bad
from bihuan.register import schemes
from bihuan.register.entries import Actor
from bihuan.register.models import Area, Subject
from bihuan.register.records.doing import Doing
from bihuan.register.records.facts import facts_of
from bihuan.register.records.opening import Filing, filed
from bihuan.register.records.rows import Row, subject_of
from bihuan.register.refusals import BrokenError
from bihuan.register.scheme import Facts, Opens, Value

MOST_OPENED = 2_000


def file_opened(
    doing: Doing,
    row: Row,
    opens: Callable[[Facts], Sequence[Opens]],
    actor: Actor,
    given: Mapping[str, Value] | None = None,
) -> list[int]:
    """File what the act opens; the new rows' ids. given: what the act was told and seals not.

    Raises BrokenError where the scenario asks for what it does not declare, BadInputError where
    a value is refused: then nothing of the act is kept.
    """
    subject_id = row.id if isinstance(row, Subject) else subject_of(row)
    subject = doing.rows.get(Subject, subject_id) if subject_id is not None else None
    wanted = opens(facts_of(doing.rows, row, doing.now_us, given))
    if len(wanted) > MOST_OPENED:
        raise bad("opens", len(wanted), f"at most {MOST_OPENED} records of one act")
    return [_filed(doing, one, row, subject, actor) for one in wanted]


def _filed(doing: Doing, one: Opens, row: Row, subject: Subject | None, actor: Actor) -> int:
    declared = schemes.record_type(row.scenario, one.kind)
    if declared is None or (declared.subject is None) != (subject is None):
        raise BrokenError(f"opens {one.kind}: got no such type, want a record type of the subject")
    if subject is not None and declared.subject != subject.kind:
        raise BrokenError(f"opens {one.kind}: got a {subject.kind}, want {declared.subject}")
    area_id = one.area_id if one.area_id is not None else row.area_id
    if doing.rows.get(Area, area_id) is None:
        raise bad("area_id", area_id, "a registered area")
    said = doing.values(row.scenario, declared.fields, one.values, is_whole=True)
    filing = Filing(row.scenario, declared, subject, area_id, said, actor)
    return filed(doing.lane, doing.keys, filing)
