"""What every address of the register's API shares: its shapes, and doing a deed once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Header, Path, Query, Schema
from pydantic import ConfigDict, Field

from bihuan.base.errors import BadInputError, Fault
from bihuan.console.access.caller import must_have
from bihuan.console.access.keys import READ
from bihuan.console.access.once import once
from bihuan.console.register import wording
from bihuan.console.register.deeds import Deed, named
from bihuan.console.register.reach import Reach, official_or_404
from bihuan.register.keyed import done_before
from bihuan.register.records.acts import By

MOST = 100
MOST_ID = 2**63 - 1
Id = Annotated[int, Path(ge=1, le=MOST_ID)]
Cursor = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=MOST)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
Answer = dict[str, Any]


class DeedIn(Schema):
    """What is done, and the values of the fields that it asks for (a time as RFC 3339).

    A deed that takes a file (GeoJSON, iCalendar) takes its text as the value of that field.
    """

    model_config = ConfigDict(extra="forbid")

    act: str = Field(max_length=64)
    values: dict[str, Any] = Field(default_factory=dict)


class ListOut(Schema):
    """A page of things; next: the cursor of the next page, None = the end."""

    rows: list[dict[str, Any]]
    next: str | None


class OneOut(Schema):
    """A thing as its opening shows it."""

    thing: dict[str, Any]
    acts: list[dict[str, Any]]


class DoneOut(Schema):
    """id: of what came of it (the act's entry, the new thing); None where nothing has one."""

    id: int | None


def reach_of(request: HttpRequest) -> Reach:
    """What a caller may see who may read at all."""
    must_have(request, READ)
    return Reach(request)


def official_of(request: HttpRequest) -> Reach:
    """The same of somebody in a post; 404 for everybody else."""
    must_have(request, READ)
    return official_or_404(request)


def do(request: HttpRequest, reach: Reach, deeds: list[Deed], body: DeedIn, key: str) -> Answer:
    """Do the deed of that name once; 404 where this caller may not.

    One that is not offered any more because this very request did it is answered as it was.
    """
    must_have(request, body.act)
    deed = next((one for one in deeds if one.name == body.act), None)

    def once_only() -> Answer:
        if deed is None:
            earlier = done_before(reach.person_id, key, named(request))
            if earlier is None:
                raise Http404
            return {"id": earlier.answer}
        values, files = _parted(deed, dict(body.values))
        return {"id": deed.do(By(reach.person_id, "api", key), {**deed.whole(values), **files})}

    return once(request, key, once_only)


def _parted(deed: Deed, values: Answer) -> tuple[Answer, dict[str, bytes]]:
    """The values, and apart from them the file that the deed takes: its text, said as a value."""
    named = [one.name for one in deed.fields if one.kind == "photo"] if deed.accept else []
    said = {name: values.pop(name, None) for name in named}
    faults = [
        Fault(name, type(text).__name__ if text is not None else "nothing", "the file's text")
        for name, text in said.items()
        if not isinstance(text, str) or not text
    ]
    if faults:
        raise BadInputError(*faults)
    return values, {name: str(text).encode() for name, text in said.items()}


def acts_of(deeds: list[Deed]) -> list[Answer]:
    """What may be done now, with the fields that each act asks for."""
    return [
        {"act": one.name, "title": wording.word(one.title), "fields": fields_of(one.fields)}
        for one in deeds
    ]


def fields_of(fields: Sequence[Any]) -> list[Answer]:
    """Declared fields as JSON."""
    return [
        {
            "name": one.name,
            "title": wording.word(one.title),
            "kind": one.kind,
            "unit": one.unit,
            "is_required": one.is_required,
            "choices": [code for code, _words in one.choices],
            "is_indexed": one.is_indexed,
        }
        for one in fields
    ]
