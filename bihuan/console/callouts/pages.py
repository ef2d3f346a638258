"""叫应台 / Call-out desk: what runs, who has not answered, the paper for a dead network."""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.console.callouts import words
from bihuan.console.callouts.shown import instruction, show
from bihuan.console.callouts.visit import call_out_or_404, log_first, log_names
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.shown import area_name
from bihuan.console.visit import rights_of, signed_in
from bihuan.journal.storage import MAIN
from bihuan.loop.callout import rights
from bihuan.loop.callout.models import RUNNING, CallOut, CallOutSheet
from bihuan.loop.callout.offer import offered
from bihuan.loop.callout.plan import DEFAULT
from bihuan.loop.callout.progress import tallies
from bihuan.loop.callout.sheet import Sheet, digest_of, paper, sheet_of, signed_sheet
from bihuan.loop.warned.words import issuer_of, level_of
from bihuan.register.models import Area
from bihuan.register.rights import Rights
from bihuan.register.warnings.models import OfficialWarning

MOST, MOST_AREAS = 30, 400


@signed_in
def desk(request: HttpRequest) -> HttpResponse:
    """The list of call-outs, and the form that orders one."""
    return render(request, "console/callouts.html", desk_context(request))


def desk_context(request: HttpRequest, form: dict[str, Any] | None = None) -> dict[str, Any]:
    """Everything that the desk shows to this person now. Strangers find nothing here."""
    now_us = clock().now_us()
    mine = rights_of(request)
    found = rights.visible(mine)
    if not mine.paths(rights.CALL_OUT, "see"):
        raise Http404
    rows = list(found.order_by("-id")[:MOST])
    people = People(keys(), (row.ordered_by for row in rows))
    shown = [
        {"row": row, "tally": tallies(row)[0] if row.state in RUNNING else None,
         "state_word": words.ORDERS[row.state], "mode_word": words.MODES[row.mode],
         "by": people.name(row.ordered_by), "title": instruction(row)}
        for row in rows
    ]  # fmt: skip
    supersedes = _superseded(request, rows, mine)
    return {
        "now_us": now_us,
        "running": [one for one in shown if one["tally"] is not None],
        "over": [one for one in shown if one["tally"] is None],
        "may_order": bool(mine.paths(rights.CALL_OUT, "act")),
        "areas": areas_of(mine),
        "roles": [(name, words.role(name)) for name in reversed(DEFAULT.command)],
        "severities": list(words.SEVERITIES.items()),
        "supersedes": supersedes,
        "key": str(uuid.uuid4()),
        "form": form or _blank(supersedes) | _of_warning(request),
    }


def _of_warning(request: HttpRequest) -> dict[str, Any]:
    """The form for an official warning: its issuer's words, which are not typed again."""
    said = request.GET.get("warning", "")
    number = int(said) if said.isascii() and said.isdigit() and len(said) < 19 else 0
    row = OfficialWarning.objects.using(MAIN).filter(id=number).first()
    if row is None or row.state == "message":
        return {}
    return {"warning_id": row.id, "issuer": issuer_of(row), "level": level_of(row), "event": ""}


def _superseded(request: HttpRequest, rows: list[CallOut], mine: Rights) -> CallOut | None:
    said = request.POST.get("supersedes") or request.GET.get("supersedes") or ""
    for row in rows:
        if str(row.id) == said and row.state in RUNNING:
            return row if rights.may(mine, "act", row.area_path) else None
    return None


def _blank(old: CallOut | None) -> dict[str, Any]:
    if old is None:
        return {"roles": ["village_duty"], "severity": "critical", "mode": "live", "wakes": True}
    return {
        "areas": [str(old.area_id)],
        "roles": [role for role in old.roles.split(",") if role],
        "severity": old.severity,
        "mode": old.mode,
        "wakes": old.wakes,
        "event": old.event,
        "issuer": old.issuer,
        "level": old.level,
    }


class Town(NamedTuple):
    """A town and what lies in it, as (id, name); "" for what lies in no town of this person."""

    name: str
    areas: list[tuple[str, str]]


def areas_of(mine: Rights) -> list[Town]:
    """The areas for which this person may order, by town."""
    paths = mine.paths(rights.CALL_OUT, "act")
    levels = ("county", "town", "village")
    found = Area.objects.using(MAIN).filter(until_us=None, level__in=levels).order_by("path")
    inside = [area for area in found if any(area.path.startswith(path) for path in paths)]
    towns = [Town("", [])]
    for area in inside[:MOST_AREAS]:
        if area.level == "town":
            towns.append(Town(area_name(area), []))
        towns[-1].areas.append((str(area.id), area_name(area)))
    return [town for town in towns if town.areas]


@signed_in
def one(request: HttpRequest, call_out_id: int) -> HttpResponse:
    """One call-out. Opening it shows names and numbers, so it is logged."""
    return render(request, "console/callout.html", one_context(request, call_out_id, "page"))


