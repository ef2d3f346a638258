"""How far a test press came: read from the same rows by which a real one is followed."""

from __future__ import annotations

from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.payloads import decode
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case, Delivery, DeliveryFact, Pursuit
from bihuan.loop.pathtest.entries import PathProved, Stage
from bihuan.loop.pathtest.models import PathProbe, PathRun
from bihuan.loop.pathtest.playbook import CHANNEL, PATH
from bihuan.register.entries import SignalReceived

MOST_SIGNALS = 500  # of everybody, within the minute that a run may take


def reached(run: PathRun) -> tuple[Stage, PathProved | None]:
    """The first stage that the press has not reached; at the end what proves the whole path."""
    probe = PathProbe.objects.using(MAIN).get(id=1)
    signal = _signal(run, probe)
    if signal is None:
        return "stored", None
    pursuit = _pursuit(probe, signal[1])
    if pursuit is None:
        return "opened", None
    calls = Delivery.objects.using(MAIN).filter(case_id=pursuit.case_id, pursuit_id=pursuit.id)
    calls = calls.filter(channel=CHANNEL)
    call = calls.order_by("-id").first()
    if call is None or call.attempted_us is None:
        return "called", None
    facts = DeliveryFact.objects.using(MAIN).filter(delivery_id=call.id, fact="delivered")
    told = facts.order_by("id").first()
    if told is None:
        return "delivered", None
    return "delivered", PathProved(
        run_id=run.id,
        signal=signal[0],
        case_id=pursuit.case_id,
        delivery_id=call.id,
        stored_us=signal[1],
        opened_us=pursuit.begun_us,
        called_us=call.attempted_us,
        delivered_us=told.at_us,
    )


def _signal(run: PathRun, probe: PathProbe) -> tuple[int, int] | None:
    """Position and recorded time of what the gateway stored of the press."""
    lane = Entry.objects.using(MAIN).filter(lane=FACTS_LANE, position__gt=run.position)
    for entry in lane.filter(type="signal.received.v1").order_by("position")[:MOST_SIGNALS]:
        said = decode(entry.type, bytes(entry.body)) if entry.body is not None else None
        if isinstance(said, SignalReceived) and said.device_id == probe.device_id:
            return entry.position, entry.recorded_us
    return None


def _pursuit(probe: PathProbe, since_us: int) -> Pursuit | None:
    """Who is called because of it: in a new case, or in one that an earlier run left open."""
    found = Case.objects.using(MAIN).filter(subject_id=probe.subject_id, playbook=PATH.key)
    case = found.exclude(state="closed").order_by("-id").first()
    if case is None:
        return None
    called = Pursuit.objects.using(MAIN).filter(case_id=case.id, begun_us__gte=since_us)
    return called.order_by("-id").first()
