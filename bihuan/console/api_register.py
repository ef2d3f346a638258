"""The API of the register: search, sheets in and out, and opening what lists mask."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Header, Path, Query, Router, Schema, UploadedFile
from pydantic import ConfigDict, Field

from bihuan.base.errors import bad
from bihuan.base.time import rfc3339
from bihuan.console import finding, sheets
from bihuan.console.access.answers import ErrorOut, FaultsOut
from bihuan.console.access.caller import must_have
from bihuan.console.access.keys import IMPORT, READ
from bihuan.console.access.once import once
from bihuan.console.home import clock, keys
from bihuan.console.visit import rights_of
from bihuan.register.imports.models import Import, Staged
from bihuan.register.imports.publish import publish
from bihuan.register.imports.staging import counts_of, faults_of
from bihuan.register.search.index import nouns

router = Router(tags=["register"])
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 422: FaultsOut}
StagedId = Annotated[int, Path(ge=1, le=2**63 - 1)]


class FoundOut(Schema):
    """A hit as lists show it; link: where it opens, or nothing."""

    noun: str
    row: int
    title: str
    detail: str
    link: str


class FoundsOut(Schema):
    found: list[FoundOut]


class CellFaultOut(Schema):
    """What is wrong in a cell."""

    sheet: str
    row: int
    column: str
    cell: str
    field: str
    got: str
    want: str


class StagedOut(Schema):
    """A looked-at file; import_id: of its publication, state: looked, publishing or done."""

    id: int
    kind: str
    digest: str
    counts: dict[str, int]
    faults: list[CellFaultOut]
    left: list[str]
    state: str
    import_id: int | None
    finished: str | None


class PublishIn(Schema):
    model_config = ConfigDict(extra="forbid")

    which: Literal["all", "good"]


@router.get("/search", response={200: FoundsOut, **REFUSALS})
def search(
    request: HttpRequest,
    q: Annotated[str, Query(min_length=1, max_length=64)],
    noun: str = "",
    limit: Annotated[int, Query(ge=1, le=finding.MOST)] = 20,
) -> dict[str, Any]:
    """Rows that this person may see, best first; names are masked."""
    must_have(request, READ)
    if noun and noun not in nouns():
        raise bad("noun", noun, " | ".join(nouns()))
    return {"found": finding.found_for(request, q, noun, limit)}


@router.post("/imports/{kind}", response={200: StagedOut, **REFUSALS})
def hand_in(
    request: HttpRequest,
    kind: str,
    idempotency: Key,
    file: Annotated[UploadedFile, File()],
    mapping: Annotated[str, Form()] = "{}",
) -> dict[str, Any]:
    """Look at a file; mapping: JSON of heading → field ("" = leave the column out).

    Nothing is taken in by it, so a file that comes again is only looked at again.
    """
    must_have(request, IMPORT)
    found = sheets.kind_or_404(request, kind, "edit")
    try:
        told = json.loads(mapping)
        is_told = isinstance(told, dict) and all(isinstance(v, str) for v in told.values())
    except ValueError:
        is_told = False
    if not is_told:
        raise bad("mapping", mapping, "JSON of heading → field")
    return _staged(sheets.stage(request, found, "api", told))


@router.get("/imports/staged/{staged_id}", response={200: StagedOut, **REFUSALS})
def staged(request: HttpRequest, staged_id: StagedId) -> dict[str, Any]:
    """How a file of one's own stands."""
    must_have(request, READ)
    return _staged(sheets.staged_or_404(request, staged_id))


@router.post("/imports/staged/{staged_id}/publish", response={200: StagedOut, **REFUSALS})
def publish_staged(
    request: HttpRequest, staged_id: StagedId, body: PublishIn, idempotency: Key
) -> dict[str, Any]:
    """Publish all rows or exactly the good ones; again it changes nothing."""
    must_have(request, IMPORT)
    held, mine = sheets.staged_or_404(request, staged_id), rights_of(request)

    def do() -> dict[str, Any]:
        publish(held.id, body.which, clock(), sheets.actor(request, "api"), mine)
        return _staged(sheets.staged_or_404(request, staged_id))

    return once(request, idempotency, do)


@router.get("/exports/{kind}", response={200: None, **REFUSALS})
def export(request: HttpRequest, kind: str, form: Annotated[str, Field()] = "csv") -> HttpResponse:
    """A kind's rows as a file, as this person may have them; further parameters are filters."""
    must_have(request, READ)
    found = sheets.kind_or_404(request, kind, "export")
    return sheets.file_response(sheets.take_out(request, found, form, "api"))


def _staged(held: Staged) -> dict[str, Any]:
    done = Import.objects.filter(id=held.import_id).first() if held.import_id else None
    finished_us = done.finished_us if done is not None else None
    state = "looked" if done is None else "publishing" if finished_us is None else "done"
    return {
        "id": held.id,
        "kind": held.kind,
        "digest": held.digest,
        "counts": counts_of(held),
        "faults": [fault._asdict() for fault in faults_of(held, keys())],
        "left": json.loads(held.left),
        "state": state,
        "import_id": held.import_id,
        "finished": None if finished_us is None else rfc3339(finished_us),
    }
