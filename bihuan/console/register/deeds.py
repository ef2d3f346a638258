"""Acts on the register as tables: fields, what is done, and how every refusal is answered.

The same table serves a page's form and the API. A deed is offered only where it may be done;
doing it checks again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bihuan.base.errors import BadInputError, bad
from bihuan.console import words as case_words
from bihuan.console.access.once import KeyUsedError, once
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.register import wording
from bihuan.console.register.controls import PREFIX, controls, refilled, values_of
from bihuan.console.register.reach import Opened, Reach, log_rows
from bihuan.console.register.sheet import Form, Listing, Sheet
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop import act as case_act
from bihuan.register import refusals
from bihuan.register.keyed import done_before
from bihuan.register.records.acts import By
from bihuan.register.records.values import Within, checked
from bihuan.register.rosters.acts import NotAskedError, RosterTakenError
from bihuan.register.scheme import Field, Words

FORBIDDEN = (refusals.ForbiddenError, case_act.ForbiddenError, NotAskedError)
TAKEN = (refusals.TakenError, case_act.TakenError, RosterTakenError, KeyUsedError)
MOST_KEY = 64
Do = Callable[[By, dict[str, Any]], int | None]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that may be done to a thing now.

    do        with who does it and the checked values; the id of what came of it
    scenario  whose types the fields point to; "" for the register's own
    key_id    under whose key a photo is kept
    judges    the act checks the values itself (a record's), so they are handed on as they came
    leads_to  where the page goes, {} = the id that came of it; "" = back to the thing
    accept    media types of a file that it takes as bytes, under the name of its `photo` field
    one_tap   its button does it, with no form to open first
    any_subject  a `subject` field may name one of whatever type; the act checks it
    """

    name: str
    title: Words
    do: Do
    fields: tuple[Field, ...] = ()
    held: dict[str, Any] = field(default_factory=dict)
    icon: str = "pen-line"
    is_main: bool = False
    note: str = ""
    scenario: str = ""
    key_id: int | None = None
    judges: bool = False
    leads_to: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    accept: str = ""
    any_subject: bool = False
    one_tap: bool = False

    def whole(self, given: dict[str, Any]) -> dict[str, Any]:
        """The values as the deed takes them. Raises BadInputError with every fault."""
        if self.judges:
            return given
        if self.any_subject:
            loose = tuple(
                replace(f, kind="integer") if f.kind == "subject" else f for f in self.fields
            )
            return dict(checked(Within(Rows(MAIN), ""), loose, given, is_whole=True))
        return dict(checked(Within(Rows(MAIN), self.scenario), self.fields, given, is_whole=True))


def forms(reach: Reach, deeds: Iterable[Deed], action: str) -> list[Form]:
    """A form for each deed; action: the address that takes them all."""
    made = []
    for deed in deeds:
        made.append(_form(reach, deed, action))
        for one in made[-1].controls:
            if deed.accept and one.widget == "file":
                one.attributes, one.hint = {"accept": deed.accept, "required": "required"}, ""
    return made


def _form(reach: Reach, deed: Deed, action: str) -> Form:
    return Form(
        name=deed.name,
        title=wording.word(deed.title),
        action=action,
        controls=controls(reach, deed.fields, deed.held),
        key=str(uuid.uuid4()),
        icon=deed.icon,
        is_main=deed.is_main,
        note=deed.note,
        has_file=any(one.kind == "photo" for one in deed.fields),
        extra=deed.extra,
        one_tap=deed.one_tap,
    )


Page = Sheet | Listing
Draw = Callable[[], tuple[Page, Sequence[Deed]]]


def shown(request: HttpRequest, page: Page, status: int = 200) -> HttpResponse:
    """A sheet or a list as a page."""
    name = "sheet" if isinstance(page, Sheet) else "listing"
    context = {"page": page, "now_us": clock().now_us()}
    return render(request, f"console/register/{name}.html", context, status=status)


def posted(
    request: HttpRequest, draw: Draw, reach: Reach, opened: Sequence[Opened] = ()
) -> HttpResponse:
    """Do what a form says and go back; a refused form comes back with every fault in its place.

    opened  what the page tells about: it comes back opened, which is a view like any other
    """
    page, deeds = draw()
    deed = next((one for one in deeds if one.name == request.POST.get("act", "")), None)
    try:
        onward = done(request, reach, deed)
    except BadInputError as error:
        if deed is None:
            raise Http404 from None
        log_rows(reach, opened, "form")
        return _refused(request, page, deed, error)
    except FORBIDDEN:
        return render(request, "console/forbidden.html", status=403)
    except TAKEN as error:
        return _taken(request, error)
    return redirect(onward or (page.here if isinstance(page, Sheet) else request.path))


def done(request: HttpRequest, reach: Reach, deed: Deed | None) -> str:
    """Where the page goes after a deed, done once for a form's key; "" = back.

    deed  None = it is not offered: 404, unless this very form did it before
    """
    key = request.POST.get("key", "")
    if not 0 < len(key) <= MOST_KEY:
        raise bad("key", key, f"the form's own key, 1 to {MOST_KEY} characters")

    def do() -> dict[str, Any]:
        if deed is None:
            if done_before(reach.person_id, key, named(request)) is None:
                raise Http404
            return {"onward": ""}
        said = values_of(request, reach, deed.scenario, deed.fields, deed.key_id)
        by = By(reach.person_id, "page", key)
        made = deed.do(by, {**deed.whole(said), **_files(request, deed)})
        return {"onward": deed.leads_to.format(made)}

    answer = do() if request.FILES else once(request, key, do)  # a file's bytes are no digest
    return str(answer["onward"])


def named(request: HttpRequest) -> set[int]:
    """The things whose ids stand in the address that was asked."""
    place = request.resolver_match
    texts = map(str, place.kwargs.values()) if place is not None else ()
    return {int(text) for text in texts if text.isascii() and text.isdigit()}


def _files(request: HttpRequest, deed: Deed) -> dict[str, bytes]:
    """What a deed that takes a file gets of it: its bytes, nothing where none was chosen."""
    if not deed.accept:
        return {}
    names = [one.name for one in deed.fields if one.kind == "photo"]
    sent = {name: request.FILES.get(PREFIX + name) for name in names}
    return {name: file.read() if file is not None else b"" for name, file in sent.items()}


def _refused(request: HttpRequest, page: Page, deed: Deed, error: BadInputError) -> HttpResponse:
    """The page again, the form open, with what was typed."""
    for form in page.forms:
        if form.name == deed.name and form.extra == deed.extra:
            form.opens = True
            form.faults = refilled(form.controls, request, error.faults, deed.scenario)
    return shown(request, page, 422)


def _taken(request: HttpRequest, error: Exception) -> HttpResponse:
    by, at_us = getattr(error, "by", None), getattr(error, "at_us", None)
    person_id = int(by) if isinstance(by, int) else None
    context = {
        "who": People(keys(), [person_id]).name(person_id) if person_id else "",
        "at_us": at_us,
        "state_word": case_words.STATES.get(getattr(error, "state", ""), ""),
        "back": request.path.removesuffix("act"),
    }
    return render(request, "console/register/taken.html", context, status=409)
