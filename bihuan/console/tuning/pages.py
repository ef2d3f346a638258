"""告警规则 / Rules: the list, one rule's page, and setting limits on it."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError, bad
from bihuan.base.time import CHINA, us_of
from bihuan.console.entries import OverrideViewed
from bihuan.console.home import clock, keys
from bihuan.console.shown import area_name, is_english
from bihuan.console.tuning import shown, words
from bihuan.console.tuning.judged import verdicts
from bihuan.console.tuning.known import declared, rights_of, subjects_within, versions
from bihuan.console.visit import person_of, signed_in, whole_or_404
from bihuan.journal.append import Appender
from bihuan.journal.models import VIEWS_LANE
from bihuan.journal.storage import MAIN
from bihuan.loop.scenario import installed
from bihuan.register.models import Area, Subject
from bihuan.register.records.doing import By
from bihuan.register.refusals import ForbiddenError, TakenError
from bihuan.register.rights import Rights
from bihuan.rules.overrides.acts import Limits, NewLimit, NewOverride, parameters_of
from bihuan.rules.overrides.models import SubjectOverride
from bihuan.rules.projectors import version_key
from bihuan.rules.rule import Rule


@signed_in
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule of the scenarios whose subjects the person may see."""
    rights = rights_of(person_of(request), clock().now_us())
    every = {
        name: {rule.id: rule for rule in sorted(found, key=lambda one: one.version)}
        for name, found in declared().items()
        if rights.paths(name, "see")
    }
    if not every:
        raise Http404
    counted: dict[tuple[str, str], int] = {}
    for name in every:
        counted |= shown.going_on(subjects_within(rights, name, "see").values("id"))
    newest = [(name, rule) for name, found in every.items() for rule in found.values()]
    holding = shown.in_force(newest)
    groups: dict[str, list[shown.ShownRule]] = {}
    for name, rule in newest:
        title = installed()[name].title[1 if is_english() else 0]
        line = shown.ShownRule(
            name,
            rule,
            shown.title_of(rule),
            shown.kind_title(rule),
            words.describe(rule, rule.parameters),
            counted.get((name, rule.id), 0),
            version_key(name, rule.id, rule.version) in holding,
        )
        groups.setdefault(title, []).append(line)
    return render(request, "console/rules.html", {"groups": groups, "now_us": clock().now_us()})


@signed_in
def rule_page(request: HttpRequest, scenario: str, rule: str) -> HttpResponse:
    """One rule: its words, source, versions, limits, state per subject, last findings."""
    return page_of(request, scenario, rule)


def page_of(
    request: HttpRequest, scenario: str, rule: str, fault: str = "", status: int = 200
) -> HttpResponse:
    """The rule's page, with what was wrong with a form that was sent."""
    now_us = clock().now_us()
    rights = seeing(request, scenario)
    every = versions(scenario, rule)
    newest = every[0]
    page = shown.RulePage(
        scenario, newest, list(subjects_within(rights, scenario, "see")), keys(), now_us
    )
    holding = shown.in_force([(scenario, one) for one in every])
    context = {
        "now_us": now_us,
        "scenario": scenario,
        "scenario_title": installed()[scenario].title[1 if is_english() else 0],
        "rule": newest,
        "title": shown.title_of(newest),
        "kind": shown.kind_title(newest),
        "meaning": words.meaning(newest),
        "channel": words.channel_word(newest.channel),
        "unit": words.UNITS.get(newest.unit, newest.unit),
        "parameters": words.rows_of(newest),
        "late": words.length(newest.late),
        "versions": [(one, version_key(scenario, one.id, one.version) in holding) for one in every],
        "page": page,
        "states": page.states(),
        "last": page.last(),
        "overrides": page.overrides(),
        "limits": page.limits(),
        "verdicts": verdicts(scenario, rule),
        "may_edit": bool(rights.paths(scenario, "tune")),
        "editable": _editable(rights, scenario, page),
        "areas": _areas(rights, scenario),
        "fault": fault,
        "typed": request.POST,
        "key": secrets.token_hex(8),
    }
    return render(request, "console/rule.html", context, status=status)


@signed_in
@require_POST
def override(request: HttpRequest, scenario: str, rule: str) -> HttpResponse:
    """Set a person's own limits."""
    said = request.POST

    def act(limits: Limits, by: By) -> None:
        new = NewOverride(
            scenario,
            rule,
            whole_or_404(said.get("subject", "")),
            given(request, versions(scenario, rule)[0]),
            versions(scenario, rule)[0].unit,
            said.get("reason", ""),
            until_us(said.get("until", "")),
        )
        limits.override(new, by)

    return _acted(request, scenario, rule, act)


