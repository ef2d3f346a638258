"""A person reports something (反映): by a page, told to an official who writes it down, by API.

What is reported and the case that it opens are one transaction: who gets a number can rely on it.
The matter keeps the words as they were said; a likely duplicate is proposed, never merged alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.ids import row_id
from bihuan.base.time import DAY_US, Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.project import Recorded
from bihuan.journal.storage import MAIN
from bihuan.loop import entries as loop_entries
from bihuan.loop.acting import ForbiddenError
from bihuan.loop.cases import entries
from bihuan.loop.decide import Deciding, begin_pursuit, opening_clocks
from bihuan.loop.models import Case
from bihuan.loop.playbook import MOST_TEXT, Playbook, newest
from bihuan.loop.standing import holders_at
from bihuan.register.entries import Actor
from bihuan.register.models import Area, Person, Subject

VIAS = ("web", "spoken", "api", "phone", "paper")
ALIKE_FOR_US = 30 * DAY_US
MOST_ALIKE = 3


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody reported. key: a repeated send opens nothing twice.

    origin_id       the person who reports; None = gives no name
    subject_id      whom or what it is about; None: the place alone
    contact         how to reach the origin, in their words, beside what is registered
    taken_down_by   the official who wrote down what was said aloud (代录), with is_read_back
    is_sealed       whether who reports is kept from everybody who handles it (a whistle-blower)
    """

    scenario: str
    kind: str
    area_id: int
    text: str
    via: str
    key: str
    origin_id: int | None = None
    subject_id: int | None = None
    contact: str = ""
    taken_down_by: int | None = None
    is_read_back: bool | None = None
    is_sealed: bool = False


def report(said: Report, clock: Clock, keys: KeyRing) -> int:
    """The id of the case that it opened, durable when this returns; the same for the same key.

    Raises BadInputError with every bad field; ForbiddenError where somebody without a post there
    writes down for others.
    """
    with Appender(FACTS_LANE, clock) as lane:
        return report_in(lane, said, keys)


def report_in(lane: Appender, said: Report, keys: KeyRing) -> int:
    """`report` within a transaction that says more: a work order of another platform, a letter."""
    playbook = newest(said.scenario, said.kind)
    if not playbook.reports:
        raise bad("kind", f"{said.scenario}.{said.kind}", "a kind that people report")
    idem = f"report:{said.via}:{said.key}".encode()
    earlier = lane.last_with(idem)
    if earlier is not None:
        return row_id(earlier.position + 1)
    area, subject = _checked(lane, said)
    taker = _taker(lane, said, playbook, area)
    alike = likely_duplicates(said, playbook, lane.now_us)
    matter = lane.append(_matter(lane, said, subject, taker, keys), idem=idem)
    case_id = open_matter(lane, matter)
    for other_id in alike:
        lane.append(
            entries.CaseLinked(case_id=case_id, other_id=other_id, link="duplicate", by=None)
        )
    return case_id


def _checked(lane: Appender, said: Report) -> tuple[Area, Subject | None]:
    area = lane.rows.get(Area, said.area_id)
    subject = lane.rows.get(Subject, said.subject_id) if said.subject_id is not None else None
    is_known = said.origin_id is None or lane.rows.get(Person, said.origin_id) is not None
    is_ours = said.subject_id is None or (subject and subject.scenario == said.scenario)
    is_written_down = said.taken_down_by is not None
    wanted = (
        (area is not None, "area_id", said.area_id, "a registered area"),
        (is_ours, "subject_id", said.subject_id, f"a subject of {said.scenario}"),
        (is_known, "origin_id", said.origin_id, "a registered person"),
        (
            bool(said.text.strip()) and len(said.text) <= MOST_TEXT,
            *("text", f"{len(said.text)} characters", f"1 to {MOST_TEXT}"),
        ),
        (len(said.contact) <= 200, "contact", f"{len(said.contact)} characters", "at most 200"),
        (said.via in VIAS, "via", said.via, " or ".join(VIAS)),
        (0 < len(said.key) <= 64, "key", f"{len(said.key)} characters", "1 to 64"),
        (
            is_written_down == (said.is_read_back is not None),
            *("read_back", said.is_read_back, "yes or no, where it was written down"),
        ),
        (
            not said.is_sealed or (said.origin_id is not None and said.subject_id is None),
            *("sealed", said.is_sealed, "a person who reports, about a place"),
        ),
    )
    faults = [Fault(name, str(got), want) for is_good, name, got, want in wanted if not is_good]
    if faults:
        raise BadInputError(*faults)
    assert area is not None
    return area, subject


def _taker(lane: Appender, said: Report, playbook: Playbook, area: Area) -> Actor | None:
    """Who writes down for others holds a post that acts in this playbook, here or above."""
    if said.taken_down_by is None:
        return None
    roles = {role for act in playbook.acts for role in act.roles}
    for area_id in (int(part) for part in reversed(area.path.split(".")) if part):
        for role in sorted(roles):
            if said.taken_down_by in holders_at(lane.rows, role, area_id, lane.now_us):
                return Actor(person_id=said.taken_down_by, role=role, via=said.via)
    raise ForbiddenError


def _matter(
    lane: Appender, said: Report, subject: Subject | None, taker: Actor | None, keys: KeyRing
) -> entries.MatterReported:
    own = row_id(lane.next_position)  # nobody's key: the matter has one of its own
    person = subject.person_id if subject is not None else None
    person = said.origin_id if said.origin_id is not None else person
    sealed_for = own if person is None else person
    return entries.MatterReported(
        scenario=said.scenario,
        kind=said.kind,
        area_id=said.area_id,
        subject_id=said.subject_id,
        origin_id=said.origin_id,
        sealed_for=sealed_for,
        text=keys.seal(sealed_for, said.text),
        contact=keys.seal(sealed_for, said.contact) if said.contact else None,
        via=said.via,
        taken_down_by=taker,
        is_read_back=said.is_read_back,
        is_sealed=said.is_sealed,
    )


def open_matter(lane: Deciding, matter: Recorded[entries.MatterReported]) -> int:
    """The case of a matter, with its clocks and its ladder; its id."""
    said = matter.payload
    playbook = newest(said.scenario, said.kind)
    area = lane.rows.get(Area, said.area_id)
    assert area is not None, "the area of a matter is checked before it is recorded"
    opened = lane.append(
        loop_entries.CaseOpened(
            signal=matter.position,
            cause="matter",
            scenario=playbook.scenario,
            kind=playbook.kind,
            playbook=playbook.key,
            severity=playbook.severity,
            subject_id=said.subject_id,
            origin_id=said.origin_id,
            sealed_for=said.sealed_for,
            is_sealed=said.is_sealed,
            area_id=area.id,
            area_path=area.path,
            is_late=False,
            state=playbook.begins,
            clocks=opening_clocks(lane, playbook),
        )
    )
    if playbook.ladder:
        begin_pursuit(lane, opened.id())
    return opened.id()


def likely_duplicates(said: Report, playbook: Playbook, now_us: int) -> list[int]:
    """Open cases of the last 30 days that may be the same: of the subject, else of the place."""
    found = Case.objects.using(MAIN).filter(
        scenario=playbook.scenario, kind=playbook.kind, opened_us__gte=now_us - ALIKE_FOR_US
    )
    same = Q(area_id=said.area_id)
    if said.subject_id is not None:
        same = Q(subject_id=said.subject_id)
    alike = found.filter(same).exclude(state="closed").order_by("-id")
    return list(alike.values_list("id", flat=True)[:MOST_ALIKE])
