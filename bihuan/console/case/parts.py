"""What a case page shows beside its head and ladder: the matter, units, papers, links, requests."""

from __future__ import annotations

from typing import Any

from bihuan.console import words
from bihuan.console.case.inside import may_review
from bihuan.console.people import People
from bihuan.console.shown import area_name, is_english, role_word
from bihuan.journal.keys import KeyRing
from bihuan.journal.storage import MAIN
from bihuan.loop.cases.models import CaseLink, Document, Matter
from bihuan.loop.cases.sealed import hidden_in, is_hidden
from bihuan.loop.clocks.models import ClockChange
from bihuan.loop.inquiry.models import Inquiry, Statement
from bihuan.loop.models import Case, CaseClock
from bihuan.loop.supervision.models import Supervision
from bihuan.loop.units.models import Assignment
from bihuan.register.models import Area
from bihuan.register.organisations.models import Organisation


class Parts:
    """Everything about one case, read once: a fixed number of queries."""

    def __init__(self, case: Case, keys: KeyRing, now_us: int) -> None:
        self.case, self._keys, self._now_us = case, keys, now_us
        self.clocks = list(_of(CaseClock, case))
        self.links = list(_links(case))
        self.assignments = list(_of(Assignment, case))
        self.changes = list(_of(ClockChange, case))
        self.documents = list(_of(Document, case))
        self.supervisions = list(_of(Supervision, case))
        self.matter = Matter.objects.using(MAIN).filter(case_id=case.id).first()

    def people(self) -> set[int | None]:
        """Everybody whom these parts name."""
        found: set[int | None] = set()
        for made in self.assignments:
            found |= {made.person_id, made.received_by, made.made_by}
        for change in self.changes:
            found |= {change.asked_by, change.decided_by}
        found |= {one.given_by for one in self.documents}
        found |= {one.by_id for one in self.supervisions}
        if self.matter is not None:
            found.add(self.matter.taken_down_by)
        return found

    def show(self, people: People, *, is_inside: bool) -> dict[str, Any]:
        """The parts as the page shows them; of what is inside, nothing to others."""
        return {
            "matter": self._matter(people, is_inside=is_inside),
            "assignments": self._assignments(people) if is_inside else [],
            "changes": self._changes(people) if is_inside else [],
            "documents": self._documents(people) if is_inside else [],
            "links": self._links() if is_inside else [],
            "level_word": words.LEVELS.get(self.case.level, ""),
            "supervised": self._supervised(people) if is_inside else [],
            "is_provisional": any(
                clock.is_provisional and clock.state == "running" for clock in self.clocks
            ),
        }

    def _matter(self, people: People, *, is_inside: bool) -> dict[str, Any] | None:
        said = self.matter
        if said is None:
            return None
        return {
            "text": self._keys.open(said.text),
            "contact": self._keys.open(said.contact)
            if is_inside and not self.case.is_sealed
            else None,
            "via": words.VIAS.get(said.via, said.via),
            "at_us": said.reported_us,
            "taken_down_by": people.name(said.taken_down_by) if said.taken_down_by else "",
            "is_read_back": said.is_read_back,
        }

    def _assignments(self, people: People) -> list[dict[str, Any]]:
        areas = Area.objects.using(MAIN).in_bulk([a.area_id for a in self.assignments if a.area_id])
        units = [a.organisation_id for a in self.assignments if a.organisation_id]
        organisations = Organisation.objects.using(MAIN).in_bulk(units)
        receipts = {clock.ref: clock for clock in self.clocks if clock.ref}
        shown = []
        for made in self.assignments:
            clock = receipts.get(made.id)
            unit = organisations.get(made.organisation_id or 0)
            who = people.name(made.person_id) if made.person_id else ""
            if made.role is not None:
                place = area_name(areas.get(made.area_id or 0))
                who = f"{role_word(self.case.scenario, made.role)} · {place}"
            if unit is not None:
                who = unit.latin if is_english() else unit.name
            shown.append(
                {
                    "id": made.id,
                    "purpose": words.PURPOSES[made.purpose],
                    "who": who,
                    "state": made.state,
                    "state_word": words.ASSIGNMENTS[made.state],
                    "by": people.name(made.made_by) if made.made_by else "",
                    "made_us": made.made_us,
                    "received_by": people.name(made.received_by) if made.received_by else "",
                    "received_us": made.received_us,
                    "text": self._keys.open(made.text),
                    "due_us": clock.due_us if clock is not None else None,
                    "is_missed": clock is not None and clock.state == "missed",
                }
            )
        return shown

    def _changes(self, people: People) -> list[dict[str, Any]]:
        kinds = {clock.id: words.CLOCKS[clock.kind] for clock in self.clocks}
        return [
            {
                "word": words.CHANGES[one.change],
                "clock": kinds.get(one.clock_id or 0, ""),
                "amount": one.amount,
                "until_us": one.until_us,
                "state": one.state,
                "state_word": words.CHANGE_STATES[one.state],
                "reason": self._keys.open(one.reason),
                "asked_by": people.name(one.asked_by) if one.asked_by else "",
                "asked_us": one.asked_us,
                "decided_by": people.name(one.decided_by) if one.decided_by else "",
            }
            for one in self.changes
        ]

    def _documents(self, people: People) -> list[dict[str, Any]]:
        return [
            {
                "id": one.id,
                "name": document_name(self.case, one, self._keys),
                "media_type": one.media_type,
                "size_bytes": one.size_bytes,
                "sha256": self._keys.open(one.sha256) or "",
                "who": self._giver(one, people),
                "given_us": one.given_us,
            }
            for one in self.documents
        ]

    def _giver(self, one: Document, people: People) -> str:
        if is_hidden(hidden_in(self.case), one.given_by):
            return str(words.SEALED)
        return people.name(one.given_by) if one.given_by else ""

    def _supervised(self, people: People) -> list[dict[str, Any]]:
        return [
            {
                "word": words.LEVELS[one.level],
                "level": one.level,
                "by": people.name(one.by_id) if one.by_id else "",
                "reason": self._keys.open(one.reason),
                "raised_us": one.raised_us,
                "lifted_us": one.lifted_us,
            }
            for one in self.supervisions
        ]

    def _links(self) -> list[dict[str, Any]]:
        """Other cases, each named from this one's side."""
        shown = []
        for link in self.links:
            is_ours = link.case_id == self.case.id
            other = link.other_id if is_ours else link.case_id
            shown.append({"other": other, "word": words.LINKS[link.link, is_ours]})
        return shown


