"""The gateway's process: every protocol's port, HTTP, MQTT, spools that it pulls from."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from django.conf import settings

from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.http.server import HttpServer
from bihuan.gateway.intake import Intake
from bihuan.gateway.orders import Orders
from bihuan.gateway.take import Desk
from bihuan.gateway.tcp import TcpServer
from bihuan.gateway.udp import UdpServer
from bihuan.gateway.variants import options_of, read_variants
from bihuan.gateway.worker import StoreWorker
from bihuan.wiring.beats import Beat
from bihuan.wiring.mqtt import hear_mqtt
from bihuan.wiring.processes import clock, key_ring
from bihuan.wiring.request_status import status_of
from bihuan.wiring.spools import pull_spools

BEAT_S: Final = 1.0
# so soon the loop that answers devices has its turn beside the storing thread
SWITCH_S: Final = 0.001
Told = Callable[[dict[str, int]], None]


def run_gateway(host: str, ports: dict[str, int], told: Told) -> None:
    """Listen for every protocol in `ports` (0 = any free port) until asked to stop.

    told  is called with the bound ports as soon as all listen
    """
    sys.setswitchinterval(SWITCH_S)
    guarded, keys = clock(), key_ring()
    worker = StoreWorker(Intake(guarded, keys))
    orders = Orders(worker, guarded, keys)
    desk = Desk(worker, guarded, options_of(read_variants(settings.BIHUAN_DATA)), orders)
    http = HttpServer(worker, guarded, keys, status_of)
    worker.start()
    with hear_mqtt(worker, guarded, settings.BIHUAN_DATA / "run"), pull_spools(guarded, keys):
        asyncio.run(_serve(host, ports, told, desk, http))
    worker.stop()


class DeviceServers:
    """The ports of the device protocols, over TCP and, where a protocol has it, UDP."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._servers: list[TcpServer | UdpServer] = []

    async def start(self, host: str, ports: dict[str, int]) -> dict[str, int]:
        """Listen; the ports that were bound. UDP has the same number as TCP."""
        bound = {}
        for name, wanted in ports.items():
            tcp = TcpServer(PROTOCOLS[name], self._desk)
            bound[name] = await tcp.start(host, wanted)
            self._servers.append(tcp)
            if "udp" in PROTOCOLS[name].transports:
                udp = UdpServer(PROTOCOLS[name], self._desk)
                await udp.start(host, bound[name])
                self._servers.append(udp)
        return bound

    async def stop(self) -> None:
        for server in self._servers:
            await server.stop()


def stop_asked() -> asyncio.Event:
    """Set by SIGTERM and SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    return stopped


async def _serve(
    host: str, ports: dict[str, int], told: Told, desk: Desk, http: HttpServer
) -> None:
    stopped, beat = stop_asked(), Beat("gateway")
    servers = DeviceServers(desk)
    bound = await servers.start(host, ports)
    if settings.BIHUAN_INTAKE_PORT:
        bound["http"] = await http.start(host, int(settings.BIHUAN_INTAKE_PORT))
    assert desk.orders is not None
    ordering = asyncio.create_task(desk.orders.run())
    told(bound)
    while not stopped.is_set():
        beat.tick()
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), BEAT_S)
    beat.end()
    ordering.cancel()
    await http.stop()
    await servers.stop()
