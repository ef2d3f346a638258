"""Who a sealed whistle-blower is: asked by one, agreed by another, then read by these two.

Both hold the verb `unseal` for the case's scenario and place, and neither has the case in hand:
from who handles it the identity is kept, whatever rights they have. Every reading is an entry of
the views lane, written before anything is shown.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from bihuan.base.errors import bad
from bihuan.base.ids import row_id
from bihuan.base.time import HOUR_US, Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, VIEWS_LANE
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.acting import ForbiddenError, TakenError
from bihuan.loop.cases.models import Matter
from bihuan.loop.models import Case
from bihuan.loop.playbook import MOST_TEXT
from bihuan.loop.units.models import Assignment
from bihuan.loop.unsealing import entries
from bihuan.loop.unsealing.models import Unsealing
from bihuan.register.entries import Actor
from bihuan.register.holders import today_id
from bihuan.register.models import Area, Person
from bihuan.register.rights import for_user

UNSEAL: Final = "unseal"
WAITS_US: Final = 72 * HOUR_US  # what nobody decides for so long is over
READABLE_US: Final = 24 * HOUR_US  # and what was agreed is not open for good


class Origin(NamedTuple):
    """Who reported: texts as registered; None = not known, or erased."""

    person_id: int
    name: str | None
    phone: str | None
    contact: str | None


class Unsealings:
    """The acts. Each raises ForbiddenError for who may not, BadInputError for what is wrong."""

    def __init__(self, clock: Clock, keys: KeyRing) -> None:
        self._clock, self._keys = clock, keys

    def ask(self, case_id: int, reason: str, by: Actor, key: str = "") -> int:
        """Ask to read who reported; the id. A key makes a repeated send do nothing twice."""
        idem = f"unseal:{case_id}:{by.person_id}:{key}".encode() if key else None
        with Appender(FACTS_LANE, self._clock) as lane:
            case = _case_for(lane.rows, case_id, by, lane.now_us)
            earlier = lane.last_with(idem) if idem else None
            if earlier is not None:
                return row_id(earlier.position)
            if not 0 < len(reason.strip()) <= MOST_TEXT:
                raise bad("reason", f"{len(reason)} characters", f"1 to {MOST_TEXT}")
            for row in lane.rows.where(Unsealing, case_id=case_id):
                if row.state == "asked" and lane.now_us < row.until_us:
                    raise TakenError(row.asked_by, row.asked_us, "asked")
            said = entries.UnsealingAsked(
                case_id=case_id,
                by=by,
                reason=self._keys.seal(case.sealed_for, reason),
                until_us=lane.now_us + WAITS_US,
            )
            return lane.append(said, idem=idem).id()

    def decide(self, unsealing_id: int, by: Actor, *, is_agreed: bool) -> None:
        """Agree or refuse, as the second person; said twice by the same it is done once.

        Raises TakenError where another has decided.
        """
        with Appender(FACTS_LANE, self._clock) as lane:
            row = _row(lane.rows, unsealing_id)
            _case_for(lane.rows, row.case_id, by, lane.now_us)
            if today_id(lane.rows, row.asked_by) == _today(lane.rows, by):
                raise ForbiddenError  # nobody agrees with himself
            wanted = "granted" if is_agreed else "refused"
            if row.decided_by is not None:
                is_same = today_id(lane.rows, row.decided_by) == _today(lane.rows, by)
                if row.state == wanted and is_same:
                    return
                raise TakenError(row.decided_by, row.decided_us, row.state)
            if lane.now_us >= row.until_us:
                raise bad("unsealing", unsealing_id, "one that still waits: ask anew")
            lane.append(
                entries.UnsealingDecided(
                    case_id=row.case_id,
                    unsealing_id=unsealing_id,
                    by=by,
                    until_us=lane.now_us + READABLE_US if is_agreed else None,
                )
            )

    def read(self, unsealing_id: int, by: Actor, purpose: str) -> Origin:
        """Who reported, for the two alone; the views lane has it before it is returned."""
        rows = Rows(MAIN)
        row = _row(rows, unsealing_id)
        with Appender(VIEWS_LANE, self._clock) as views:
            case = _case_for(rows, row.case_id, by, views.now_us)
            reader, first = _today(rows, by), today_id(rows, row.asked_by)
            second = today_id(rows, row.decided_by) if row.decided_by is not None else None
            if row.state != "granted" or reader not in (first, second) or second is None:
                raise ForbiddenError
            if views.now_us >= row.until_us:
                raise bad("unsealing", unsealing_id, "one that may still be read: ask anew")
            views.append(
                entries.OriginUnsealed(
                    case_id=case.id,
                    unsealing_id=unsealing_id,
                    by=reader,
                    second=second if reader == first else first,
                    reason=bytes(row.reason),
                    purpose=purpose,
                )
            )
        return self._origin(rows, case)

    def _origin(self, rows: Rows, case: Case) -> Origin:
        assert case.origin_id is not None
        person_id, opened = today_id(rows, case.origin_id), self._keys.open
        person = rows.get(Person, person_id)
        matter = Matter.objects.using(MAIN).filter(case_id=case.id).first()
        return Origin(
            person_id,
            opened(person.name) if person is not None else None,
            opened(person.phone) if person is not None else None,
            opened(matter.contact) if matter is not None else None,
        )


def may_unseal(case: Case, person_id: int, now_us: int) -> bool:
    """Whether the person may ask or agree here: the verb, and the case not in their hands."""
    if not case.is_sealed or case.origin_id is None:
        return False
    rows = Rows(MAIN)
    area = rows.get(Area, case.area_id)
    if area is None or not for_user(person_id, now_us).may(case.scenario, "unseal", area.path):
        return False
    return today_id(rows, person_id) not in _handlers(rows, case)


def _handlers(rows: Rows, case: Case) -> set[int]:
    """Who has the case in hand, or signed for a part of it; and who reported it."""
    given = rows.where(Assignment, case_id=case.id)
    named = [case.owner_id, case.origin_id]
    for one in given:
        if one.state != "withdrawn":
            named += [one.person_id, one.received_by]
    return {today_id(rows, person) for person in named if person is not None}


def _case_for(rows: Rows, case_id: int, by: Actor, now_us: int) -> Case:
    case = rows.get(Case, case_id)
    if case is None or by.person_id is None or not may_unseal(case, by.person_id, now_us):
        raise ForbiddenError
    return case


def _row(rows: Rows, unsealing_id: int) -> Unsealing:
    row = rows.get(Unsealing, unsealing_id)
    if row is None:
        raise ForbiddenError
    return row


def _today(rows: Rows, by: Actor) -> int:
    assert by.person_id is not None  # _case_for asked
    return today_id(rows, by.person_id)
