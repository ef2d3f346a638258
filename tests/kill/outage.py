"""The parts of `serve` as processes of their own, for an outage of their database.

python -m tests.kill.outage parts    founds a county, then forks engine, rules, keeper, watchdog
                                     and gateway; prints a line each for what a test needs, and
                                     one for a part that ended before it was asked to
python -m tests.kill.outage judge    the faults of the frames on stdin, and of all else

Django is loaded once. Engine and gateway go by a clock that runs 60 times as fast: 5 s without a
database are 300 s of the county.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import django
from django.conf import settings
from django.db import connections

SPEED = 60
CORE = [f"120817800{n}" for n in range(4)]  # bands that speak to the core's gateway
ZONE = [f"120817801{n}" for n in range(2)]  # bands that speak to the spool


def say(name: str, words: object) -> None:
    sys.stdout.write(f"{name} {words}\n")
    sys.stdout.flush()


def found() -> str:
    """A county whose elders wear these bands; the API key of the village secretary."""
    from bihuan.base.time import SystemClock  # noqa: PLC0415 - needs Django's settings
    from bihuan.console.access.keys import Wanted, make  # noqa: PLC0415
    from bihuan.console.accounts import Desk  # noqa: PLC0415
    from bihuan.journal import county  # noqa: PLC0415
    from bihuan.journal.append import Appender  # noqa: PLC0415
    from bihuan.journal.keys import KeyRing  # noqa: PLC0415
    from bihuan.wiring.boot import open_data  # noqa: PLC0415
    from tests.county import Registrar, settle_people  # noqa: PLC0415

    clock, keys = SystemClock(), KeyRing(open_data() / "keys.db")
    county.create("青禾县", clock, lanes=4)
    with Appender(0, clock) as lane:
        registrar = Registrar(lane, keys)
        people = settle_people(registrar)
        for number in (*CORE, *ZONE):
            subject = registrar.subject(people.elder, people.village)
            registrar.contact(subject, people.daughter)
            registrar.device(subject, number)
    return make(Wanted("outage", people.secretary, 30), Desk.here())


def parts() -> None:
    """Run until asked to end; exit 0 where every part ended well and none before its time."""
    from bihuan.base.time import SystemClock  # noqa: PLC0415 - needs Django's settings
    from bihuan.wiring import gateway, processes, watchdog  # noqa: PLC0415
    from tests.gateway.mosquitto import pause  # noqa: PLC0415
    from tests.kill.child import FastClock, PhoneLog  # noqa: PLC0415

    class Trusted(FastClock):
        """As the engine asks its guarded clock; at this speed a pause would look like a jump."""

        is_held = False

        def confirm(self) -> None:
            """Nothing was in doubt."""

    say("key", found())
    connections.close_all()
    clock = Trusted(SystemClock().now_us(), time.monotonic_ns(), SPEED)
    for module in (processes, gateway):
        module.clock = lambda: clock  # type: ignore[attr-defined]  # the parts' own door
    processes.CHANNELS["phone"] = PhoneLog(settings.BIHUAN_DATA / "phone.log")
    begun: dict[str, Callable[[], None]] = {
        "engine": processes.run_engine,
        "rules": processes.run_rules,
        "keeper": processes.run_keeper,
        "watchdog": watchdog.run,
        "gateway": lambda: gateway.run_gateway(
            "127.0.0.1", {"watch": 0}, lambda bound: say("watch", bound["watch"])
        ),
    }
    alive = {_forked(run): name for name, run in begun.items()}
    stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_of: stop.append(1))
    while not stop:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid:
            say("ended", f"{alive.pop(pid)} with {status}")
            break
        pause(0.1)
    for pid in alive:
        os.kill(pid, signal.SIGTERM)
    badly = [name for pid, name in alive.items() if os.waitpid(pid, 0)[1]]
    for name in badly:
        say("ended", f"{name} badly when it was asked to")
    sys.exit(1 if badly or len(alive) < len(begun) else 0)


def _forked(run: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        run()
        os._exit(0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        raise
    finally:
        os._exit(3)


def judge() -> list[str]:
    """Everything that is not as it must be once it is over."""
    from bihuan.journal.models import Entry  # noqa: PLC0415 - needs Django's settings
    from bihuan.journal.verify import verify  # noqa: PLC0415
    from bihuan.loop.models import Case, Delivery  # noqa: PLC0415
    from bihuan.wiring.boot import open_data  # noqa: PLC0415
    from tests.kill import checks  # noqa: PLC0415
    from tests.kill.frames import frame  # noqa: PLC0415

    open_data()
    told = json.load(sys.stdin)
    sent = [frame(n, band, is_sos=sos, has_index=True) for n, band, sos in told["sent"]]
    acked = [one for one in sent if one.n in set(told["acked"])]
    pressed = {one.band for one in sent if one.is_sos}
    cases = Case.objects.count()
    undecided = Entry.objects.filter(type__in=("signal.undecided.v1", "finding.undecided.v1"))
    unknown = Delivery.objects.filter(state="unknown").count()
    return [
        *checks.frame_faults(sent, acked),
        *checks.delivery_faults(settings.BIHUAN_DATA / "phone.log"),
        *checks.case_faults(),
        *step_faults(),
        *([f"{cases} cases of {len(pressed)} elders"] if cases != len(pressed) else []),
        *(f"undecided: {entry.position}" for entry in undecided),
        *([f"{unknown} messages of which nothing is known"] if unknown else []),
        *(f"chain: {lane.broken}" for lane in verify() if lane.broken is not None),
        *checks.rebuild_faults(),
    ]


def step_faults() -> Iterator[str]:
    """No storm: each step was called no sooner than its wait after the first call of the last."""
    from bihuan.base.time import SECOND_US  # noqa: PLC0415 - needs Django's settings
    from bihuan.loop.models import Delivery, Pursuit, Step  # noqa: PLC0415

    climbed = 0
    for pursuit in Pursuit.objects.all():
        calls = Delivery.objects.filter(pursuit_id=pursuit.id, purpose="call")
        first: dict[int, int] = {}
        for step, at_us in calls.order_by("attempted_us").values_list("step", "attempted_us"):
            if at_us is not None:
                first.setdefault(step, at_us)
        waits = dict(Step.objects.filter(pursuit_id=pursuit.id).values_list("n", "wait_s"))
        for before, after in zip(sorted(first), sorted(first)[1:], strict=False):
            climbed += 1
            passed_s = (first[after] - first[before]) / SECOND_US
            if passed_s < waits[before]:
                yield f"step {after} of {pursuit.id}: {passed_s:.0f} s after step {before}"
    if not climbed:
        yield "no ladder was climbed: this run says nothing about storms"


def _main(words: list[str]) -> Any:
    if words == ["parts"]:
        parts()
    faults = judge()
    sys.stdout.write(json.dumps(faults) + "\n")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.wiring.settings")
    django.setup()
    _main(sys.argv[1:])
