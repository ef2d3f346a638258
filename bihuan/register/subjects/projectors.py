"""Entries about subjects become rows."""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register import entries, schemes
from bihuan.register.models import Subject
from bihuan.register.projectors import must_be
from bihuan.register.records.projectors import REGISTER
from bihuan.register.records.written import Writing

BEGINNING = entries.Actor(person_id=None, role="county", via="beginning")


@projects(entries.SubjectRegistered)
def subject_registered(rows: Rows, entry: Recorded[entries.SubjectRegistered]) -> None:
    said = entry.payload
    must_be(rows, {"person_id": said.person_id, "area_id": said.area_id})
    if [said.person_id, said.party_id, said.name].count(None) != 2:
        raise bad("subject", "none or several", "one of person_id, party_id and name")
    subject = rows.new(
        Subject,
        id=entry.id(),
        scenario=said.scenario,
        kind=said.kind,
        person_id=said.person_id,
        party_id=said.party_id,
        name=said.name,
        area_id=said.area_id,
        address=said.address,
        note=said.note,
        sealed=said.sealed,
        opened_us=entry.recorded_us,
    )
    declared, writing = schemes.subject_type(said.scenario, said.kind), Writing(rows, entry)
    if declared is None:  # of a scenario without a scheme: there is nothing typed to say of it
        subject.changed_us = entry.recorded_us
        return
    if declared.states:
        subject.state = declared.states[0][0]
    by = said.by or BEGINNING
    writing.take(subject, said.values)
    writing.touch(subject, REGISTER, by)
    writing.changed(subject, REGISTER, by, after=said.values, sealed_after=said.sealed)
    writing.duties(subject)


@projects(entries.SubjectEnded)
def subject_ended(rows: Rows, entry: Recorded[entries.SubjectEnded]) -> None:
    said, writing = entry.payload, Writing(rows, entry)
    subject = rows.change(Subject, said.subject_id)
    subject.ended_us, subject.end_reason = said.at_us, said.reason
    writing.touch(subject, "end", said.by)
    writing.changed(subject, "end", said.by, extra={"reason": said.reason, "at_us": said.at_us})
    writing.end_duties(subject)
