"""What waits for one person now: calls, call-outs, questions, cases, handovers, swaps, duties.

Ordered by the time that is left; what has no clock comes last, the oldest first. Names are masked
as in every list. The number of queries does not depend on how much waits, but for call-outs: of
those at most twenty are read, each with its words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bihuan.base.time import DAY_US, MINUTE_US, SECOND_US
from bihuan.console import words
from bihuan.console.home import keys
from bihuan.console.people import People
from bihuan.console.shift import shown as shifts
from bihuan.console.shown import Reader, ShownCase, is_english
from bihuan.console.tasks import typed
from bihuan.console.words_shift import TASKS
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.callout.mine import asked_of
from bihuan.loop.delivery.letters import said_by
from bihuan.loop.models import Case, Delivery
from bihuan.loop.rights import cases_for
from bihuan.loop.shift.models import Handover
from bihuan.register.accounts.offices import office_of
from bihuan.register.rights import Rights
from bihuan.register.rosters.models import Roster, Swap

MOST = 100
SOON_US = 30 * MINUTE_US
NEWEST_CALLS = 200
OVER = ("declined", "confirmed", "withdrawn", "queued")  # queued: it is not said to anybody yet


@dataclass(frozen=True, slots=True)
class Button:
    """One act: its word, its icon, what it says to the server."""

    label: str | Promise
    icon: str
    do: str
    is_main: bool = False


@dataclass(slots=True)
class Task:
    """One thing that waits. id: of the row that it is about. at_us: since when."""

    kind: str
    id: int
    title: str
    detail: str
    at_us: int
    due_us: int | None
    link: str
    buttons: list[Button] = field(default_factory=list)
    left_s: int | None = None
    tone: str = ""
    revision: int = 0

    @property
    def word(self) -> str | Promise:
        return TASKS[self.kind]


def tasks_of(mine: Rights, now_us: int) -> list[Task]:
    """Everything that waits for a person, the most urgent first.

    Rights that a key cuts show what lies within them; what is said to the person alone
    (call-outs, swaps) lies within none.
    """
    person_id = mine.person_id
    # an administrator sees no business data, nor what waited before the office was given
    if not person_id or office_of(person_id):
        return []
    found = list(_cases(mine, now_us))
    if not mine.is_cut:
        found += [*_call_outs(person_id), *_swaps(person_id, now_us)]
    held = mine.held
    if held:
        paths = {path for _role, path in held}
        if not mine.scenarios:
            found += _handovers(person_id, paths, now_us)
        found += [_typed(one) for one in typed.waiting(mine, now_us)]
    for task in found:
        _judge(task, now_us)
    return sorted(found, key=urgency)


def urgency(task: Task) -> tuple[int | str, ...]:
    """Where a task stands among a person's: the clock that ends first, then the oldest."""
    return int(task.due_us is None), task.due_us or task.at_us, task.id, task.kind


def _judge(task: Task, now_us: int) -> None:
    task.left_s = None if task.due_us is None else (task.due_us - now_us) // SECOND_US
    if task.kind in ("call", "call_out") or (task.left_s is not None and task.left_s < 0):
        task.tone = "now"
    elif task.due_us is not None and task.due_us - now_us < SOON_US:
        task.tone = "soon"
    elif task.kind == "case":
        task.tone = "mine"


def _call_outs(person_id: int) -> Iterator[Task]:
    """Orders to this person, and people of theirs who did not answer: with the words as given."""
    rows, ring = Rows(MAIN), keys()
    for one in asked_of(person_id):
        said = said_by(rows, one.message, ring, is_english=is_english())
        yes = _("我来办") if one.is_task else _("收到，照办")
        yield Task(
            kind="call_out",
            id=one.message.id,
            title=said.title,
            detail=said.text,
            at_us=one.message.queued_us,
            due_us=one.due_us or one.message.queued_us,
            link="",
            buttons=[
                Button(yes, "circle-check", "go", is_main=True),
                Button(_("执行不了"), "circle-slash", "decline"),
            ],
        )


def _cases(rights: Rights, now_us: int) -> Iterator[Task]:
    person_id = rights.person_id
    calls = _latest_calls(person_id)
    cases = _cases_of(rights, {case_id for case_id, _purpose in calls})
    if not cases:
        return
    reader = Reader(list(cases.values()), keys(), now_us)
    for (case_id, purpose), call in calls.items():
        case = cases.get(case_id)
        if case is None:
            continue
        if purpose == "call" and case.state == "awaiting_answer":
            yield _call(call, reader.show(case))
        elif purpose == "ask" and case.state == "awaiting_confirmation":
            yield _ask(call, reader.show(case))
    for case in cases.values():
        if case.owner_id == person_id and case.state == "in_progress":
            yield _in_hand(reader.show(case))


