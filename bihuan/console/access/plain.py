"""Text that no database takes: refused before it reaches anything, told by its field.

A NUL and half a surrogate pair pass through JSON and addresses; SQLite stores the one and
PostgreSQL neither, so both are refused for every address of the API, in one place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpRequest, RawPostDataException

from bihuan.base.errors import BadInputError, Fault

NUL: Final = ("a NUL character", "text without it")
HALF: Final = ("half a character", "whole characters")
KEY: Final = "Idempotency-Key"
_HALF = re.compile("[\ud800-\udfff]")
# a body without any of these can hold neither; most bodies are not read twice
_SUSPECT = re.compile(rb"\x00|\\u(0000|d[89a-f])", re.IGNORECASE)
MOST = 100  # faults that are told of one request


def must_be_plain(request: HttpRequest) -> None:
    """Raise BadInputError with every field whose text no database takes."""
    faults = []
    for name, text in _texts(request):
        if (why := _why(text)) is not None:
            faults.append(Fault(_plain(name), *why))
            if len(faults) == MOST:
                break
    if faults:
        raise BadInputError(*faults)


def _texts(request: HttpRequest) -> Iterator[tuple[str, str]]:
    match = request.resolver_match
    for name, value in (match.kwargs if match is not None else {}).items():
        yield name, str(value)
    for name in request.GET:
        yield "query", name
        for text in request.GET.getlist(name):
            yield name, text
    yield KEY, request.headers.get(KEY, "")
    if (request.content_type or "").startswith("multipart/"):
        for name in request.POST:
            for text in request.POST.getlist(name):
                yield name, text
    else:
        yield from _of_body(request)


def _of_body(request: HttpRequest) -> Iterator[tuple[str, str]]:
    try:
        content = request.body
    except RawPostDataException:  # a form that was read already
        return
    if not _SUSPECT.search(content):
        return
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return  # no JSON: the reader of the body says so
    yield from _strings("", said)


def _strings(name: str, said: Any) -> Iterator[tuple[str, str]]:
    """Every text of a body with the name of its place, the names of objects among them."""
    waiting = [(name, said)]
    while waiting:
        at, one = waiting.pop()
        if isinstance(one, str):
            yield at or "body", one
        elif isinstance(one, dict):
            for key in one:
                yield at or "body", key
            waiting += [(f"{at}.{key}" if at else key, one[key]) for key in reversed(one)]
        elif isinstance(one, list):
            waiting += [(f"{at}.{n}" if at else str(n), one[n]) for n in reversed(range(len(one)))]


def _why(text: str) -> tuple[str, str] | None:
    if "\x00" in text:
        return NUL
    return HALF if _HALF.search(text) else None


def _plain(name: str) -> str:
    return _HALF.sub("?", name.replace("\x00", "?"))[:120]
