"""Fork, let it work, kill it, fork the next; after the last, count.

    python -m tests.kill.harness KILLS SEED MOST_SECONDS

Django is loaded once, in the parent; each child is a fork that runs the real thing on the data
folder of BIHUAN_DATA (and the database of BIHUAN_DATABASE). The parent holds no connection and
no thread. Prints one JSON object; exit 1 where something does not hold.
"""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import socket
import sys
import time
from pathlib import Path

import django
import structlog
from django.conf import settings
from django.db import connections

CHILD_DIED = "the process ended by itself, before it was killed"
SPEED = 600  # a tenth of a second is a minute: ladders are climbed, leases run out
SHORT_S, CALL_OUT_S = (0.0, 0.25), (0.5, 3.0)
STARTS_S = 20.0  # on a machine that has other work
BANDS = 6


def main(kills: int, seed: int, most_s: float) -> dict[str, object]:
    """Run until so many kills and as many frames, or seconds, are over; what was counted."""
    from tests.kill import checks, checks_callouts  # noqa: PLC0415 - needs Django's settings
    from tests.kill.child import FastClock  # noqa: PLC0415
    from tests.kill.provider import Provider  # noqa: PLC0415
    from tests.kill.traffic import Traffic  # noqa: PLC0415

    rng = random.Random(seed)
    clock = FastClock(1_772_409_600_000_000, time.monotonic_ns(), SPEED)
    provider = Provider(settings.BIHUAN_DATA / "sms.log")
    bands, people, village, called = found(clock, provider.url)
    traffic = Traffic(bands, people, rng, village)
    traffic.numbers, traffic.commander = dict(called), people[3]
    started = time.monotonic()
    killed, ready = 0, 0
    # a machine with other work answers less in each life: then there are more lives
    while time.monotonic() - started < most_s and (
        killed < kills or len(traffic.acked) <= kills or not traffic.is_of_all_sorts()
    ):
        with Child(clock) as child:
            # one in six is killed while it starts, the others under traffic
            starts_s = rng.uniform(0.002, 0.1) if rng.random() < 1 / 6 else STARTS_S
            # one in four lives long enough for a call-out to be under way in it; more of them
            # where a slow machine left the run without some sort of traffic
            lives_s = CALL_OUT_S if rng.random() < (1 / 4 if killed < kills else 3 / 4) else SHORT_S
            ready += child.work(traffic, starts_s, rng.uniform(*lives_s))
        killed += 1
    drained = drain(traffic, clock)
    ran_s = time.monotonic() - started
    checks_callouts.finish(settings.BIHUAN_DATA, clock)
    provider.close()
    wrong = checks.faults(traffic.sent, traffic.acked, traffic.clicks, settings.BIHUAN_DATA)
    if not drained:
        wrong.append("what was under way was not answered within 30 s of the last start")
    ran = {"seed": seed, "kills": killed, "of_serving_processes": ready, "seconds": round(ran_s, 1)}
    return ran | counted(traffic) | {"entries": last_position(), "faults": wrong[:50]}


def counted(traffic: object) -> dict[str, object]:
    """How much was sent and answered: a run without traffic proves nothing."""
    from tests.kill import checks, checks_callouts  # noqa: PLC0415
    from tests.kill.traffic import Traffic  # noqa: PLC0415

    assert isinstance(traffic, Traffic)
    return {
        "frames_acknowledged": len(traffic.acked),
        "by_protocol": traffic.acknowledged(),
        "twice": checks.twice(traffic.sent),
        "acts_answered": len(traffic.clicks.done),
        "acts_refused": traffic.clicks.refused,
        "acts_busy": traffic.clicks.busy,
        "matters": matters(),
        "call_outs": checks_callouts.counted(traffic.clicks),
    }


