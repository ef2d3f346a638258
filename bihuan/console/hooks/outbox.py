"""The outbox of webhooks: read the journal, queue what a subscriber may know, send it in order.

    gather   entries after each subscription's position become calls, in one transaction
    send     the oldest waiting call of each subscription: leased, sent, told

At least once: a kill between sending and telling sends again, with the same id. A receiver that
does not answer 2xx is tried again after 10 s, 1 min, 5 min, 30 min, 2 h, 6 h, 12 h; after the
eighth failure the subscription ends, with an entry that says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction

from bihuan.base.time import HOUR_US, MINUTE_US, SECOND_US, Clock, rfc3339
from bihuan.console.access.keys import key_at
from bihuan.console.hooks.models import Hook, HookCall
from bihuan.console.hooks.subscribe import end
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.payloads import name_of
from bihuan.journal.project import Recorded, stream_of
from bihuan.journal.read import entries, last_position
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case
from bihuan.loop.providers.carrier import Wire
from bihuan.loop.providers.provider import Request, Secret
from bihuan.loop.providers.sender import LostError, NotSentError, Sender
from bihuan.loop.providers.webhook import signature
from bihuan.loop.rights import cases_for
from bihuan.register.accounts.models import Subscription
from bihuan.register.entries import Actor
from bihuan.register.models import Area, County
from bihuan.register.rights import areas_under

AT_ONCE: Final = 500  # entries looked at in one turn
TIMEOUT_S: Final = 5.0
LEASE_US: Final = MINUTE_US
PAUSES_US: Final = (
    10 * SECOND_US,
    MINUTE_US,
    5 * MINUTE_US,
    30 * MINUTE_US,
    2 * HOUR_US,
    6 * HOUR_US,
    12 * HOUR_US,
)
SYSTEM: Final = Actor(person_id=None, role="system", via="system")


def run_once(clock: Clock, wire: Wire | None = None) -> int:
    """One turn; how many calls were queued or sent. Without a subscription it asks one question."""
    hooks = list(Hook.objects.filter(is_off=False))
    if not hooks:
        return 0
    done = sum(gather(hook, clock) for hook in hooks)
    return done + send(clock, wire or Sender(TIMEOUT_S))


def gather(hook: Hook, clock: Clock) -> int:
    """Queue what happened since the hook's position and may be told; how many calls."""
    if last_position(FACTS_LANE) <= hook.position:
        return 0
    said = Subscription.objects.using(MAIN).filter(id=hook.id).first()
    key = key_at(said.key_id, clock.now_us()) if said else None
    if said is None or key is None:  # revoked or run out: nothing more is told
        end(hook.id, "cancelled", SYSTEM, clock)
        return 0
    read = list(entries(FACTS_LANE, hook.position, AT_ONCE))
    wanted = set(json.loads(said.events))
    found = [(entry, _event(entry)) for entry in read]
    told = [(entry, event) for entry, event in found if event in wanted]
    cases = cases_for(key.rights(clock.now_us()))
    if said.area_id is not None:
        path = Area.objects.using(MAIN).values_list("path", flat=True).get(id=said.area_id)
        cases = cases.filter(area_id__in=areas_under([path]))
    known = cases.in_bulk({_case_id(entry) for entry, _event in told})
    calls = list(_calls(hook, told, known, clock.now_us()))
    with transaction.atomic(using=MAIN):
        moved = Hook.objects.filter(id=hook.id, position=hook.position)
        if not moved.update(position=read[-1].position):  # somebody else gathered meanwhile
            return 0
        HookCall.objects.bulk_create(calls)
    hook.position = read[-1].position
    return len(calls)


def send(clock: Clock, wire: Wire) -> int:
    """Send the oldest waiting call of each subscription; how many were attempted."""
    now_us = clock.now_us()
    waiting = HookCall.objects.select_related("hook").filter(state="waiting", hook__is_off=False)
    oldest: dict[int, HookCall] = {}
    for call in waiting.order_by("position")[:AT_ONCE]:
        oldest.setdefault(call.hook_id, call)
    due = [c for c in oldest.values() if c.due_us <= now_us and c.leased_until_us <= now_us]
    return sum(_send(call, clock, wire) for call in due)


def _send(call: HookCall, clock: Clock, wire: Wire) -> bool:
    now_us = clock.now_us()
    free = HookCall.objects.filter(pk=call.pk, state="waiting", leased_until_us__lte=now_us)
    if not free.update(leased_until_us=now_us + LEASE_US):  # another sender has it
        return False
    try:
        status = wire.send(_request(call, now_us)).status
        told = f"HTTP {status}"
    except (NotSentError, LostError) as error:
        status, told = 0, f"no answer ({error})"
    _tell(call, clock, told, is_taken=200 <= status < 300)
    return True


def _tell(call: HookCall, clock: Clock, told: str, *, is_taken: bool) -> None:
    hook = call.hook
    call.tries, call.told, call.leased_until_us = call.tries + 1, told[:120], 0
    hook.failed = 0 if is_taken else hook.failed + 1
    if is_taken:
        call.state = "sent"
    elif call.tries <= len(PAUSES_US):
        call.due_us = clock.now_us() + PAUSES_US[call.tries - 1]
    with transaction.atomic(using=MAIN):
        call.save()
        hook.save(update_fields=["failed"])
    if not is_taken and call.tries > len(PAUSES_US):
        end(hook.id, "failed", SYSTEM, clock)


def _request(call: HookCall, now_us: int) -> Request:
    name, body = f"{call.hook_id}-{call.position}", bytes(call.body)
    url = Subscription.objects.using(MAIN).values_list("url", flat=True).get(id=call.hook_id)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Bihuan",
        "Bihuan-Id": name,
        "Bihuan-Event": call.event,
        "Bihuan-Signature": signature(Secret(call.hook.secret), name, body, now_us),
    }
    return Request("POST", url, headers, body)


def _event(entry: Recorded[Any]) -> str:
    return name_of(type(entry.payload)).rsplit(".v", 1)[0]


def _case_id(entry: Recorded[Any]) -> int:
    """The case that an entry is about: the one it opens, or the one it names."""
    stream = stream_of(entry)
    return entry.id() if stream is None else stream


def _calls(
    hook: Hook,
    told: Iterable[tuple[Recorded[Any], str]],
    cases: dict[int, Case],
    now_us: int,
) -> Iterable[HookCall]:
    mode = County.objects.values_list("mode", flat=True).first() or "none"
    for entry, event in told:
        case = cases.get(_case_id(entry))
        if case is not None:
            said = {
                "id": f"{hook.id}-{entry.position}",
                "event": event,
                "at": rfc3339(entry.recorded_us),
                "mode": mode,
                "case": _case(case),
            }
            yield HookCall(
                hook=hook,
                position=entry.position,
                event=event,
                body=json.dumps(said, ensure_ascii=False).encode(),
                due_us=now_us,
            )


def _case(case: Case) -> dict[str, Any]:
    """A case without a person: who wants to know more asks the API, which logs the view."""
    return {
        "id": case.id,
        "scenario": case.scenario,
        "kind": case.kind,
        "state": case.state,
        "severity": case.severity,
        "outcome": case.outcome,
        "area_path": case.area_path,
        "opened": rfc3339(case.opened_us),
        "is_late": case.is_late,
    }
