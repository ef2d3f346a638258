"""规则试算 / Trying a rule: choose, change, run in the background, look; it publishes nothing."""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from bihuan.base.errors import BadInputError, bad
from bihuan.base.time import DAY_US
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.tuning import shown, words
from bihuan.console.tuning.known import versions
from bihuan.console.tuning.models import Trial
from bihuan.console.tuning.pages import given, seeing
from bihuan.console.visit import person_of, signed_in
from bihuan.journal.storage import MAIN
from bihuan.journal.wake import wake
from bihuan.register.models import Area, Subject
from bihuan.rules.backtest import changed
from bihuan.rules.overrides.projectors import day_us
from bihuan.rules.plot import Day, every_day, per_day_svg
from bihuan.rules.rule import Rule

MOST_WAITING = 5  # of one person
DAYS = ("from", "to")


@signed_in
def try_rule(request: HttpRequest, scenario: str, rule: str) -> HttpResponse:
    """The form; sent, a trial waits for its turn."""
    newest = _editing(request, scenario, rule)
    if request.method != "POST":
        return _form(request, scenario, newest)
    try:
        trial = _asked(request, scenario, newest)
    except BadInputError as error:
        text = "；".join(
            f"{words.word_of(f.field.split('.')[-1])}: {f.got} → {f.want}" for f in error.faults
        )
        return _form(request, scenario, newest, text, 422)
    if trial is None:
        return _form(request, scenario, newest, _("还有试算没有完成，请等一等"), 429)
    wake()
    return redirect("trial", trial_id=trial.id)


@signed_in
def trial_page(request: HttpRequest, trial_id: int) -> HttpResponse:
    """How far a trial is, or what it found. One's own only."""
    trial = Trial.objects.filter(id=trial_id, person_id=person_of(request)).first()
    if trial is None:
        raise Http404
    newest = _editing(request, trial.scenario, trial.rule)
    settings: list[str] = json.loads(trial.settings)
    context: dict[str, Any] = {
        "now_us": clock().now_us(),
        "trial": trial,
        "rule": newest,
        "title": shown.title_of(newest),
        "words": words.describe(newest, dict(one.split("=", 1) for one in settings)),
        "present": words.describe(newest, newest.parameters),
        "settings": [tuple(one.split("=", 1)) for one in settings],
    }
    context["key"] = secrets.token_hex(8)
    if trial.state == "done":
        context |= _result(json.loads(trial.result), context["title"])
        context["county"] = Area.objects.using(MAIN).filter(level="county").first()
    return render(request, "console/trial.html", context)


def _editing(request: HttpRequest, scenario: str, rule: str) -> Rule:
    """The rule in its newest version; 404 to who may not set limits of it."""
    if not seeing(request, scenario).paths(scenario, "tune"):
        raise Http404
    return versions(scenario, rule)[0]


def _form(
    request: HttpRequest, scenario: str, rule: Rule, fault: str = "", status: int = 200
) -> HttpResponse:
    mine = Trial.objects.filter(person_id=person_of(request), scenario=scenario, rule=rule.id)
    context = {
        "now_us": clock().now_us(),
        "scenario": scenario,
        "rule": rule,
        "title": shown.title_of(rule),
        "parameters": words.rows_of(rule),
        "trials": list(mine.order_by("-id")[:10]),
        "fault": fault,
        "typed": request.POST,
    }
    return render(request, "console/try.html", context, status=status)


def _asked(request: HttpRequest, scenario: str, rule: Rule) -> Trial | None:
    """The trial that is asked for; None while enough of the person's wait already."""
    settings = [f"{name}={value}" for name, value in given(request, rule).items()]
    changed(rule, settings)  # refuses what is no parameter of the rule
    span = [_day(request.POST.get(name, ""), name) for name in DAYS]
    if not settings:
        raise bad("parameters", _("没有改动"), _("至少改一项"))
    if span[0] is not None and span[1] is not None and span[0] > span[1]:
        raise bad("to", request.POST["to"], _("不早于起始日"))
    me = person_of(request)
    if Trial.objects.filter(person_id=me, state__in=("queued", "running")).count() >= MOST_WAITING:
        return None
    return Trial.objects.create(
        person_id=me,
        scenario=scenario,
        rule=rule.id,
        settings=json.dumps(settings),
        from_us=span[0],
        to_us=None if span[1] is None else span[1] + DAY_US,
        made_us=clock().now_us(),
    )


def _day(text: str, field: str) -> int | None:
    if not text:
        return None
    try:
        return day_us(text)
    except ValueError as error:
        raise bad(field, text, "YYYY-MM-DD") from error


def _result(found: dict[str, Any], title: str) -> dict[str, Any]:
    """What a trial found, with persons masked; ids of the lists are read at once."""
    ids = {one[0] for name in ("people", "missed", "spared") for one in found[name]}
    subjects = Subject.objects.using(MAIN).in_bulk(ids)
    people = People(keys(), {subject.person_id for subject in subjects.values()})

    def who(subject_id: int) -> str:
        subject = subjects.get(subject_id)
        if subject is not None and subject.name is not None:
            return subject.name
        return people.masked(subject.person_id if subject else None)

    days = [Day(day, before, after) for day, before, after in found["days"]]
    picture = per_day_svg(days, title, (_("现行"), _("试算")))
    return {
        "result": found,
        "picture": mark_safe(picture),  # noqa: S308 - made here; its texts are escaped
        "days": every_day(days),
        "people": [(who(one[0]), one[1], one[2], one[2] - one[1]) for one in found["people"]],
        "missed": [(who(one[0]), one[1]) for one in found["missed"]],
        "spared": [(who(one[0]), one[1]) for one in found["spared"]],
    }
