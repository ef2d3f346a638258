"""Where a page of a list ended, as a text that only this installation can have made.

It holds the id after which the next page begins, so rows that come or go meanwhile neither
repeat nor hide another. Lists in another order hold what they are ordered by (`page_by`). A list
whose answer is a bare array tells the next page in its header `Link` (`link_next`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from bihuan.base.errors import BadInputError, bad

M = TypeVar("M", bound=Model)
T = TypeVar("T")
Place = tuple[int | str, ...]


def page(
    rows: QuerySet[M], of: str, cursor: str | None, limit: int, *, oldest_first: bool = False
) -> tuple[Sequence[M], str | None]:
    """The rows after a cursor, newest first, and the cursor of the next page (None = the end).

    of  the list's name: a cursor of one list does not open another. Raises BadInputError.
    """
    found: Any = rows.order_by("id" if oldest_first else "-id")
    if cursor is not None:
        found = found.filter(**{"id__gt" if oldest_first else "id__lt": _after(of, cursor)})
    some = list(found[: limit + 1])
    if len(some) <= limit:
        return some, None
    return some[:limit], signing.dumps(int(some[limit - 1].pk), salt=_salt(of))


def page_shown(
    request: HttpRequest, rows: QuerySet[M], of: str, limit: int, kept: Mapping[str, str]
) -> tuple[Sequence[M], str]:
    """The page that a request's `cursor` asks for, and the address of the next one ("" = none).

    kept  what else was asked, and the next page is asked too. Raises Http404 for a cursor that
    was not made here.
    """
    try:
        some, after = page(rows, of, request.GET.get("cursor") or None, limit)
    except BadInputError:
        raise Http404 from None
    return some, "?" + urlencode({**kept, "cursor": after}) if after else ""


def page_by(
    rows: Iterable[T], place: Callable[[T], Place], of: str, cursor: str | None, limit: int
) -> tuple[list[T], str | None]:
    """The same of a list in an order of its own, the least place first; no two share a place."""
    found = sorted(rows, key=place)
    if cursor is not None:
        after_it = _place(of, cursor)
        found = [one for one in found if place(one) > after_it]
    some = found[:limit]
    if len(found) <= limit:
        return some, None
    return some, signing.dumps(list(place(some[-1])), salt=_salt(of))


def link_next(request: HttpRequest, response: HttpResponse, cursor: str | None, limit: int) -> None:
    """Say where a bare array goes on: `Link: <…?cursor=…>; rel="next"`; nothing at the end."""
    if cursor is not None:
        asked = urlencode({"cursor": cursor, "limit": limit})
        response["Link"] = f'<{request.path}?{asked}>; rel="next"'


def after(of: str, cursor: str | None) -> int | None:
    """The id that a cursor holds, for lists with a reader of their own. Raises BadInputError."""
    return None if cursor is None else _after(of, cursor)


def onward(of: str, row_id: int | None) -> str | None:
    """The cursor that goes on after a row; None = the end."""
    return None if row_id is None else signing.dumps(row_id, salt=_salt(of))


def _after(of: str, cursor: str) -> int:
    try:
        return int(signing.loads(cursor, salt=_salt(of)))
    except (signing.BadSignature, ValueError, TypeError):
        raise bad("cursor", cursor, f"the `next` of a page of {of}") from None


def _place(of: str, cursor: str) -> Place:
    """The place that a cursor of this list holds."""
    try:
        held = signing.loads(cursor, salt=_salt(of))
    except (signing.BadSignature, ValueError):
        raise bad("cursor", cursor, f"the `next` of a page of {of}") from None
    return tuple(held)


def _salt(of: str) -> str:
    return f"bihuan.cursor.{of}"
