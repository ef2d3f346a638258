"""Sheets in and out by pages: upload, look, publish; and take out."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError, Fault
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.register.fault_words import got_word, in_words, want_of
from bihuan.console.shown import is_english
from bihuan.console.visit import person_of, rights_of, signed_in
from bihuan.register.entries import Actor
from bihuan.register.imports.export import Exported, Exporter, Wanted
from bihuan.register.imports.kinds import Kind, edit_paths, kind_of
from bihuan.register.imports.models import Import, Staged
from bihuan.register.imports.publish import publish
from bihuan.register.imports.sheet import MOST_BYTES
from bihuan.register.imports.staging import Desk, counts_of, faults_of
from bihuan.register.rights import Verb

SHOWN_FAULTS = 200


def kind_or_404(request: HttpRequest, name: str, verb: Verb) -> Kind:
    """The kind, where the person may do this with it somewhere; else it is not found."""
    try:
        kind = kind_of(name)
    except BadInputError:
        raise Http404 from None
    mine = rights_of(request)
    if not (edit_paths(mine, kind) if verb == "edit" else mine.paths(kind.scenario, verb)):
        raise Http404
    return kind


def actor(request: HttpRequest, via: str) -> Actor:
    """Who hands in or takes out, in the first role that is held."""
    roles = sorted(rights_of(request).roles())
    return Actor(person_id=person_of(request), role=roles[0] if roles else "", via=via)


def stage(request: HttpRequest, kind: Kind, via: str, told: dict[str, str]) -> Staged:
    """Look at the uploaded file and keep it to be published. Raises BadInputError."""
    file = request.FILES.get("file")
    if file is None or file.size is None or file.size > MOST_BYTES:
        got = "no file" if file is None else f"{file.size} bytes"
        raise BadInputError(Fault("file", got, f"a .xlsx or .csv of at most {MOST_BYTES} bytes"))
    return _desk(request, via).stage(kind.name, file.name or "", file.read(), told)


def _desk(request: HttpRequest, via: str) -> Desk:
    return Desk(clock(), keys(), actor(request, via), rights_of(request))


def staged_or_404(request: HttpRequest, staged_id: int) -> Staged:
    """A file that this person handed in, of a kind that they still may."""
    held = Staged.objects.filter(pk=staged_id, by_id=person_of(request)).first()
    if held is None:
        raise Http404
    kind_or_404(request, held.kind, "edit")
    return held


def take_out(request: HttpRequest, kind: Kind, form: str, via: str) -> Exported:
    """The file of a kind as this person may have it; logged."""
    filters = {n: str(v) for n, v in request.GET.items() if n != "form" and v}
    who = People(keys(), [person_of(request)]).name(person_of(request))
    wanted = Wanted(kind.name, form, filters, who)  # type: ignore[arg-type]  # checked by the exporter
    return Exporter(clock(), keys(), actor(request, via), rights_of(request)).export(wanted)


@signed_in
def sheet_in(request: HttpRequest, kind_name: str) -> HttpResponse:
    """导入: hand in a file of a kind; what was typed stays where it cannot be read."""
    kind, faults, status = kind_or_404(request, kind_name, "edit"), list[Fault](), 200
    if request.method == "POST":
        try:
            staged = stage(request, kind, "page", {})
            return redirect("staged", staged.id)
        except BadInputError as error:
            faults, status = list(error.faults), 422
    columns = [f.title[1 if is_english() else 0] for f in kind.fields]
    title = kind.title[1 if is_english() else 0]
    said = [in_words(one) for one in faults]
    context = {"kind": kind, "title": title, "columns": columns, "faults": said}
    return render(request, "console/sheet_in.html", context, status=status)


@signed_in
def staged_page(request: HttpRequest, staged_id: int) -> HttpResponse:
    """What a file would do, row by row; then publish it, or not."""
    return _staged(request, staged_or_404(request, staged_id), [], 200)


@signed_in
@require_POST
def staged_map(request: HttpRequest, staged_id: int) -> HttpResponse:
    """Look at the file anew with its columns mapped by hand; remembered for the next one."""
    held = staged_or_404(request, staged_id)
    desk = _desk(request, "page")
    told = {
        one.heading: request.POST.get(f"column-{n}", "")
        for n, one in enumerate(desk.columns(held), 1)
    }
    try:
        fresh = desk.stage_again(held, told)
    except BadInputError as error:
        return _staged(request, held, list(error.faults), 422)
    return redirect("staged", fresh.id)


@signed_in
@require_POST
def staged_publish(request: HttpRequest, staged_id: int) -> HttpResponse:
    """Publish all rows, or exactly the good ones."""
    held = staged_or_404(request, staged_id)
    which = request.POST.get("which", "")
    if which not in ("all", "good"):
        raise Http404
    try:
        publish(held.id, which, clock(), actor(request, "page"), rights_of(request))  # type: ignore[arg-type]  # all or good
    except BadInputError as error:
        return _staged(request, held, list(error.faults), 422)
    return redirect("staged", held.id)


def _staged(request: HttpRequest, held: Staged, wrong: list[Fault], status: int) -> HttpResponse:
    kind, counts = kind_of(held.kind), counts_of(held)
    columns = [] if held.import_id else _desk(request, "page").columns(held)
    n, fields = 1 if is_english() else 0, {one.name: one for one in kind.fields}
    done = Import.objects.filter(id=held.import_id).first() if held.import_id else None
    context = {
        "staged": held,
        "title": kind.title[1 if is_english() else 0],
        "counts": counts,
        "faults": [
            one._replace(got=got_word(one.got), want=want_of(one, fields.get(one.field)))
            for one in faults_of(held, keys())[:SHOWN_FAULTS]
        ],
        "left": json.loads(held.left),
        "wrong": [in_words(one) for one in wrong],
        "columns": columns,
        "fields": [(field.name, field.title[n], field.is_required) for field in kind.fields],
        "is_odd": not held.is_readable or any(one.field is None for one in columns),
        "done": done,
        "may_all": held.is_readable and not counts["faulty"] and counts["new"] + counts["changed"],
        "may_good": held.is_readable and counts["faulty"] and counts["new"] + counts["changed"],
        "states": [
            (_("新增"), counts["new"]),
            (_("变更"), counts["changed"]),
            (_("相同"), counts["same"]),
            (_("有误"), counts["faulty"]),
        ],
    }
    return render(request, "console/staged.html", context, status=status)


@signed_in
def sheet_out(request: HttpRequest, kind_name: str) -> HttpResponse:
    """导出: the rows of a kind as a file."""
    kind, form = kind_or_404(request, kind_name, "export"), request.GET.get("form", "xlsx")
    try:
        made = take_out(request, kind, form, "page")
    except BadInputError:
        raise Http404 from None
    return file_response(made)


def file_response(made: Exported) -> HttpResponse:
    """A file to be kept, never shown in the browser."""
    response = HttpResponse(made.content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{made.filename}"'
    return response
