"""The process that is killed: the gateway's MQTT part, on the data that is there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from bihuan.base.time import SystemClock
from bihuan.gateway.intake import Intake
from bihuan.gateway.mqtt_line.address import Address
from bihuan.gateway.mqtt_line.open import Wanted, open_line
from bihuan.gateway.worker import StoreWorker
from bihuan.journal.keys import KeyRing
from tests.gateway.mosquitto import PASSWORDS, pause

QUIET_LOOKS = 25


def run(port: int, ca: Path, says: int, systems: Sequence[str]) -> None:
    """Hear until killed; "i" into `says` once nothing is left to do for half a second."""
    data = settings.BIHUAN_DATA
    worker = StoreWorker(Intake(SystemClock(), KeyRing(data / "keys.db")))
    worker.start()
    secret = PASSWORDS["gateway"]
    at = Address("localhost", port, True, "bihuan-gateway", "gateway", secret, ca)
    line = open_line(Wanted(at, systems), worker, SystemClock(), data / "run")
    line.start()
    looks = 0
    while looks < QUIET_LOOKS:  # looks, not seconds: a busy machine may let one sleep take as long
        looks = looks + 1 if line.is_live and not line.unstored else 0
        pause(0.02)
    os.write(says, b"i")
    pause(3600)
