"""Call-outs after every kill: nobody called twice for one attempt, none forgotten, every
confirmation kept, every lift told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bihuan.base.time import HOUR_US, MovableClock, datetime_of
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.payloads import decode
from bihuan.journal.read import entries
from bihuan.loop.callout.entries import CallOutOrdered
from bihuan.loop.callout.models import OPEN, OVER, RUNNING, CallOut, CallOutPerson
from bihuan.loop.delivery.accounts import Accounts
from bihuan.loop.delivery.entries import CallbackRefused
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.engine import Engine
from bihuan.loop.entries import DeliveryTold
from bihuan.loop.models import Delivery
from tests.kill.traffic import Clicks

TURNS = 3_000
REFUSED = "callback.refused.v1"
SHOWN = ("superior", "knock", "failed")  # somebody else has them, and the page says so


def finish(data: Path, clock: Any) -> None:
    """What is due is done while time stands still, and again an hour later: leases ran out."""
    from tests.kill.child import PhoneLog  # noqa: PLC0415 - beside its users

    now = clock.now_us()
    for at_us in (now, now + HOUR_US):
        still = MovableClock(datetime_of(at_us))
        engine, keys = Engine(still), KeyRing(data / "keys.db")
        phones = {"phone": PhoneLog(data / "phone.log")}
        dispatcher = Dispatcher(still, phones, f"last-{at_us}", (Accounts(), keys))
        for _turn in range(TURNS):
            done = dispatcher.recover() + engine.run_once() + dispatcher.run_once()
            if not done + dispatcher.settle(5):
                break
        dispatcher.close()


def counted(clicks: Clicks) -> dict[str, int]:
    """How much of it there was: a run without call-outs proves nothing."""
    done = Counter(str(asked["do"]) for asked, _at in clicks.done.values())
    states = Counter(CallOut.objects.values_list("state", flat=True))
    return {
        "ordered": sum(states.values()),
        "superseded": states["superseded"],
        "lifted": states["lifted"],
        "ended": states["ended"],
        "persons": CallOutPerson.objects.count(),
        "called": CallOutPerson.objects.filter(called_us__isnull=False).count(),
        "replies": done["reply"],
        "confirmed": CallOutPerson.objects.filter(state="confirmed").count(),
        "lifts_sent": Delivery.objects.filter(purpose="lift", attempted_us__isnull=False).count(),
    }


def call_out_faults(clicks: Clicks) -> Iterator[str]:
    """Everything of call-outs that is not as it must be, after `finish`."""
    yield from forgotten()
    yield from called_twice()
    yield from lost_replies(clicks)
    yield from lost_ends(clicks)


def forgotten() -> Iterator[str]:
    """Everybody of every order has a row; whoever is open waits for something or shows."""
    for entry in entries(FACTS_LANE):
        said = entry.payload
        if not isinstance(said, CallOutOrdered):
            continue
        call_out = CallOut.objects.get(id=entry.id())
        wanted = {one.person_id for part in said.people for one in part}
        rows = CallOutPerson.objects.filter(call_out_id=call_out.id)
        listed = set(rows.values_list("person_id", flat=True))
        if listed - wanted:
            yield f"call-out {call_out.id}: {len(listed - wanted)} persons nobody ordered"
        if call_out.state in RUNNING and listed != wanted:
            yield f"call-out {call_out.id}: {len(wanted - listed)} of {len(wanted)} forgotten"
        if call_out.state in OVER and rows.filter(state__in=OPEN).exists():
            yield f"call-out {call_out.id}: is over, and people of it are still open"
        if call_out.state in OVER and call_out.is_winding:
            yield f"call-out {call_out.id}: is over, and not wound up"
        if call_out.state in RUNNING:
            yield from silent(call_out)


def silent(call_out: CallOut) -> Iterator[str]:
    """Those of a running order for whom nothing is ahead and whom nobody else has."""
    for row in CallOutPerson.objects.filter(call_out_id=call_out.id, state__in=OPEN):
        queued = Delivery.objects.filter(case_id=row.id, state="queued").exists()
        if row.next_due_us is None and not queued and row.state not in SHOWN:
            yield f"call-out {call_out.id}: {row.id} is {row.state} and waits for nothing"


def called_twice() -> Iterator[str]:
    """One message a person, call and channel; no more calls than the plan has."""
    sent = Delivery.objects.filter(purpose="order", attempted_us__isnull=False)
    calls = Counter(sent.values_list("case_id", "step", "channel"))
    yield from (f"order {key}: called {n} times" for key, n in calls.items() if n > 1)
    for row, n in Counter(case for case, _step, _channel in calls).items():
        if n > 3:
            yield f"call-out person {row}: {n} calls, want 3 at most"


def lost_replies(clicks: Clicks) -> Iterator[str]:
    """A 1 that was answered with 200 stands as confirmed, or is kept as refused; once."""
    by_key = replies()
    for n, (asked, _at) in clicks.done.items():
        if asked["do"] != "reply":
            continue
        said = by_key.get(n)
        if said is None:
            yield f"reply {n}: answered with 200, and in no journal"
        elif isinstance(said, DeliveryTold) and said.fact == "confirmed":
            row = CallOutPerson.objects.get(id=said.case_id)
            if row.state not in ("confirmed", "on_behalf", "stopped"):
                yield f"reply {n}: confirmed, and the person is {row.state}"
        elif not isinstance(said, DeliveryTold | CallbackRefused):
            yield f"reply {n}: kept as {type(said).__name__}"


def replies() -> dict[int, Any]:
    """What was kept of each reply, by the provider's number of it."""
    kept = Entry.objects.filter(lane=FACTS_LANE, type__in=("delivery.told.v1", REFUSED))
    found: dict[int, Any] = {}
    for name, body, idem in kept.values_list("type", "body", "idem"):
        key = bytes(idem or b"").decode()
        if key.startswith("reply:"):
            found[int(key.rsplit(":", 1)[1])] = decode(name, bytes(body or b""))
    return found


def lost_ends(clicks: Clicks) -> Iterator[str]:
    """What was answered is over; a lift went once to whom a call had left for, to no other."""
    for n, (asked, _at) in clicks.done.items():
        want = {"lift_order": "lifted", "end_order": "ended"}.get(str(asked["do"]))
        if want and CallOut.objects.get(id=int(str(asked["order"]))).state != want:
            yield f"click {n}: call-out {asked['order']} is not {want}"
    for call_out in CallOut.objects.filter(state__in=OVER):
        rows = CallOutPerson.objects.filter(call_out_id=call_out.id).values_list("id", flat=True)
        streams = Delivery.objects.filter(case_id__in=list(rows), attempted_us__isnull=False)
        called = set(streams.filter(purpose="order").values_list("case_id", flat=True))
        lifts = Counter(streams.filter(purpose="lift").values_list("case_id", "channel"))
        told = {row for row, _channel in lifts}
        want_told = called if call_out.state == "lifted" else set()
        if told != want_told:
            counts = f"{len(told)} told, want {len(want_told)}"
            yield f"call-out {call_out.id} {call_out.state}: {counts}"
        yield from (f"lift {key}: {times} times" for key, times in lifts.items() if times > 1)
