"""The API of a case's acts: with fields, with files, of many cases at once; its papers."""

from __future__ import annotations

import json
from typing import Annotated, Any, cast

from django.core.files.uploadedfile import UploadedFile as DjangoFile
from django.http import Http404, HttpRequest, HttpResponse
from ninja import File, Form, Header, Path, Query, Router, Schema, UploadedFile
from pydantic import ConfigDict, Field

from bihuan.base.errors import BadInputError, bad
from bihuan.base.time import rfc3339
from bihuan.console.access.answers import ErrorOut, FaultsOut, TakenOut
from bihuan.console.access.caller import must_have
from bihuan.console.access.cursor import page
from bihuan.console.access.keys import READ
from bihuan.console.case import files
from bihuan.console.case.inside import is_inside
from bihuan.console.case.parts import document_name
from bihuan.console.home import clock, keys
from bihuan.console.visit import case_or_404, log_view, person_of
from bihuan.journal.storage import MAIN
from bihuan.loop.act import Command, ForbiddenError, Offered, TakenError, act_many
from bihuan.loop.cases.models import Document
from bihuan.loop.models import Case

MOST_ID = 2**63 - 1
MOST_BATCH = 200
PAGE = 100
router = Router(tags=["acts"])
CaseId = Annotated[int, Path(ge=1, le=MOST_ID)]
Cursor = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=PAGE)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
Fields = Annotated[dict[str, str], Field(default_factory=dict, max_length=20)]


class FieldOut(Schema):
    """What an act asks for. options: of a choice, its values."""

    name: str
    kind: str
    is_required: bool
    options: list[str]


class OfferOut(Schema):
    """An act on offer. proof: kinds of which one must be shown."""

    act: str
    needs_text: bool
    proof: list[str]
    fields: list[FieldOut]


class FiledIn(Schema):
    """An act with files. fields: a JSON object of the act's own fields.

    place  `lat,lon` where the photo was taken; taken: when, ms since 1970; both as evidence
    """

    act: str = Field(max_length=64)
    text: str = Field("", max_length=2000)
    answer: str = Field("", max_length=2000)
    fields: str = Field("{}", max_length=20_000)
    place: str = Field("", max_length=64)
    taken: str = Field("", max_length=14)


class FiledOut(Schema):
    position: int
    state: str


class OneIn(Schema):
    """One act of a batch."""

    model_config = ConfigDict(extra="forbid")

    case_id: int = Field(ge=1, le=MOST_ID)
    act: str = Field(max_length=64)
    text: str = Field("", max_length=2000)
    answer: str = Field("", max_length=2000)
    fields: Fields


class BatchIn(Schema):
    """Many acts, each standing or falling alone."""

    model_config = ConfigDict(extra="forbid")

    acts: list[OneIn] = Field(min_length=1, max_length=MOST_BATCH)


class DoneOut(Schema):
    """What became of one: its position, or why not (taken, forbidden, missing, faults)."""

    case_id: int
    position: int | None
    error: str | None
    faults: list[dict[str, str]]


class BatchOut(Schema):
    done: list[DoneOut]


class DocumentOut(Schema):
    """A document of a case. sha256: of the file as it was given."""

    id: int
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    given: str


class DocumentsOut(Schema):
    """In the order given; next: the cursor of the next page, None = the end."""

    documents: list[DocumentOut]
    next: str | None


REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 422: FaultsOut}


def offers(found: list[Offered]) -> list[dict[str, Any]]:
    """Acts on offer with what each asks for."""
    return [
        {
            "act": one.declared.name,
            "needs_text": one.needs_text,
            "proof": list(one.declared.proof),
            "fields": [
                {
                    "name": asked.name,
                    "kind": asked.kind,
                    "is_required": asked.is_required,
                    "options": [option[0] for option in asked.options],
                }
                for asked in one.fields
            ],
        }
        for one in found
    ]


