"""The API of bulletins: texts with tokens, what each figure said, versions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest
from ninja import Header, Path, Query, Router, Schema
from pydantic import AwareDatetime, ConfigDict, Field

from bihuan.base.time import rfc3339, us_of
from bihuan.console.access.answers import ErrorOut, FaultsOut, TakenOut
from bihuan.console.access.caller import must_have
from bihuan.console.access.cursor import page
from bihuan.console.access.keys import PRESS, READ
from bihuan.console.access.once import once
from bihuan.console.bulletins.visit import bulletin_or_404, bulletins_of, text_or_404, texts_of
from bihuan.console.home import clock
from bihuan.console.press.api import NOTE
from bihuan.console.press.pages import actor, county_or_404
from bihuan.figures.bulletins.acts import Desk, Draft, NewBulletin, bound_of
from bihuan.figures.bulletins.models import Bulletin
from bihuan.figures.bulletins.spoken import Language
from bihuan.figures.bulletins.text import rendered

PAGE = 100
MOST_ID = 2**63 - 1
MOST_TEXT = 20_000

router = Router(tags=["bulletins"])
Identity = Annotated[int, Path(ge=1, le=MOST_ID)]
Version = Annotated[int | None, Query(ge=1, le=10_000)]
Cursor = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=PAGE)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 422: FaultsOut}
WRITES = {**REFUSALS, 409: TakenOut | FaultsOut}


class BulletinOut(Schema):
    """version 0: never issued. released: before that only its editors see it."""

    id: int
    kind: str
    period: str
    title: list[str]
    version: int
    released: str | None
    is_withdrawn: bool
    note: list[str]


class BulletinsOut(Schema):
    bulletins: list[BulletinOut]
    next: str | None


class WholeOut(BulletinOut):
    """text: with tokens; shown: with the numbers; bound: what each figure said.

    n counts saved texts; a write names the one that it is based on. versions: those issued.
    """

    n: int
    text: list[str]
    shown: list[str]
    bound: list[dict[str, Any]]
    digest: str
    versions: list[int]


class NewIn(Schema):
    """figures: ids for the first text; `id@period` where the figure is of another period."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["monthly", "special"]
    period: str = Field(max_length=24)
    title_zh: str = Field(max_length=120)
    title_en: str = Field(max_length=200)
    figures: list[Annotated[str, Field(max_length=160)]] = Field(max_length=200)


class TextIn(Schema):
    """Texts with tokens `{figure:area:period}`; based_on: the number of the text they change."""

    model_config = ConfigDict(extra="forbid")

    zh: str = Field(max_length=MOST_TEXT)
    en: str = Field(max_length=MOST_TEXT)
    based_on: int = Field(ge=1, le=10_000)


class IssueIn(Schema):
    """n: the text that is locked; release: when others may see it, now where it is left out."""

    model_config = ConfigDict(extra="forbid")

    n: int = Field(ge=1, le=10_000)
    release: AwareDatetime | None = None
    reason: str = Field("", max_length=500)


class MadeOut(Schema):
    id: int


class SavedOut(Schema):
    n: int


class IssuedOut(Schema):
    version: int


@router.get("", response={200: BulletinsOut, **REFUSALS})
def list_bulletins(
    request: HttpRequest, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """Bulletins that may be seen, newest first."""
    must_have(request, READ)
    rows, onward = page(bulletins_of(request), "bulletins", cursor, limit)
    return {"bulletins": [_out(row) for row in rows], "next": onward}


@router.post("", response={200: MadeOut, **WRITES})
def begin(request: HttpRequest, body: NewIn, key: Key) -> dict[str, Any]:
    """Begin a bulletin; its first text says each figure in a sentence."""
    must_have(request, PRESS)
    area = county_or_404(request)
    titles = (body.title_zh, body.title_en)
    new = NewBulletin(area.id, body.kind, body.period, titles, body.figures)
    by = actor(request, area.path, "api")
    return once(request, key, lambda: {"id": Desk(clock()).begin(new, by)})


@router.get("/{bulletin_id}", response={200: WholeOut, **REFUSALS})
def open_bulletin(
    request: HttpRequest, bulletin_id: Identity, version: Version = None
) -> dict[str, Any]:
    """A bulletin: the newest text that may be seen, or a version."""
    must_have(request, READ)
    row = bulletin_or_404(request, bulletin_id)
    text = text_or_404(request, row, version)
    bound = bound_of(text)
    faces: tuple[tuple[str, Language], ...] = ((text.zh, "zh"), (text.en, "en"))
    shown = [
        "\n".join("".join(one.text for one in line) for line in rendered(said, bound, language))
        for said, language in faces
    ]
    return {
        **_out(row),
        "n": text.n,
        "text": [text.zh, text.en],
        "shown": shown,
        "bound": [msgspec.to_builtins(one) for one in bound.values()],
        "digest": text.digest,
        "versions": [one.version for one in texts_of(request, row) if one.version],
    }


@router.post("/{bulletin_id}/texts", response={200: SavedOut, **WRITES})
def write(request: HttpRequest, bulletin_id: Identity, body: TextIn, key: Key) -> dict[str, Any]:
    """Save a text; 409 where somebody else saved one meanwhile."""
    must_have(request, PRESS)
    row = bulletin_or_404(request, bulletin_id)
    draft, by = Draft(body.zh, body.en, body.based_on), actor(request, row.area_path, "api")
    return once(request, key, lambda: {"n": Desk(clock()).write(row.id, draft, by)})


@router.post("/{bulletin_id}/issue", response={200: IssuedOut, **WRITES})
def issue(request: HttpRequest, bulletin_id: Identity, body: IssueIn, key: Key) -> dict[str, Any]:
    """Lock the newest text as the next version."""
    must_have(request, PRESS)
    row = bulletin_or_404(request, bulletin_id)
    by = actor(request, row.area_path, "api")

    def do() -> dict[str, Any]:
        release_us = us_of(body.release) if body.release else clock().now_us()
        return {"version": Desk(clock()).issue(row.id, body.n, release_us, body.reason, by)}

    return once(request, key, do)


def _out(row: Bulletin) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "period": row.period,
        "title": [row.title_zh, row.title_en],
        "version": row.version,
        "released": rfc3339(row.release_us) if row.release_us else None,
        "is_withdrawn": row.withdrawn_us is not None,
        "note": NOTE,
    }
