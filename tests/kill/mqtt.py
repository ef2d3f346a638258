"""Kill the gateway while a broker delivers to it; after the last kill, count what the journal has.

    python -m tests.kill.mqtt KILLS SEED MOST_SECONDS

The real mosquitto of docs/mqtt.md, a publisher that waits for each of the broker's answers, and a
gateway process (a fork, Django loaded once) that is killed by its id at a moment drawn from the
seed: while it connects, while it stores, between commit and PUBACK. Prints one JSON object; exit 1
where a message is missing, or stands twice though it carries its own time.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

import django
from django.conf import settings
from django.db import connections

LONGEST_S = 0.3
DRAIN_S = 60.0
SYSTEMS = ("zigbee2mqtt", "tasmota")
NUMBERS = {"zigbee2mqtt": "probe", "tasmota": "cold-1"}


def main(kills: int, seed: int, most_s: float) -> dict[str, object]:
    """Run until so many kills or seconds are over; what was counted and every fault."""
    from tests.gateway.mosquitto import Mosquitto  # noqa: PLC0415 - needs Django's settings
    from tests.gateway.stored import stored  # noqa: PLC0415
    from tests.kill import mqtt_gateway  # noqa: F401, PLC0415 - loaded once, before the forks

    rng = random.Random(seed)
    _settle()
    broker = Mosquitto(settings.BIHUAN_DATA / "mosquitto")
    broker.start()
    _gateway(broker.port, broker.ca, lives_s=1.0)  # the broker knows the session from here on
    publisher = _publisher(broker.port, broker.ca)
    started, killed = time.monotonic(), 0
    try:
        while killed < kills and time.monotonic() - started < most_s:
            _gateway(broker.port, broker.ca, lives_s=rng.uniform(0.02, LONGEST_S))
            killed += 1
    finally:
        publisher.terminate()
        sent, _ = publisher.communicate(timeout=30)
    drained = _gateway(broker.port, broker.ca, lives_s=DRAIN_S, ends_idle=True)
    broker.stop()
    wanted = {name: int(count) for name, count in json.loads(sent).items()}
    rows = Counter((one.device, round(one.value * 1000)) for one in stored("air_temperature"))
    counted = {name: _count(rows, NUMBERS[name], wanted[name]) for name in SYSTEMS}
    faults = [f"{n}: {c['missing']} missing" for n, c in counted.items() if c["missing"]]
    twice = counted["zigbee2mqtt"]["twice"]
    faults += [f"zigbee2mqtt: {twice} twice, though each has its own time"] if twice else []
    faults += [] if drained else ["the broker's queue was not empty after the last start"]
    ran_s = round(time.monotonic() - started, 1)
    return {"seed": seed, "kills": killed, "seconds": ran_s, "messages": counted, "faults": faults}


def _count(rows: Counter[tuple[str, int]], device: str, sent: int) -> dict[str, int]:
    found = [rows[device, n] for n in range(sent)]
    return {"sent": sent, "missing": found.count(0), "twice": sum(n > 1 for n in found)}


def _settle() -> None:
    from bihuan.base.time import MovableClock  # noqa: PLC0415
    from bihuan.journal.append import Appender  # noqa: PLC0415
    from bihuan.journal.county import create  # noqa: PLC0415
    from bihuan.journal.keys import KeyRing  # noqa: PLC0415
    from bihuan.register.entries import DeviceAdopted, DeviceBound  # noqa: PLC0415
    from bihuan.wiring.boot import open_data  # noqa: PLC0415
    from tests.county import Registrar, settle_people  # noqa: PLC0415

    keys = KeyRing(open_data() / "keys.db")
    still = MovableClock(datetime.fromisoformat("2026-03-02T00:00:00+00:00"))
    create("青禾县", still, lanes=4)
    with Appender(0, still) as lane:
        people = settle_people(Registrar(lane, keys))
        for protocol, number in NUMBERS.items():
            device = lane.append(DeviceAdopted(protocol=protocol, number=number, model=None)).id()
            lane.append(DeviceBound(device_id=device, subject_id=people.subject))
    connections.close_all()


def _gateway(port: int, ca: Path, *, lives_s: float, ends_idle: bool = False) -> bool:
    """Fork a gateway and kill it after so long; whether it said that nothing was left to do."""
    from tests.gateway.mosquitto import pause  # noqa: PLC0415 - as above

    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ours)
        _live(port, ca, theirs)
    os.close(theirs)
    until, is_idle = time.monotonic() + lives_s, False
    while time.monotonic() < until and not (is_idle and ends_idle):
        pause(min(0.01, max(0.0, until - time.monotonic())))
        if ends_idle and not is_idle:
            is_idle = bool(select.select([ours], [], [], 0.1)[0]) and os.read(ours, 1) == b"i"
    os.kill(pid, signal.SIGKILL)
    _pid, status = os.waitpid(pid, 0)
    os.close(ours)
    for left in (settings.BIHUAN_DATA / "run").glob(f"*-{pid}.sock"):
        left.unlink()
    if not os.WIFSIGNALED(status):
        raise RuntimeError("the gateway ended by itself, before it was killed")
    return is_idle


def _live(port: int, ca: Path, says: int) -> None:
    """The child's whole life; it never returns to the parent's code."""
    from tests.kill import mqtt_gateway  # noqa: PLC0415

    try:
        mqtt_gateway.run(port, ca, says, SYSTEMS)
    finally:
        os._exit(3)


def _publisher(port: int, ca: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.kill.mqtt", "publish", str(port), str(ca)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def publish(port: int, ca: Path) -> None:
    """Publish numbered readings until SIGTERM, then say how many the broker took."""
    from bihuan.base.time import SystemClock, rfc3339  # noqa: PLC0415
    from tests.gateway.mosquitto import Device, pause  # noqa: PLC0415 - the publisher needs no Django

    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
    bridge = Device(port, ca, "zigbee-bridge", "z-secret")
    gauge = Device(port, ca, "cold-1", "c-secret")
    clock, n = SystemClock(), 0
    while not asked:
        seen = rfc3339(clock.now_us())
        bridge.publish(
            "zigbee2mqtt/probe", json.dumps({"temperature": n / 1000, "last_seen": seen})
        )
        said = {"DS18B20": {"Temperature": n / 1000}, "TempUnit": "C"}  # no time: as of its receipt
        gauge.publish("tele/cold-1/SENSOR", json.dumps(said))
        n += 1
        pause(0.01)  # at most 100 of each a second: a backlog that a gateway can work off
    sys.stdout.write(json.dumps({"zigbee2mqtt": n, "tasmota": n}))
    bridge.close()
    gauge.close()


if __name__ == "__main__":
    if sys.argv[1] == "publish":
        publish(int(sys.argv[2]), Path(sys.argv[3]))
        sys.exit()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.wiring.settings")
    Path(os.environ["BIHUAN_DATA"]).mkdir(parents=True, exist_ok=True)
    django.setup()
    result = main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    sys.stdout.write(json.dumps(result) + "\n")
    sys.exit(1 if result["faults"] else 0)