@signed_in
@require_POST
def override_end(request: HttpRequest, scenario: str, rule: str, override_id: int) -> HttpResponse:
    """End a person's own limits before their time."""

    def act(limits: Limits, by: By) -> None:
        limits.end_override(override_id, request.POST.get("reason", ""), by)

    return _acted(request, scenario, rule, act)


@signed_in
@require_POST
def limit(request: HttpRequest, scenario: str, rule: str) -> HttpResponse:
    """Set a region's own figure."""
    said = request.POST

    def act(limits: Limits, by: By) -> None:
        new = NewLimit(
            scenario,
            rule,
            whole_or_404(said.get("area", "")),
            given(request, versions(scenario, rule)[0]),
            versions(scenario, rule)[0].unit,
            said.get("source", ""),
            said.get("effective_from", ""),
        )
        limits.set_limit(new, by)

    return _acted(request, scenario, rule, act)


@signed_in
@require_POST
def reasons(request: HttpRequest, scenario: str, rule: str, override_id: int) -> HttpResponse:
    """Why a person's limits are other: opened by who may set them, and each opening is recorded."""
    rights = seeing(request, scenario)
    newest = versions(scenario, rule)[0]
    row = (
        SubjectOverride.objects.using(MAIN)
        .filter(id=override_id, scenario=scenario, rule=rule)
        .first()
    )
    subject = None if row is None else _subject(rights, scenario, row.subject_id)
    if row is None or subject is None:
        raise Http404
    with Appender(VIEWS_LANE, clock()) as lane:
        lane.append(
            OverrideViewed(override_id=row.id, subject_id=subject.id, by=person_of(request))
        )
    ring = keys()
    context = {
        "now_us": clock().now_us(),
        "scenario": scenario,
        "rule": newest,
        "title": shown.title_of(newest),
        "row": row,
        "words": words.describe(newest, parameters_of(row)),
        "reason": ring.open(bytes(row.reason)),
        "end_reason": ring.open(bytes(row.end_reason)) if row.end_reason else "",
    }
    return render(request, "console/rule_reason.html", context)


def seeing(request: HttpRequest, scenario: str) -> Rights:
    """The person's rights; 404 where the scenario's subjects are not theirs to see."""
    rights = rights_of(person_of(request), clock().now_us())
    if not rights.paths(scenario, "see"):
        raise Http404
    return rights


def given(request: HttpRequest, rule: Rule) -> dict[str, str | int | float]:
    """The parameters of a form that are other than declared; empty fields are as declared."""
    found: dict[str, str | int | float] = {}
    for name, value in rule.parameters.items():
        typed = request.POST.get(f"p-{name}", "").strip()
        if typed and typed != str(value):
            found[name] = typed
    return found


def _acted(request: HttpRequest, scenario: str, rule: str, act: Any) -> HttpResponse:
    seeing(request, scenario)
    versions(scenario, rule)
    by = By(person_of(request), "page", request.POST.get("key", "")[:64] or secrets.token_hex(8))
    try:
        act(Limits(clock(), keys(), declared()), by)
    except BadInputError as error:
        text = "；".join(f"{words.word_of(f.field)}: {f.got} → {f.want}" for f in error.faults)
        return page_of(request, scenario, rule, text, 422)
    except ForbiddenError as error:
        raise Http404 from error
    except TakenError:
        return page_of(request, scenario, rule, _("已经结束，不用再结束一次"), 409)
    return redirect("rule", scenario=scenario, rule=rule)


def until_us(day: str) -> int:
    """The end of a day in China."""
    try:
        at = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=CHINA)
    except ValueError as error:
        raise bad("until", day or "nothing", "YYYY-MM-DD") from error
    return us_of(at.replace(hour=23, minute=59, second=59))


def _subject(rights: Rights, scenario: str, subject_id: int) -> Subject | None:
    return subjects_within(rights, scenario, "tune").filter(id=subject_id).first()


def _editable(rights: Rights, scenario: str, page: shown.RulePage) -> list[dict[str, Any]]:
    if not rights.paths(scenario, "tune"):
        return []
    mine = set(subjects_within(rights, scenario, "tune").values_list("id", flat=True))
    return [one for one in page.subjects() if one["id"] in mine]


def _areas(rights: Rights, scenario: str) -> list[tuple[int, str]]:
    """Areas whose own figure the person may set: those of the posts, down to the towns."""
    paths = rights.paths(scenario, "tune")
    found = Area.objects.using(MAIN).filter(level__in=("county", "town"), until_us=None)
    return [
        (area.id, area_name(area))
        for area in (found.order_by("path") if paths else ())
        if any(area.path.startswith(path) for path in paths)
    ]
