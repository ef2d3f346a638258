"""反映 / Report: the form of officials, the open form, and "status without calling".

The open pages ask for no account and show nobody's name: a number and a code are all they know.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from bihuan.base.errors import BadInputError, Fault
from bihuan.console import words
from bihuan.console.happened import happened
from bihuan.console.home import clock, keys
from bihuan.console.reporting import limits
from bihuan.console.reporting.kinds import kinds, places
from bihuan.console.reporting.numbers import code_of, is_code
from bihuan.console.shown import kind_word
from bihuan.console.visit import cases_of, person_of, signed_in, unkept
from bihuan.journal.storage import MAIN
from bihuan.loop.act import (
    Command,
    ForbiddenError,
    ParkedError,
    TakenError,
    act_by_code,
    may_by_code,
)
from bihuan.loop.cases.report import Report, report
from bihuan.loop.models import Case, CaseClock, Happening
from bihuan.loop.playbook import playbook_of

MOST_ID = 18
SAYS = ("solved", "not_solved")
# ways in which an official hears of it; "self": it is their own matter
WAYS = {"self": "web", "spoken": "spoken", "phone": "phone", "paper": "paper"}
# what the origin is shown of the way: none of it names anybody
STEPS = {
    *("matter_opened", "accept", "assign", "transfer", "signed_for", "begin", "submit", "pass"),
    *("send_back", "solved", "not_solved", "closed", "reopened", "answered_with_other"),
}
FAULTS = {
    "kind": _("请选一类事情"),
    "area_id": _("请选地点"),
    "text": _("请写明是什么事，2000 字以内"),
    "contact": _("联系方式请在 200 字以内"),
    "read_back": _("请说明是否已复述给反映人听"),
    "origin_id": _("请填登记过的人员编号，或留空"),
    "sealed": _("有反映人才能为其保密"),
    "way": _("请选怎么收到的"),
}


@signed_in
def report_page(request: HttpRequest) -> HttpResponse:
    """An official reports, or writes down what somebody said (代录)."""
    if request.method != "POST":
        return render(request, "console/report.html", _context(request.POST, is_open=False))
    try:
        case_id = _send(_official(request))
    except BadInputError as error:
        return _again(request, error, is_open=False)
    except ForbiddenError:
        return render(request, "console/forbidden.html", status=403)
    if cases_of(request).filter(id=case_id).exists():
        return redirect("case", case_id)
    return _receipt(request, case_id)


@unkept
def open_report(request: HttpRequest) -> HttpResponse:
    """The form for everybody: no account, no name needed; a number and a code in return."""
    if request.method != "POST":
        return render(request, "console/open_report.html", _context(request.POST, is_open=True))
    if limits.is_over(limits.REPORTS, limits.address_of(request)):
        return render(request, "console/too_many.html", status=429)
    try:
        case_id = _send(_anybody(request.POST))
    except BadInputError as error:
        return _again(request, error, is_open=True)
    return _receipt(request, case_id)


@unkept
def status(request: HttpRequest) -> HttpResponse:
    """How a matter stands, for who has its number and its code."""
    said = request.POST if request.method == "POST" else QueryDict()
    context: dict[str, Any] = {"number": said.get("number", ""), "now_us": clock().now_us()}
    if request.method != "POST":
        return render(request, "console/status.html", context)
    number = said.get("number", "").strip()
    is_barred = limits.is_over(limits.LOOKUPS, limits.address_of(request))
    if is_barred or limits.has_too_many(limits.WRONG, number):
        return render(request, "console/too_many.html", status=429)
    case = _meant(number, said.get("code", ""))
    if case is None:
        limits.is_over(limits.WRONG, number)
        return render(request, "console/status.html", {**context, "is_wrong": True}, status=404)
    if (name := said.get("do", "")) in SAYS:
        return _said(request, case, name, said)
    return render(request, "console/status.html", _of_code(case, said, context))


def _of_code(case: Case, said: QueryDict, context: dict[str, Any]) -> dict[str, Any]:
    """The page of a matter for who has its code, with what they may say of it now."""
    says = [name for name in SAYS if may_by_code(case, name)]
    key = said.get("key") or str(uuid.uuid4())
    return {**context, **shown(case), "code": said.get("code", ""), "says": says, "key": key}


def _said(request: HttpRequest, case: Case, name: str, said: QueryDict) -> HttpResponse:
    """Solved or not solved, by who has the code. Said twice it is done once."""
    context: dict[str, Any] = {"number": str(case.id), "now_us": clock().now_us()}
    key = said.get("key", "")[:64]
    command = Command(name, case.id, 0, "code", key, text=said.get("text", ""))
    status = 200
    try:
        act_by_code(command, clock(), keys())
        context["is_said"] = True
    except BadInputError as error:
        context["faults"], status = [str(fault) for fault in error.faults], 422
    except (TakenError, ForbiddenError):  # decided meanwhile: the page shows how it stands
        context["is_late"], status = True, 409
    except ParkedError:
        return render(request, "console/parked.html", status=503)
    case.refresh_from_db()
    if status == 422:
        context["typed"] = said.get("text", "")
    else:
        said = _without(said, "key")
    return render(request, "console/status.html", _of_code(case, said, context), status=status)


def _without(said: QueryDict, name: str) -> QueryDict:
    """A form's values without one of them: what comes next has a key of its own."""
    left = said.copy()
    left.pop(name, None)
    return left