@router.post(
    "/cases/{case_id}/acts/files", response={200: FiledOut, 409: TakenOut | FaultsOut, **REFUSALS}
)
def act_with_files(
    request: HttpRequest,
    case_id: CaseId,
    key: Key,
    said: Form[FiledIn],
    photo: File[list[UploadedFile] | None] = None,
    document: File[list[UploadedFile] | None] = None,
) -> dict[str, Any]:
    """One act with photos (`photo`) and documents (`document`), as multipart/form-data."""
    must_have(request, said.act)
    case = case_or_404(request, case_id)
    photos, papers = files.kept((_plain(photo), _plain(document)), case, (said.place, said.taken))
    try:
        own = _object(said.fields)
    except BadInputError:
        files.drop(files.digests_of(photos, papers))
        raise
    command = Command(
        act=said.act,
        case_id=case.id,
        person_id=person_of(request),
        via="api",
        key=key,
        text=said.text,
        answer=said.answer,
        proof=photos,
        files=papers,
        fields=own,
    )
    return {"position": files.done(command), "state": Case.objects.get(id=case.id).state}


def _plain(sent: list[UploadedFile] | None) -> list[DjangoFile[bytes]]:
    """The uploads as the pages have them; none were sent where there is no list."""
    return [cast("DjangoFile[bytes]", one) for one in sent or []]


def _object(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise bad("fields", text[:80], "a JSON object of texts")
    return found


@router.post("/acts", response={200: BatchOut, **REFUSALS})
def act_on_many(request: HttpRequest, body: BatchIn, key: Key) -> dict[str, Any]:
    """Up to 200 acts; every one says what became of it. The same key does nothing twice."""
    for one in body.acts:
        must_have(request, one.act)
    done: list[dict[str, Any]] = []
    for one in body.acts:
        done.append(_one(request, one, key))
    return {"done": done}


def _one(request: HttpRequest, one: OneIn, key: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"case_id": one.case_id, "position": None, "error": None, "faults": []}
    try:
        case = case_or_404(request, one.case_id)
    except Http404:
        return {**answer, "error": "missing"}
    command = Command(
        act=one.act,
        case_id=case.id,
        person_id=person_of(request),
        via="api",
        key=key,
        text=one.text,
        answer=one.answer,
        fields=one.fields,
    )
    (result,) = act_many([command], clock(), keys())
    if result.error is None:
        return {**answer, "position": result.position}
    if isinstance(result.error, BadInputError):
        faults = [fault.as_dict() for fault in result.error.faults]
        return {**answer, "error": "faults", "faults": faults}
    kinds = {TakenError: "taken", ForbiddenError: "forbidden"}
    return {**answer, "error": kinds.get(type(result.error), "parked")}


@router.get("/cases/{case_id}/documents", response={200: DocumentsOut, **REFUSALS})
def list_documents(
    request: HttpRequest, case_id: CaseId, cursor: Cursor = None, limit: Limit = PAGE
) -> dict[str, Any]:
    """The documents of a case in the order given, for who acts on it."""
    must_have(request, READ)
    case, ring = _inside(request, case_id), keys()
    log_view(request, case, "documents")
    rows = Document.objects.using(MAIN).filter(case_id=case.id)
    found, onward = page(rows, f"documents-{case.id}", cursor, limit, oldest_first=True)
    return {
        "documents": [
            {
                "id": one.id,
                "name": document_name(case, one, ring),
                "media_type": one.media_type,
                "size_bytes": one.size_bytes,
                "sha256": ring.open(one.sha256) or "",
                "given": rfc3339(one.given_us),
            }
            for one in found
        ],
        "next": onward,
    }


@router.get("/cases/{case_id}/documents/{document_id}", response={200: None, **REFUSALS})
def get_document(request: HttpRequest, case_id: CaseId, document_id: CaseId) -> HttpResponse:
    """The document itself; every download is logged."""
    must_have(request, READ)
    return files.answer_with(request, _inside(request, case_id), document_id)


def _inside(request: HttpRequest, case_id: int) -> Case:
    case = case_or_404(request, case_id)
    if not is_inside(case, person_of(request), clock().now_us()):
        raise Http404
    return case
