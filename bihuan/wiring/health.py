"""`/health` for people and load balancers, `/metrics` for Prometheus: no names, no places.

Both count; neither opens a case. `/metrics` answers only who knows BIHUAN_METRICS_TOKEN.
"""

from __future__ import annotations

import hmac
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bihuan.base.time import SECOND_US, SystemClock
from bihuan.console.home import clock
from bihuan.journal.away import FAILED
from bihuan.journal.models import FACTS_LANE, Head
from bihuan.journal.storage import MAIN
from bihuan.loop.watch.models import Notice
from bihuan.wiring import beats, lags

PART_MISSING_S = 15.0


def health(request: HttpRequest) -> JsonResponse:
    """200 where everything moves, else 503 with what does not."""
    try:
        said = _state()
    except FAILED:
        said = {"status": "fault", "database": "away", "silent_parts": _silent()}
    return JsonResponse(said, status=200 if said["status"] == "ok" else 503)


def _state() -> dict[str, Any]:
    now_us = clock().now_us()
    head = Head.objects.using(MAIN).filter(lane=FACTS_LANE).first()
    stages, counts = lags.stages(now_us), lags.counts(now_us)
    silent = _silent()
    stalled = [stage.name for stage in stages if stage.is_stalled]
    is_ok = head is not None and not (silent or stalled or counts["parked"])
    return {
        "status": "ok" if is_ok else "fault",
        "database": "answers",
        "position": head.position if head else None,
        "stalled": stalled,
        "silent_parts": silent,
        "stages": {
            s.name: {"waiting": s.waiting, "oldest_s": round(s.oldest_s, 3)} for s in stages
        },
        **counts,
    }


def _parts() -> dict[str, beats.Seen]:
    return beats.seen(SystemClock())


def _silent() -> list[str]:
    return [name for name, seen in _parts().items() if seen.ago_s > PART_MISSING_S]


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text; 404 for whoever does not bring the token, and where none is set."""
    token: str = settings.BIHUAN_METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise Http404
    registry = CollectorRegistry()
    alive = Gauge(
        "bihuan_part_seen_seconds",
        "How long ago a part said that it lives",
        ["part"],
        registry=registry,
    )
    for name, seen in _parts().items():
        alive.labels(name).set(seen.ago_s)
    answers = Gauge("bihuan_database_up", "Whether the database answers", registry=registry)
    counted = CollectorRegistry()
    try:
        _count(counted)
        answers.set(1)
    except FAILED:  # what was counted before it went would be half of the truth
        answers.set(0)
        counted = CollectorRegistry()
    text = generate_latest(registry) + generate_latest(counted)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _count(registry: CollectorRegistry) -> None:
    now_us = clock().now_us()
    waiting = Gauge(
        "bihuan_waiting", "What waits in front of a stage", ["stage"], registry=registry
    )
    oldest = Gauge(
        "bihuan_oldest_seconds", "Since when the oldest waits", ["stage"], registry=registry
    )
    for stage in lags.stages(now_us):
        waiting.labels(stage.name).set(stage.waiting)
        oldest.labels(stage.name).set(stage.oldest_s)
    for name, count in lags.counts(now_us).items():
        Gauge(f"bihuan_{name}", name.replace("_", " "), registry=registry).set(count)
    position = Gauge("bihuan_lane_position", "End of a lane", ["lane"], registry=registry)
    recorded = Gauge(
        "bihuan_lane_recorded_seconds", "Since its newest entry", ["lane"], registry=registry
    )
    heads = {h.lane: h for alias in settings.DATABASES for h in Head.objects.using(alias)}
    for lane, head in sorted(heads.items()):
        position.labels(lane).set(head.position)
        recorded.labels(lane).set((now_us - head.recorded_us) / SECOND_US)
    notices = Gauge("bihuan_notices", "Faults of the platform that last", registry=registry)
    notices.set(Notice.objects.using(MAIN).filter(settled_us=None).count())