def shown(case: Case) -> dict[str, Any]:
    """What the open page says of a case: states, times, the answer; nobody's name."""
    ring = keys()
    running = CaseClock.objects.using(MAIN).filter(case_id=case.id, state="running", ref=0)
    due = running.exclude(kind="statement").order_by("due_us").values_list("due_us", flat=True)
    lines = Happening.objects.using(MAIN).filter(case_id=case.id).order_by("id")
    declared = {act.name: act for act in playbook_of(case.playbook).acts}
    steps = [
        {"at_us": line.at_us, "word": _step_word(line, case)}
        for line in lines
        if line.kind in STEPS or (line.kind in declared and declared[line.kind].title)
    ]
    told = {line.kind: ring.open(line.text) for line in lines if line.kind == "remedy"}
    if case.outcome == "declined":
        told["reason"] = next((ring.open(x.text) for x in lines if x.kind == "closed"), None)
    is_closed = case.state == "closed"
    return {
        "case": case,
        "what": kind_word(case.scenario, case.kind),
        "state_word": words.OUTCOMES[case.outcome or "confirmed"]
        if is_closed
        else words.STATES[case.state],
        "due_us": due.first(),
        "steps": steps,
        "answer": ring.open(case.answer),
        **told,
    }


def _step_word(line: Happening, case: Case) -> Any:
    if line.kind == "closed" and line.detail in words.OUTCOMES:
        return words.OUTCOMES[line.detail]
    return happened(line.kind, case.playbook, case.cause)


def _meant(number: str, code: str) -> Case | None:
    """The case that number and code name together; of neither alone it is said which was wrong."""
    if not re.fullmatch(rf"[0-9]{{1,{MOST_ID}}}", number) or not is_code(int(number), code):
        return None
    return Case.objects.using(MAIN).filter(id=int(number), cause="matter").first()


def _send(said: Report) -> int:
    return report(said, clock(), keys())


def _official(request: HttpRequest) -> Report:
    said, me = request.POST, person_of(request)
    faults: list[Fault] = []
    way = said.get("way", "")
    if way not in WAYS:
        faults.append(Fault("way", way, " or ".join(WAYS)))
    is_own = way == "self"
    origin = me if is_own else _person(said.get("origin_id", ""), faults)
    read_back = {"yes": True, "no": False}.get(said.get("read_back", ""))
    base = _common(said, faults, is_open=False)
    return Report(
        **base,
        via=WAYS[way],
        origin_id=origin,
        taken_down_by=None if is_own else me,
        is_read_back=None if is_own else read_back,
        is_sealed=said.get("sealed") == "1",
    )


def _anybody(said: QueryDict) -> Report:
    return Report(**_common(said, [], is_open=True), via="web")


def _person(text: str, faults: list[Fault]) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not re.fullmatch(rf"[0-9]{{1,{MOST_ID}}}", text):
        faults.append(Fault("origin_id", text[:40], "a registered person's number, or nothing"))
        return None
    return int(text)


def _common(said: QueryDict, faults: list[Fault], *, is_open: bool) -> dict[str, Any]:
    """What both forms ask for. Raises BadInputError with every fault found so far."""
    kind, area = said.get("kind", ""), said.get("area", "")
    if kind not in {one.name for one in kinds(is_open=is_open)}:
        faults.append(Fault("kind", kind[:40], "a kind of matter that is taken here"))
    if not re.fullmatch(rf"[0-9]{{1,{MOST_ID}}}", area):
        faults.append(Fault("area_id", area[:40], "a place"))
    text = said.get("text", "")
    if not text.strip():
        faults.append(Fault("text", "nothing", "what it is about"))
    if faults:
        raise BadInputError(*faults)
    scenario, _dot, name = kind.partition(".")
    return {
        "scenario": scenario,
        "kind": name,
        "area_id": int(area),
        "text": text,
        "contact": said.get("contact", ""),
        "key": said.get("key", ""),
    }


def _context(said: QueryDict, *, is_open: bool) -> dict[str, Any]:
    return {
        "kinds": kinds(is_open=is_open),
        "places": places(),
        "said": said,
        "key": said.get("key") or str(uuid.uuid4()),
        "ways": [
            ("phone", _("电话里说的")),
            ("spoken", _("当面说的")),
            ("paper", _("书面交来的")),
            ("self", _("我自己反映")),
        ],
    }


def _again(request: HttpRequest, error: BadInputError, *, is_open: bool) -> HttpResponse:
    """The form again, with every fault and what was typed."""
    context = _context(request.POST, is_open=is_open)
    context["faults"] = [FAULTS.get(fault.field, str(fault)) for fault in error.faults]
    context["wrong"] = {fault.field for fault in error.faults}
    page = "console/open_report.html" if is_open else "console/report.html"
    return render(request, page, context, status=422)


def _receipt(request: HttpRequest, case_id: int) -> HttpResponse:
    context = {"number": case_id, "code": code_of(case_id), "now_us": clock().now_us()}
    return render(request, "console/reported.html", context)