def found(
    clock: object, url: str
) -> tuple[list[tuple[str, str]], list[int], int, list[tuple[int, str]]]:
    """A county with elders who wear bands: six of `watch`, one of each other protocol.

    (protocol, number) of each, who clicks, the village, and who is called by text, through the
    provider at this address.
    """
    from bihuan.base.time import MovableClock, datetime_of  # noqa: PLC0415
    from bihuan.journal.append import Appender  # noqa: PLC0415
    from bihuan.journal.county import create  # noqa: PLC0415
    from bihuan.journal.keys import KeyRing  # noqa: PLC0415
    from bihuan.loop.scenario import install  # noqa: PLC0415
    from bihuan.wiring.boot import open_data  # noqa: PLC0415
    from tests.county import Registrar, settle_people  # noqa: PLC0415
    from tests.kill.callouts import set_up_sms, settle_town  # noqa: PLC0415
    from tests.kill.tongues import NUMBERS  # noqa: PLC0415
    from tests.matters import MATTERS  # noqa: PLC0415

    install(MATTERS)
    keys = KeyRing(open_data() / "keys.db")
    still = MovableClock(datetime_of(1_772_409_600_000_000))
    create("青禾县", still, lanes=4)
    bands = [("watch", f"{1208178000 + n}") for n in range(BANDS)] + [*NUMBERS.items()]
    with Appender(0, still) as lane:
        registrar = Registrar(lane, keys)
        people = settle_people(registrar)
        for protocol, number in bands:
            subject = registrar.subject(people.elder, people.village)
            registrar.contact(subject, people.daughter)
            registrar.device(subject, number, protocol)
        called = settle_town(registrar, people.village, keys)
    set_up_sms(url, still)
    connections.close_all()
    who = (people.daughter, people.secretary, people.town_officer, people.commander)
    return bands, [*who, people.stranger], people.village, called


class Child:
    """One fork; killed at the end of the block, by its id."""

    def __init__(self, clock: object) -> None:
        self._clock = clock

    def __enter__(self) -> Child:
        ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            _live(self._clock, theirs)
        theirs.close()
        self.clicks = ours
        return self

    def __exit__(self, *_error: object) -> None:
        os.kill(self.pid, signal.SIGKILL)
        _pid, status = os.waitpid(self.pid, 0)
        self.clicks.close()
        for left in (settings.BIHUAN_DATA / "run").glob(f"*-{self.pid}.sock"):
            left.unlink()  # a thousand dead sockets slow every wake: less traffic, weaker proof
        if not os.WIFSIGNALED(status):
            raise RuntimeError(CHILD_DIED)

    def ports(self, until: float) -> dict[str, int] | None:
        """Where it listens; None where it does not yet at that time (monotonic s)."""
        self.clicks.settimeout(max(until - time.monotonic(), 0.001))
        try:
            told = self.clicks.recv(256)
        except TimeoutError:
            return None
        if not told:
            raise RuntimeError(CHILD_DIED)
        self.clicks.settimeout(None)
        bound: dict[str, int] = json.loads(told)["ports"]
        return bound

    def work(
        self, traffic: object, starts_s: float, seconds: float, *, is_new: bool = True
    ) -> bool:
        """Wait so long until it listens, send it traffic for so long; whether it listened."""
        from tests.kill.traffic import Traffic  # noqa: PLC0415

        assert isinstance(traffic, Traffic)
        ports = self.ports(time.monotonic() + starts_s)
        if ports is None:
            return False
        traffic.begin(ports, self.clicks)
        try:
            traffic.run(time.monotonic() + seconds, is_new=is_new)
        finally:
            traffic.end()
        return True


def _live(clock: object, clicks: socket.socket) -> None:
    """The child's whole life; it never returns to the parent's code."""
    from tests.kill import child  # noqa: PLC0415

    try:
        assert isinstance(clock, child.FastClock)
        child.run(settings.BIHUAN_DATA, clock, clicks)
    finally:
        os._exit(3)


def drain(traffic: object, clock: object) -> bool:
    """A last process answers all that is under way; whether it did."""
    from tests.kill.traffic import Traffic  # noqa: PLC0415

    assert isinstance(traffic, Traffic)
    with Child(clock) as child:
        child.work(traffic, 30, 30, is_new=False)
    return traffic.is_idle()


def matters() -> dict[str, int]:
    """How many matters were reported, and how many acts moved them or stood on them."""
    from bihuan.loop.cases.models import Matter  # noqa: PLC0415
    from bihuan.loop.clocks.models import ClockChange  # noqa: PLC0415
    from bihuan.loop.units.models import Assignment  # noqa: PLC0415

    return {
        "reported": Matter.objects.count(),
        "assigned": Assignment.objects.count(),
        "clock_changes": ClockChange.objects.count(),
    }


def last_position() -> int:
    from bihuan.journal.read import last_position as last  # noqa: PLC0415

    return last(0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.wiring.settings")
    Path(os.environ["BIHUAN_DATA"]).mkdir(parents=True, exist_ok=True)
    django.setup()
    structlog.configure(  # a line a message is no news here; the counts alone go to stdout
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    result = main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    sys.stdout.write(json.dumps(result) + "\n")
    sys.exit(1 if result["faults"] else 0)