def _cases_of(rights: Rights, called: set[int]) -> dict[int, Case]:
    """The open cases that the person holds and those of the calls, as far as a key reaches."""
    mine = Case.objects.using(MAIN).filter(owner_id=rights.person_id).exclude(state="closed")
    cases = {case.id: case for case in mine.order_by("id")[:MOST]}
    cases |= Case.objects.using(MAIN).in_bulk(list(called - set(cases)))
    if not rights.is_cut:
        return cases
    return cases_for(rights).in_bulk(list(cases))


def _latest_calls(person_id: int) -> dict[tuple[int, str], Delivery]:
    """The newest message of each case and purpose that still can be answered."""
    sent = Delivery.objects.using(MAIN).filter(person_id=person_id).order_by("-id")
    latest: dict[tuple[int, str], Delivery] = {}
    for call in sent[:NEWEST_CALLS]:
        latest.setdefault((call.case_id, call.purpose), call)
    return {at: call for at, call in latest.items() if call.state not in OVER}


def _call(call: Delivery, shown: ShownCase) -> Task:
    return Task(
        kind="call",
        id=call.id,
        title=f"{shown.who} {shown.what}",
        detail=shown.place,
        at_us=shown.case.last_signal_us,
        due_us=shown.due_us,
        link=f"/cases/{shown.case.id}/",
        buttons=[
            Button(_("我来处置"), "hand", "go", is_main=True),
            Button(_("去不了"), "phone-off", "decline"),
        ],
        revision=shown.case.changed,
    )


def _ask(call: Delivery, shown: ShownCase) -> Task:
    said = keys().open(shown.case.answer) or ""
    return Task(
        kind="ask",
        id=call.id,
        title=f"{shown.who} {shown.what}",
        detail=said or shown.place,
        at_us=call.queued_us,
        due_us=shown.due_us,
        link=f"/cases/{shown.case.id}/",
        buttons=[
            Button(_("解决了"), "circle-check", "solved", is_main=True),
            Button(_("没解决"), "rotate-ccw", "not_solved"),
        ],
        revision=shown.case.changed,
    )


def _in_hand(shown: ShownCase) -> Task:
    return Task(
        kind="case",
        id=shown.case.id,
        title=f"{shown.who} {shown.what}",
        detail=shown.place,
        at_us=shown.case.opened_us,
        due_us=shown.due_us,
        link=f"/cases/{shown.case.id}/",
        buttons=[Button(words.ACTS["progress"], "footprints", "progress", is_main=True)],
        revision=shown.case.changed,
    )


def _swaps(person_id: int, now_us: int) -> Iterator[Task]:
    asked = Swap.objects.using(MAIN).filter(taker_id=person_id, state="asked", until_us__gt=now_us)
    rows = list(asked.order_by("from_us")[:MOST])
    if not rows:
        return
    people = People(keys(), (row.giver_id for row in rows))
    titles = dict(
        Roster.objects.using(MAIN)
        .filter(id__in={row.roster_id for row in rows})
        .values_list("id", "title")
    )
    for row in rows:
        yield Task(
            kind="swap",
            id=row.id,
            title=f"{titles.get(row.roster_id, '')} {row.shift}".strip(),
            detail=people.name(row.giver_id),
            at_us=row.from_us,
            due_us=row.from_us if row.from_us > now_us else row.until_us,
            link="",
            buttons=[
                Button(_("同意换班"), "circle-check", "swap_yes", is_main=True),
                Button(_("不同意"), "circle-slash", "swap_no"),
            ],
        )


def _handovers(person_id: int, paths: set[str], now_us: int) -> Iterator[Task]:
    found = Handover.objects.using(MAIN).filter(accepted_us=None).exclude(offered_by=person_id)
    recent = found.filter(offered_us__gte=now_us - 2 * DAY_US).order_by("id")[:MOST]
    rows = [row for row in recent if any(row.area_path.startswith(path) for path in paths)]
    for one in shifts.handovers(rows, now_us) if rows else ():
        yield Task(
            kind="handover",
            id=one.row.id,
            title=one.place,
            detail=_("%(who)s 交班，移交 %(n)s 件") % {"who": one.giver, "n": len(one.cases)},
            at_us=one.row.offered_us,
            due_us=one.row.until_us,
            link=f"/shift/handovers/{one.row.id}/",
        )


def _typed(one: typed.Waiting) -> Task:
    buttons = []
    if one.kind == "proposal":
        buttons = [Button(_("确认"), "circle-check", "second", is_main=True)]
    return Task(
        kind=one.kind,
        id=one.id,
        title=_word(one.title),
        detail=one.detail,
        at_us=one.at_us,
        due_us=one.due_us,
        link="",
        buttons=buttons,
    )


def _word(title: tuple[Any, Any]) -> str:
    return str(title[1] if is_english() else title[0])
