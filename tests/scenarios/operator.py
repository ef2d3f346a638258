"""Who sits at the machine of a county under test: `found` it, `let_in` people, add `phones` and a
`sender`.

Each runs in a process of its own beside `serve`, as the command line does.
"""

from __future__ import annotations

from typing import Any

from bihuan.base.time import SystemClock
from bihuan.console import accounts
from bihuan.console.access import keys
from bihuan.console.access.keys import Wanted
from bihuan.console.accounts import Desk
from bihuan.console.phone import phone_token
from bihuan.journal import county
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.register.acts import Registrar
from bihuan.register.entries import PersonReachable
from bihuan.register.senders import acts as senders
from bihuan.wiring.boot import open_data
from bihuan.wiring.processes import key_ring


def found(said: dict[str, Any]) -> dict[str, Any]:
    """A live county of one area and one registrar, with that registrar's key."""
    desk = _desk()
    county.create(said["name"], desk.clock, lanes=4)
    registrar = Registrar(desk.clock, desk.keys)
    registrar.county(said["name"], "Qinghe", "live")
    area = registrar.area("990100", (said["name"], "Qinghe"), "county", None)
    keeper = registrar.person("登记员", "Keeper", None)
    registrar.post(keeper, "registrar", area)
    return {"area": area, "keeper": keeper, "key": keys.make(Wanted("set-up", keeper, 1), desk)}


def let_in(said: dict[str, Any]) -> dict[str, str]:
    """A sign-in and a key for each person: {name: key}."""
    desk, people = _desk(), said["people"]
    for name, person in people.items():
        accounts.create(name, said["password"], person, desk)
    return {name: keys.make(Wanted(name, person, 1), desk) for name, person in people.items()}


def phones(said: dict[str, Any]) -> dict[str, str]:
    """An on-screen phone for each person: {name: the token of its page}."""
    desk = _desk()
    with Appender(FACTS_LANE, desk.clock) as lane:
        for person in said["people"].values():
            address = desk.keys.seal(person, "0990 1234 5678")
            lane.append(
                PersonReachable(person_id=person, channel="screen", address=address, rank=0)
            )
    return {name: phone_token(person) for name, person in said["people"].items()}


def sender(said: dict[str, Any]) -> str:
    """The token of one who may send signals, or what `kind` names, of an area's subjects."""
    scope = senders.Scope(kinds=(said.get("kind", "signals"),), areas=(said["area"],))
    return senders.issue("probes", scope, _desk().clock).token


def phone(said: dict[str, Any]) -> dict[str, Any]:
    """Somebody who is reached on a screen in place of a telephone, and the link of that phone."""
    desk = _desk()
    person = Registrar(desk.clock, desk.keys).person(
        said["name"], "Sample", "0990 1234 5678", ["screen"]
    )
    return {"person": person, "token": phone_token(person)}


def _desk() -> Desk:
    open_data()
    return Desk(SystemClock(), key_ring())
