"""The demo county: made once, then run live with simulated devices, or told in compressed time."""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from pathlib import Path

import msgspec

from bihuan.base.time import Clock, MovableClock
from bihuan.console import accounts
from bihuan.journal import county as counties
from bihuan.journal.keys import KeyRing
from bihuan.loop.models import Case
from bihuan.loop.scenario import Cast, installed
from bihuan.register.acts import Registrar
from bihuan.wiring import demo_county, demo_press, demo_rosters
from bihuan.wiring.story import CompressedStage

CAST_FILE = "demo-cast.json"


class SavedCast(msgspec.Struct, frozen=True):
    """What each scenario's demo brought, for simulators and the demo page."""

    scenarios: dict[str, Cast]
    officials: dict[str, int]
    password: str


def make(data: Path, clock: Clock, keys: KeyRing) -> SavedCast:
    """Make the demo county where there is none; what it holds."""
    path = data / CAST_FILE
    if counties.exists():
        if not path.exists():
            name = counties.opened().county
            raise SystemExit(f"{data}: got the county {name}, want an empty folder for the demo")
        return msgspec.json.decode(path.read_bytes(), type=SavedCast)
    counties.create(demo_county.NAME[0], clock)
    frame = demo_county.populate(Registrar(clock, keys))
    demo_rosters.draw_up(frame, clock)
    scenarios = {
        name: scenario.demo(frame)
        for name, scenario in installed().items()
        if scenario.demo is not None
    }
    demo_press.publish(frame, clock, keys)
    # a letter first: ten digits alone would be refused as a password, once in a hundred demos
    cast = SavedCast(scenarios, frame.officials, f"q{secrets.token_hex(5)}")
    for username, person_id in sign_ins(cast):
        accounts.create(username, cast.password, person_id, accounts.Desk(clock, keys))
    path.write_text(json.dumps(msgspec.to_builtins(cast), ensure_ascii=False))
    return cast


def sign_ins(cast: SavedCast) -> list[tuple[str, int]]:
    """(username, person) of the demo: county, town, village, a daughter, a stranger, and others."""
    phones = [phone for one in cast.scenarios.values() for phone in one.phones]
    kin = next(phone.person_id for phone in phones if phone.role[1] == "Family")
    officials = cast.officials
    return [
        ("county", officials["青禾县"]),
        ("town", officials["青石镇"]),
        ("village", officials["石桥村"]),
        ("family", kin),
        ("stranger", officials["黄泥村"]),
        *((phone.sign_in, phone.person_id) for phone in phones if phone.sign_in),
    ]


def tell(data: Path, keys: KeyRing, begins: datetime) -> int:
    """Make the county and play every story in compressed time; how many were played.

    begins  when the stories begin; a day ago leaves the journal behind the wall clock
    A county that has cases already is left as it is: told twice, a story changes nothing.
    """
    if counties.exists() and Case.objects.exists():
        return 0
    clock = MovableClock(begins)
    cast = make(data, clock, keys)
    played = 0
    for name, scenario in installed().items():
        if scenario.story is not None and name in cast.scenarios:
            scenario.story(CompressedStage(cast.scenarios[name], clock, keys), cast.scenarios[name])
            played += 1
    return played
