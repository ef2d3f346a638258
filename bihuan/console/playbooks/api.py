"""The API of playbooks: their tables as JSON, limits with source and region."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from bihuan.console.access.answers import ErrorOut
from bihuan.console.access.caller import must_have
from bihuan.console.access.keys import READ
from bihuan.console.playbooks.drawing import states_of
from bihuan.console.playbooks.pages import book_or_404
from bihuan.loop.playbook import Playbook
from bihuan.loop.scenario import installed

router = Router(tags=["playbooks"])
REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut}


class PlaybookOut(Schema):
    """A playbook as its scenario declares it. Titles in zh and en; limits in seconds or days."""

    key: str
    scenario: str
    kind: str
    version: int
    title: list[str]
    severity: str
    signals: list[str]
    states: list[str]
    acts: list[dict[str, Any]]
    ladder: list[dict[str, Any]]
    limits: dict[str, dict[str, Any]]
    clocks: list[dict[str, Any]]


@router.get("", response={200: list[PlaybookOut], **REFUSALS})
def list_playbooks(request: HttpRequest) -> list[dict[str, Any]]:
    """Every playbook of the installed scenarios."""
    must_have(request, READ)
    return [_book(book) for scenario in installed().values() for book in scenario.playbooks]


@router.get("/{key}", response={200: PlaybookOut, **REFUSALS})
def open_playbook(request: HttpRequest, key: str) -> dict[str, Any]:
    """One playbook, older versions too."""
    must_have(request, READ)
    return _book(book_or_404(key))


def _book(book: Playbook) -> dict[str, Any]:
    limits = ("answer", "progress", "confirmation", "repeat", "late_after")
    return {
        "key": book.key,
        "scenario": book.scenario,
        "kind": book.kind,
        "version": book.version,
        "title": list(book.title),
        "severity": book.severity,
        "signals": list(book.signals),
        "states": states_of(book),
        "acts": [asdict(act) for act in book.acts],
        "ladder": [asdict(step) for step in book.ladder],
        "limits": {
            name: asdict(limit) for name in limits if (limit := getattr(book, name)) is not None
        },
        "clocks": [asdict(clock) for clock in book.clocks],
    }
