"""`serve` and its parts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bihuan.base.time import DAY_US, SystemClock, datetime_of
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.loop.models import Case
from bihuan.wiring import demo as demos
from bihuan.wiring import demo_mqtt, processes, spool_gateway, supervise
from bihuan.wiring import gateway as device_gateway
from bihuan.wiring import simulator as simulation
from bihuan.wiring import watchdog as watching
from bihuan.wiring.boot import open_data, wait_for_databases
from bihuan.wiring.commands.output import say
from bihuan.wiring.spool_gateway import Place
from bihuan.wiring.spools import host_and_port

HostOption = Annotated[str, typer.Option(help="Address to listen on.")]
PortOption = Annotated[int, typer.Option(help="Port of the pages; a free one where it is taken.")]
MqttPortOption = Annotated[int, typer.Option(help="Port of MQTT.")]
ListenOption = Annotated[
    list[str] | None, typer.Option(help="protocol=port, several times; 0 = a free port.")
]
SpoolOption = Annotated[
    Path | None, typer.Option(help="Keep what comes in this folder, and hand it over to a core.")
]
HandoverOption = Annotated[str, typer.Option(help="With --spool: where the core dials, host:port.")]
CoreOption = Annotated[
    str | None, typer.Option(help="With --spool: dial the core there instead, host:port.")
]


def listen_ports(listen: list[str] | None) -> dict[str, int]:
    """`watch=5093` and so on; without any, every protocol on its usual port."""
    if not listen:
        return {
            name: protocol.port
            for name, protocol in PROTOCOLS.items()
            if "tcp" in protocol.transports
        }
    ports = {}
    for word in listen:
        name, _, number = word.partition("=")
        if name not in PROTOCOLS or not number.isdigit() or int(number) > 65535:
            want = f"protocol=port with a protocol of {', '.join(PROTOCOLS)}"
            raise typer.BadParameter(f"listen: got {word}, want {want}")
        ports[name] = int(number)
    return ports


def serve(
    host: HostOption = "127.0.0.1", port: PortOption = 8000, listen: ListenOption = None
) -> None:
    """Run gateway, engine and web under one supervisor."""
    data = _opened()
    ports = supervise.choose_ports(host, port, listen_ports(listen))
    scheme = "https" if _certificate(data) else "http"
    say(f"{scheme}://{ports.host}:{ports.web}/")
    for name, number in ports.devices.items():
        say(f"{name}: {ports.host}:{number}")
    supervise.serve(data, ports)


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="Play the stories in compressed time and end.")
    ] = False,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    speed: Annotated[float, typer.Option(help="How many times faster bands report.")] = 1.0,
) -> None:
    """Make the demo county 青禾县 if there is none, and run it live."""
    if speed <= 0:
        raise typer.BadParameter(f"speed: got {speed}, want more than 0")
    data = open_data()
    if once:
        yesterday = datetime_of(SystemClock().now_us() - DAY_US)
        played = demos.tell(data, processes.key_ring(), yesterday)
        say(f"{played} stories played; {Case.objects.count()} cases, all entries in {data.name}")
        return
    cast = demos.make(data, SystemClock(), processes.key_ring())
    ports = supervise.choose_ports(host, port, listen_ports(None))
    simulators = supervise.Part("simulator", ["simulator", f"--speed={speed}"])
    address = f"http://{ports.host}:{ports.web}/"
    say(f"演示 / demo: {address}  bands and phones: {address}demo/")
    say(f"password of every sign-in: {cast.password}")
    for username, _person in demos.sign_ins(cast):
        say(f"  {username}")
    supervise.serve(data, ports, [*demo_mqtt.prepare(data, host), simulators])


def simulator(speed: float = 1.0) -> None:
    """Simulate the demo's devices; one of the parts of `demo`."""
    data = open_data()
    cast = demos.make(data, SystemClock(), processes.key_ring())
    simulation.run(data, cast, speed)


def broker(host: HostOption = "127.0.0.1", port: MqttPortOption = 1883) -> None:
    """Be the demo's MQTT broker; one of the parts of `demo`."""
    demo_mqtt.run_broker(host, port, open_data())


def engine() -> None:
    """Decide, call and tick; one of the parts of `serve`."""
    _opened()
    processes.run_engine()


def rules() -> None:
    """Judge readings by the scenarios' rules; one of the parts of `serve`."""
    _opened()
    processes.run_rules()


def keeper() -> None:
    """Finish erasures, sign heads, archive; one of the parts of `serve`."""
    _opened()
    processes.run_keeper()


def watchdog() -> None:
    """Notice what stands still, and tell who is outside; one of the parts of `serve`."""
    _opened()
    watching.run()


def gateway(
    host: HostOption = "127.0.0.1",
    listen: ListenOption = None,
    spool: SpoolOption = None,
    handover: HandoverOption = "0.0.0.0:5999",
    core: CoreOption = None,
) -> None:
    """Listen for devices; one of the parts of `serve`. With --spool: alone in an internet zone."""

    def told(ports: dict[str, int]) -> None:
        for name, number in ports.items():
            say(f"{name}: {host}:{number}")

    ports = listen_ports(listen)
    if spool is None:
        _opened()
        device_gateway.run_gateway(host, ports, told)
        return
    at = host_and_port("core", core) if core else host_and_port("handover", handover)
    spool_gateway.run_spool(host, ports, told, Place(spool, at, is_dialling=core is not None))


def web(host: HostOption = "127.0.0.1", port: PortOption = 8000) -> None:
    """Serve pages and API; one of the parts of `serve`."""
    processes.run_web(host, port, _certificate(_opened()))


def _opened() -> Path:
    """The data folder of a part that goes on running, once its databases answer."""
    wait_for_databases()
    return open_data()


def _certificate(data: Path) -> tuple[Path, Path] | None:
    """Certificate and key that `tls init` made; None where there is none."""
    certificate, key = data / "tls" / "site.crt", data / "tls" / "site.key"
    return (certificate, key) if certificate.exists() and key.exists() else None


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (
        demo,
        serve,
        engine,
        rules,
        keeper,
        watchdog,
        gateway,
        web,
        simulator,
        broker,
    ):
        app.command()(command)