@signed_in
def one_live(request: HttpRequest, call_out_id: int) -> HttpResponse:
    """The part that changes, for an open page."""
    context = one_context(request, call_out_id, "fragment")
    return render(request, "console/callout_live.html", context)


def one_context(
    request: HttpRequest, call_out_id: int, purpose: str, form: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Everything that the page of a call-out shows; the view of its names is logged."""
    call_out, mine = call_out_or_404(request, call_out_id)
    now_us = clock().now_us()
    shown = show(call_out, keys(), now_us)
    log = log_names if purpose == "page" else log_first
    log(request, call_out, len(shown.silent) + len(shown.answered), purpose)
    sheets = CallOutSheet.objects.using(MAIN).filter(call_out_id=call_out.id).order_by("n")
    people = People(keys(), [call_out.ordered_by, call_out.ended_by])
    return {
        "now_us": now_us,
        "shown": shown,
        "call_out": call_out,
        "mode_word": words.MODES[call_out.mode],
        "by": people.name(call_out.ordered_by),
        "ended_by": people.name(call_out.ended_by) if call_out.ended_by else "",
        "may_act": rights.may(mine, "act", call_out.area_path),
        "is_running": call_out.state in RUNNING,
        "sheets": list(sheets.defer("body")),
        "offer": offered(call_out),
        "key": str(uuid.uuid4()),
        "form": form or {},
    }


@signed_in
def paper_list(request: HttpRequest, call_out_id: int) -> HttpResponse:
    """The offline list: names, numbers, households by area, to be printed before it is needed."""
    call_out, _mine = call_out_or_404(request, call_out_id, "export")
    lines = list(paper(call_out))
    log_names(request, call_out, len(lines), "paper")
    people = People(keys(), (line.person_id for line in lines))
    areas = Area.objects.using(MAIN).in_bulk(sorted({line.area_id for line in lines}))
    groups: dict[int, list[dict[str, Any]]] = {}
    for line in lines:
        groups.setdefault(line.area_id, []).append(
            {
                "name": people.name(line.person_id),
                "phone": people.phone(line.person_id),
                "role": words.role(line.role),
                "household": line.household_id or "",
            }
        )
    return render(
        request,
        "console/callout_paper.html",
        {
            "call_out": call_out,
            "now_us": clock().now_us(),
            "groups": [(area_name(areas.get(area)), found) for area, found in groups.items()],
            "total": len(lines),
        },
    )


@signed_in
def sheet_page(request: HttpRequest, call_out_id: int, n: int = 0) -> HttpResponse:
    """叫应情况表: as it stands (n 0), or the n-th one that was signed."""
    call_out, mine = call_out_or_404(request, call_out_id)
    found = CallOutSheet.objects.using(MAIN).filter(call_out_id=call_out.id)
    signed = found.filter(n=n).first() if n else None
    if n and signed is None:
        raise Http404
    sheet = signed_sheet(signed) if signed else sheet_of(call_out, clock().now_us())
    log_names(request, call_out, len(sheet.lines), "sheet")
    context = sheet_context(sheet)
    return render(
        request,
        "console/callout_sheet.html",
        {
            **context,
            "call_out": call_out,
            "now_us": clock().now_us(),
            "signed": signed,
            "signer": People(keys(), [signed.signed_by]).name(signed.signed_by) if signed else "",
            "remark": keys().open(signed.remark) if signed and signed.remark else "",
            "digest": signed.digest if signed else digest_of(sheet),
            "may_sign": signed is None and rights.may(mine, "act", call_out.area_path),
        },
    )


def sheet_context(sheet: Sheet) -> dict[str, Any]:
    """The sheet's lines in words."""
    wanted: set[int | None] = {sheet.ordered_by}
    for line in sheet.lines:
        wanted |= {line.person_id, line.behalf_by, line.door_by}
    people = People(keys(), wanted)
    areas = Area.objects.using(MAIN).in_bulk(sorted({line.area_id for line in sheet.lines}))
    lines = [
        {
            "line": line,
            "name": people.name(line.person_id),
            "role": words.role(line.role),
            "place": area_name(areas.get(line.area_id)),
            "state": words.STATES[line.state],
            "reason": words.REASONS.get(line.reason, line.reason),
            "how": words.HOW.get(line.how or "", ""),
            "by": people.name(line.behalf_by or line.door_by)
            if line.behalf_by or line.door_by
            else "",
        }
        for line in sheet.lines
    ]
    confirmed = sum(line.state == "confirmed" for line in sheet.lines)
    on_behalf = sum(line.state == "on_behalf" for line in sheet.lines)
    return {
        "sheet": sheet,
        "lines": lines,
        "orderer": people.name(sheet.ordered_by),
        "confirmed": confirmed,
        "on_behalf": on_behalf,
        "silent": sheet.total - confirmed - on_behalf,
        "state_word": words.ORDERS[sheet.state],
    }
