"""Cases as pages show them: one read per table, whatever the number of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bihuan.base.time import SECOND_US
from bihuan.console import words
from bihuan.console.people import People
from bihuan.journal.keys import KeyRing
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Callee, Case, CaseClock, Delivery, Pursuit, Step
from bihuan.loop.playbook import ORIGIN_ROLE, playbook_of
from bihuan.loop.scenario import installed
from bihuan.register import schemes
from bihuan.register.models import Area, Subject
from bihuan.register.parties.models import Party

Word = str | Promise


@dataclass(frozen=True, slots=True)
class ShownCall:
    """A person being called and the best that is known of it."""

    person_id: int
    name: str
    initial: str
    role: str
    fact: Word
    tone: str
    channel: Word


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step of the ladder. share: how much of its wait is over, percent."""

    title: str
    state: str
    word: Word
    share: int


@dataclass(slots=True)
class ShownCase:
    """One row of the board."""

    case: Case
    who: str
    what: str
    place: str
    due_us: int | None = None
    left_s: int | None = None
    next_word: str = ""
    calls: list[ShownCall] = field(default_factory=list)
    steps: list[ShownStep] = field(default_factory=list)
    owner: str = ""
    owner_initial: str = ""

    @property
    def state_word(self) -> Word:
        if self.case.state == "closed":
            return words.OUTCOMES[self.case.outcome or "confirmed"]
        return words.STATES[self.case.state]

    @property
    def severity_word(self) -> Word:
        return words.SEVERITIES.get(self.case.severity, self.case.severity)

    @property
    def is_over(self) -> bool:
        return self.left_s is not None and self.left_s < 0


def is_english() -> bool:
    """Whether the page is in English."""
    return (get_language() or "zh").startswith("en")


def area_name(area: Area | None) -> str:
    """An area's name in the reader's script."""
    if area is None:
        return ""
    return area.latin if is_english() else area.name


def step_state(pursuit: Pursuit, step: Step) -> str:
    """A step's state as shown: one not reached when the calling ended waits for nothing."""
    return "spared" if step.state == "waiting" and pursuit.state != "running" else step.state


def kind_word(scenario: str, kind: str) -> str:
    """What a case of a scenario is called: 呼救, 诉求, …"""
    declared = installed().get(scenario)
    zh, en = declared.signals.get(kind, (kind, kind)) if declared else (kind, kind)
    return en if is_english() else zh


def role_word(scenario: str, role: str | None) -> str:
    """A role's name in the reader's language."""
    declared = installed().get(scenario)
    if role is None or declared is None:
        return ""
    if role in words.OF_THE_CASE and role not in declared.roles:
        return str(words.OF_THE_CASE[role])
    zh, en = declared.roles.get(role, (role, role))
    return en if is_english() else zh


def act_word(scenario_title: tuple[str, str] | None, name: str) -> Word:
    """What an act is called: as its playbook says, else the standard word."""
    if scenario_title is not None:
        return scenario_title[1 if is_english() else 0]
    return words.ACTS.get(name, name)


def has_family(scenario: str, cause: str) -> bool:
    """Whether the family is asked what became of a case: who reported a matter, or a firm, is not.

    cause  what opened the case
    """
    declared = schemes.installed().get(scenario)
    kinds = declared.subjects if declared is not None else ()
    return cause != "matter" and any(one.party == "person" for one in kinds)


def fate(call: Delivery) -> tuple[Word, str]:
    """How a call stands: its word and its tone (good, bad or nothing).

    A call keeps the best that is known of it; one that rang and ended unanswered rings no more.
    """
    if call.state == "delivered" and call.ended_us is not None:
        return words.RANG_OUT, "bad"
    tones = ((words.GOOD_FACTS, "good"), (words.BAD_FACTS, "bad"))
    word = words.RINGING if is_ringing(call) else words.FACTS[call.state]
    return word, next((t for facts, t in tones if call.state in facts), "")


def step_title(case: Case, step: Step) -> str:
    """A ladder step's name: as planned, or in English from the playbook that the case pinned."""
    ladder = playbook_of(case.playbook).ladder
    return ladder[step.n].title[1] if is_english() and step.n < len(ladder) else step.title


