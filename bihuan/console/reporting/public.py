"""数据公开 / public figures: what people reported and what became of it, and the public figures.

The whole county, no place below it, no name, no text. A count that could point to somebody is
left out, and so is whatever would let it be worked out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.base.time import DAY_US
from bihuan.console.figures.shown import word
from bihuan.console.home import clock
from bihuan.console.register.wording import scenario_title
from bihuan.console.reporting.public_figures import figures
from bihuan.console.reporting.rule import PublicRule, rule_at
from bihuan.console.shown import kind_word
from bihuan.console.visit import unkept
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case
from bihuan.loop.scenario import installed


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of matter. None: not published, because the count, or one beside it, is small.

    A reopened or open matter is in hand; no reply is never counted as solved.
    """

    scenario: str
    kind: str
    received: int | None
    in_hand: int | None
    solved: int | None
    no_reply: int | None
    other: int | None


def lines(now_us: int) -> list[Line]:
    """Matters that came within the rule's days, by scenario and kind, most matters first."""
    rule = rule_at(now_us)
    since_us = now_us - rule.days * DAY_US
    found = Case.objects.using(MAIN).filter(
        cause="matter", opened_us__gte=since_us, is_sealed=False, scenario__in=installed()
    )
    closed = Q(state="closed")
    counted = found.values("scenario", "kind").annotate(
        received=Count("id"),
        in_hand=Count("id", filter=~closed),
        solved=Count("id", filter=closed & Q(outcome="confirmed")),
        no_reply=Count("id", filter=closed & Q(outcome="no_reply")),
    )
    ordered = counted.order_by("-received", "scenario", "kind")
    return [_line(rule, one) for one in ordered]


def _line(rule: PublicRule, counts: Mapping[str, Any]) -> Line:
    scenario, kind = counts["scenario"], counts["kind"]
    parts = [counts["in_hand"], counts["solved"], counts["no_reply"]]
    parts.append(counts["received"] - sum(parts))
    if counts["received"] < rule.fewest:
        return Line(scenario, kind, *[None] * 5)
    if any(0 < part < rule.fewest for part in parts):
        # the total less the others would tell the small one
        return Line(scenario, kind, counts["received"], *[None] * 4)
    return Line(scenario, kind, counts["received"], *parts)


@unkept
def open_figures(request: HttpRequest) -> HttpResponse:
    """The page: no account, nothing to fill in."""
    now_us = clock().now_us()
    rule = rule_at(now_us)
    shown = [
        {"line": one, "scenario": scenario_title(one.scenario),
         "kind": kind_word(one.scenario, one.kind)}
        for one in lines(now_us)
    ]  # fmt: skip
    context = {
        "lines": shown,
        "now_us": now_us,
        "days": rule.days,
        "small": rule.fewest,
        "rule": rule,
        "rule_source": word(rule.source),
        "rule_region": word(rule.region),
        "figures": figures(now_us),
    }
    return render(request, "console/open_figures.html", context)