def document_name(case: Case, one: Document, keys: KeyRing) -> str:
    """A document's name; of one that a sealed origin gave a number: files are named by people."""
    name = keys.open(one.name) or "—"
    if not is_hidden(hidden_in(case), one.given_by):
        return name
    ending = name.rpartition(".")[2]
    return f"{one.id}.{ending}" if ending.isascii() and ending.isalnum() else str(one.id)


def statements(case: Case, person_id: int, now_us: int, keys: KeyRing) -> list[dict[str, Any]]:
    """Statements and inquiries: all of them for a reviewer, their own for who was asked."""
    found = list(_of(Statement, case))
    if not may_review(case, person_id, now_us):
        found = [one for one in found if one.person_id == person_id]
    inquiries = {one.statement_id: one for one in _of(Inquiry, case)} if found else {}
    people = People(keys, {one.person_id for one in found} | {one.asked_by for one in found})
    return [
        {
            "who": people.name(one.person_id),
            "asked_by": people.name(one.asked_by) if one.asked_by else "",
            "asked_us": one.asked_us,
            "due_us": one.due_us,
            "reason": keys.open(one.reason),
            "filed_us": one.filed_us,
            "text": keys.open(one.text),
            "inquiry": _inquiry(inquiries.get(one.id), keys),
        }
        for one in found
    ]


def _inquiry(one: Inquiry | None, keys: KeyRing) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "opened_us": one.opened_us,
        "reason": keys.open(one.reason),
        "closed_us": one.closed_us,
        "conclusion": keys.open(one.conclusion),
    }


def _of(model: Any, case: Case) -> Any:
    return model.objects.using(MAIN).filter(case_id=case.id).order_by("id")


def _links(case: Case) -> list[CaseLink]:
    mine = CaseLink.objects.using(MAIN).filter(case_id=case.id)
    return list((mine | CaseLink.objects.using(MAIN).filter(other_id=case.id)).order_by("id"))
