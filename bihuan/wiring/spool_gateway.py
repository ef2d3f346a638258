"""The gateway alone in an internet zone: devices are answered here, the core takes it from here."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from bihuan.base.time import SystemClock
from bihuan.gateway.http.access import Senders
from bihuan.gateway.http.app import IntakeApp
from bihuan.gateway.http.server import AppServer
from bihuan.gateway.spool.ends import End
from bihuan.gateway.spool.hand_over import Bell, Handover
from bihuan.gateway.spool.intake import SpoolIntake
from bihuan.gateway.spool.keys import HeldKeys
from bihuan.gateway.spool.line import made_certificate, made_key
from bihuan.gateway.spool.posting import ZoneRoutes
from bihuan.gateway.spool.store import Spool
from bihuan.gateway.take import Desk
from bihuan.gateway.worker import StoreWorker
from bihuan.wiring.gateway import SWITCH_S, DeviceServers, Told, stop_asked
from bihuan.wiring.mqtt import hear_mqtt
from bihuan.wiring.spools import CERTIFICATE

KEY: Final = "handover.key"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the spool is, and how it meets the core.

    is_dialling  it dials the core at `address`; else it listens there
    """

    folder: Path
    address: tuple[str, int]
    is_dialling: bool


def run_spool(host: str, ports: dict[str, int], told: Told, place: Place) -> None:
    """Keep what comes to `ports` and hand it over, until asked to stop. No database, no county.

    told  is called with the bound ports as soon as all listen; `handover` is one of them
    """
    sys.setswitchinterval(SWITCH_S)
    place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    clock, bell = SystemClock(), Bell()
    spool, held = Spool(place.folder), HeldKeys(place.folder)
    intake = SpoolIntake(spool, bell.ring)
    worker = StoreWorker(intake)
    end = End(Handover(place.folder, bell, clock, held).session, made_key(place.folder / KEY))
    routes = ZoneRoutes(worker, intake, clock)
    posts = AppServer(IntakeApp(routes, Senders(held.in_force, clock), clock))
    worker.start()
    try:
        if place.is_dialling:
            end.dial(place.address)
        else:
            end.listen(place.address, made_certificate(place.folder / CERTIFICATE))
        with hear_mqtt(worker, clock, place.folder):
            asyncio.run(_serve(host, ports, told, Desk(worker, clock), Ways(end, posts)))
    finally:
        end.stop()
        worker.stop()
        spool.close()


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways besides the devices': to the core, and from who posts."""

    end: End
    posts: AppServer


async def _serve(host: str, ports: dict[str, int], told: Told, desk: Desk, ways: Ways) -> None:
    stopped = stop_asked()
    servers = DeviceServers(desk)
    bound = await servers.start(host, ports)
    if settings.BIHUAN_INTAKE_PORT:
        bound["http"] = await ways.posts.start(host, int(settings.BIHUAN_INTAKE_PORT))
    told(bound | ({"handover": ways.end.port} if ways.end.port else {}))
    await stopped.wait()
    await ways.posts.stop()
    await servers.stop()