class Reader:
    """Reads everything that a set of cases needs, then shows them one by one."""

    def __init__(self, cases: Sequence[Case], keys: KeyRing, now_us: int) -> None:
        self.cases, self._now_us = cases, now_us
        ids = [case.id for case in cases]
        subjects = {case.subject_id for case in cases if case.subject_id is not None}
        self._subjects = Subject.objects.using(MAIN).in_bulk(subjects)
        parties = {one.party_id for one in self._subjects.values() if one.party_id is not None}
        self._parties = Party.objects.using(MAIN).in_bulk(parties) if parties else {}
        wanted = {int(part) for case in cases for part in case.area_path.split(".") if part}
        self._areas = Area.objects.using(MAIN).in_bulk(wanted)
        self._clocks = self._by_case(
            CaseClock.objects.filter(case_id__in=ids, state__in=("running", "missed"))
        )
        self._pursuits = self._by_case(Pursuit.objects.filter(case_id__in=ids).order_by("round"))
        newest = [rows[-1].id for rows in self._pursuits.values()]
        self._steps = self._by_case(Step.objects.filter(pursuit_id__in=newest).order_by("n"))
        self._callees = self._by_case(Callee.objects.filter(pursuit_id__in=newest).order_by("id"))
        calls = Delivery.objects.filter(case_id__in=ids, purpose="call")
        self._calls = self._by_case(calls.filter(pursuit_id__in=newest).order_by("id"))
        persons = {subject.person_id for subject in self._subjects.values()}
        persons |= {case.origin_id for case in cases if case.origin_id and not case.is_sealed}
        persons |= {callee.person_id for rows in self._callees.values() for callee in rows}
        self.people = People(keys, persons | {case.owner_id for case in cases if case.owner_id})

    @staticmethod
    def _by_case(rows: Any) -> dict[int, list[Any]]:
        grouped: dict[int, list[Any]] = defaultdict(list)
        for row in rows.using(MAIN):
            grouped[row.case_id].append(row)
        return grouped

    def subject(self, case: Case) -> Subject | None:
        return None if case.subject_id is None else self._subjects.get(case.subject_id)

    def place(self, case: Case) -> str:
        """Town and village, without the county."""
        path = [int(part) for part in case.area_path.split(".") if part]
        names = [area_name(self._areas.get(identity)) for identity in path[1:] or path]
        return " · ".join(name for name in names if name)

    def _who(self, case: Case, subject: Subject | None) -> str:
        """A person masked, or who reported it; a thing by its name, an area's case by the area."""
        if subject is not None and subject.name is not None:
            return subject.name
        if subject is not None and subject.party_id in self._parties:
            party = self._parties[subject.party_id]
            return party.latin or party.name if is_english() else party.name
        if case.cause == "matter" and subject is None and (case.is_sealed or not case.origin_id):
            return _("身份保密") if case.is_sealed else _("未留姓名")
        person_id = case.origin_id if subject is None else subject.person_id
        if person_id is None:
            area = self._areas.get(int(case.area_path.rstrip(".").rpartition(".")[2]))
            return area_name(area) if area is not None else self.people.masked(None)
        return self.people.masked(person_id)

    def show(self, case: Case) -> ShownCase:
        """One case as a row."""
        subject = self.subject(case)
        shown = ShownCase(
            case=case,
            who=self._who(case, subject),
            what=kind_word(case.scenario, case.kind),
            place=self.place(case),
            owner=self.people.name(case.owner_id) if case.owner_id else "",
            owner_initial=self.people.initial(case.owner_id) if case.owner_id else "",
        )
        shown.due_us = self._due_us(case)
        if shown.due_us is not None:
            shown.left_s = (shown.due_us - self._now_us) // SECOND_US
        self._show_ladder(case, shown)
        return shown

    def _due_us(self, case: Case) -> int | None:
        """When the running clock is out, or was: a missed answer goes on counting."""
        clocks = self._clocks.get(case.id, [])
        running: list[int] = [clock.due_us for clock in clocks if clock.state == "running"]
        if running:
            return min(running)
        missed: list[int] = [clock.due_us for clock in clocks if clock.kind == "answer"]
        return max(missed) if missed and case.state == "awaiting_answer" else None

    def _show_ladder(self, case: Case, shown: ShownCase) -> None:
        pursuits = self._pursuits.get(case.id)
        if not pursuits:
            return
        pursuit = pursuits[-1]
        steps = self._steps.get(case.id, [])
        for step in steps:
            shown.steps.append(self._shown_step(case, step, pursuit))
        ahead = [step for step in steps if step.n > pursuit.step and step.state == "waiting"]
        if pursuit.state == "running" and ahead:
            shown.next_word = _("后转%(who)s") % {"who": step_title(case, ahead[0])}
        elif case.is_ladder_out:
            shown.next_word = _("各级均未应答")
        called = {
            callee.person_id for callee in self._callees[case.id] if callee.step <= pursuit.step
        }
        by_person = {c.person_id: c for c in self._callees[case.id]}
        latest = {d.person_id: d for d in self._calls.get(case.id, []) if d.person_id in called}
        for person_id, delivery in latest.items():
            shown.calls.append(self._shown_call(case, by_person[person_id], delivery))

    def _shown_step(self, case: Case, step: Step, pursuit: Pursuit) -> ShownStep:
        state = step_state(pursuit, step)
        share = 100 if step.state in ("missed", "answered", "stopped") else 0
        if step.state == "called" and step.called_us is not None:
            passed_s = (self._now_us - step.called_us) / SECOND_US
            share = min(100, int(100 * passed_s / max(step.wait_s, 1)))
        return ShownStep(
            title=step_title(case, step),
            state="current" if step.n == pursuit.step and step.state == "called" else state,
            word=words.SKIPPED.get(step.skipped or "", words.STEPS[state]),
            share=share,
        )

    def _shown_call(self, case: Case, callee: Callee, delivery: Delivery) -> ShownCall:
        word, tone = fate(delivery)
        name = self.people.name(callee.person_id)
        if callee.role == ORIGIN_ROLE and case.is_sealed:
            name = str(words.SEALED)
        elif (
            callee.role == ORIGIN_ROLE
        ):  # a relative is no official: full on opening, masked in a list
            name = self.people.masked(callee.person_id)
        return ShownCall(
            person_id=callee.person_id,
            name=name,
            initial=name[:1]
            if callee.role == ORIGIN_ROLE
            else self.people.initial(callee.person_id),
            role=role_word(case.scenario, callee.role),
            fact=word,
            tone=tone,
            channel=words.CHANNELS.get(delivery.channel, delivery.channel),
        )


def is_ringing(call: Delivery) -> bool:
    """Whether a call reached the person and nothing more is known of it."""
    return call.purpose == "call" and call.state == "delivered" and call.ended_us is None


def ordered(shown: list[ShownCase]) -> list[ShownCase]:
    """One queue, ordered by time left; without a clock the oldest first, at the end."""
    return sorted(shown, key=lambda s: (s.due_us is None, s.due_us or 0, s.case.id))
