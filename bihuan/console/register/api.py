"""The register over the API: the same rows, rights, masks, refusals and acts as its pages.

Lists mask people and leave out what is sealed; one thing, opened, tells everything and is logged.
`acts` of an opened thing are what this caller may do now, each with the fields that it asks for.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router

from bihuan.base.time import rfc3339
from bihuan.console.access.cursor import page
from bihuan.console.home import keys
from bihuan.console.register import (
    ledgers,
    row_deeds,
    wording,
)
from bihuan.console.register.api_shared import (
    MOST,
    Answer,
    Cursor,
    DeedIn,
    DoneOut,
    Id,
    Key,
    Limit,
    ListOut,
    OneOut,
    acts_of,
    do,
    fields_of,
    reach_of,
)
from bihuan.console.register.cells import Names, Wanted, declared_of
from bihuan.console.register.reach import Reach, log_row, row_or_404
from bihuan.register import schemes
from bihuan.register.models import Subject
from bihuan.register.records.lists import changes_of, lines_of, opened_row
from bihuan.register.records.models import Record
from bihuan.register.records.rows import Row, RowType, read, subject_of

router = Router(tags=["register"])


@router.get("/ledgers", response=ListOut)
def list_types(request: HttpRequest) -> Answer:
    """Every type of subject and record in reach, its fields, and how many rows there are."""
    reach = reach_of(request)
    counts = ledgers.counted(reach)
    found = []
    for scenario, scheme in sorted(schemes.installed().items()):
        types: list[RowType] = [*scheme.subjects, *scheme.records]
        for one in types if ledgers.may_look(reach, scenario) else ():
            found.append(
                {
                    "scenario": scenario,
                    "kind": one.name,
                    "title": wording.word(one.title),
                    "rows": counts.get((scenario, one.name), 0),
                    "states": [name for name, _words in one.states],
                    "fields": fields_of(one.fields),
                }
            )
    return {"rows": found, "next": None}


@router.get("/ledgers/{scenario}/{kind}", response=ListOut)
def list_rows(
    request: HttpRequest, scenario: str, kind: str, cursor: Cursor = None, limit: Limit = 50
) -> Answer:
    """Rows of one type, newest first; filters as on the page (`state`, `area`, `f.FIELD`)."""
    reach = reach_of(request)
    declared = ledgers.type_or_404(reach, scenario, kind)
    said = {name: str(text) for name, text in request.GET.items()} | {"cursor": cursor or ""}
    page = ledgers.page_of(reach, declared, scenario, said, limit)
    wanted = Wanted()
    for row in page.rows:
        wanted.row(row)
    names = Names(wanted, masked=True)
    rows = [_row(row, names) | {"values": read(row.values)} for row in page.rows]
    return {"rows": rows, "next": ledgers.onward(declared, scenario, page)}


@router.post("/ledgers/{scenario}/{kind}", response=DoneOut)
def new_row(request: HttpRequest, scenario: str, kind: str, body: DeedIn, key: Key) -> Answer:
    """File a record or register a subject (`_subject`, `_area`, `_who`, `_address`: whose)."""
    reach = Reach(request)
    declared = ledgers.type_or_404(reach, scenario, kind)
    return do(request, reach, ledgers.new_deeds(reach, declared, scenario, ""), body, key)


@router.get("/rows/{row_id}", response=OneOut)
def open_row(request: HttpRequest, row_id: Id) -> Answer:
    """One row, opened: sealed values too. Who looked is recorded."""
    reach = reach_of(request)
    row = row_or_404(reach, row_id)
    log_row(reach, "row", row.id, subject_of(row))
    declared, values = _opened(reach, row)
    wanted = Wanted().row(row)
    if isinstance(row, Subject):
        wanted.subjects.add(row.id)
    thing = _row(row, Names(wanted, masked=False)) | {"values": values}
    deeds = row_deeds.deeds_of(reach, row, declared, values)
    return {"thing": thing, "acts": acts_of(deeds)}


@router.get("/rows/{row_id}/history", response=ListOut)
def row_history(
    request: HttpRequest, row_id: Id, cursor: Cursor = None, limit: Limit = MOST
) -> Answer:
    """Who changed what of a row, oldest first, with the values before and after."""
    reach = reach_of(request)
    row = row_or_404(reach, row_id)
    log_row(reach, "row", row.id, subject_of(row))
    lines, onward = page(lines_of(row.id), f"history-{row.id}", cursor, limit, oldest_first=True)
    rows = [
        {**line._asdict(), "at": rfc3339(line.at_us), "at_us": line.at_us}
        for line in changes_of(lines, keys())
    ]
    return {"rows": rows, "next": onward}


@router.post("/rows/{row_id}/acts", response=DoneOut)
def act_on_row(request: HttpRequest, row_id: Id, body: DeedIn, key: Key) -> Answer:
    """Do one of the row's acts: its type's, a second person's word, a correction, a hold."""
    reach = Reach(request)
    row = row_or_404(reach, row_id)
    declared, values = _opened(reach, row)
    return do(request, reach, row_deeds.deeds_of(reach, row, declared, values), body, key)


def _opened(reach: Reach, row: Row) -> tuple[RowType, dict[str, Any]]:
    declared = declared_of(row)
    if declared is None:
        raise Http404
    is_bare = not (declared.fields or declared.states)
    values = {} if is_bare else opened_row(row.id, keys(), reach.now_us) or {}
    return declared, values


def _row(row: Row, names: Names) -> Answer:
    is_record = isinstance(row, Record)
    subject = names.subjects.get(row.subject_id or 0) if isinstance(row, Record) else row
    return {
        "id": row.id,
        "scenario": row.scenario,
        "kind": row.kind,
        "number": row.number if isinstance(row, Record) else None,
        "state": row.state,
        "area": names.place(row.area_id),
        "area_id": row.area_id,
        "subject": names.subject(subject) if subject is not None or not is_record else None,
        "subject_id": subject_of(row),
        "changed": rfc3339(row.changed_us or row.opened_us),
        "version": row.version,
    }
