"""A live county set up over the API: places, people, posts, a unit of defence, its table.

All of it is invented: 青禾县 > 青石镇 > 石桥村, 上坝村.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.test import Client

from bihuan.base.time import MovableClock, rfc3339
from bihuan.journal import county as journal_county
from bihuan.loop.callout.models import CallOut
from bihuan.loop.channels import ScreenChannel, phone_seen
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.engine import Engine
from bihuan.loop.models import Case, Delivery
from bihuan.register.acts import Registrar
from bihuan.scenarios import load
from tests.console.signed import keys_of, lane_clock, sign_in

STATION = "青禾县气象台"


@dataclass
class Said:
    """An answer of the API."""

    status: int
    json: Any

    @property
    def id(self) -> int:
        assert self.status == 200, self.json
        return int(self.json["id"])

    @property
    def fields(self) -> list[str]:
        return [fault["field"] for fault in self.json["faults"]]


@dataclass
class Rural:
    """The county; `post("he", …)` is a person's request."""

    wall: MovableClock
    people: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    n: int = 0
    is_over_api: bool = False

    def __post_init__(self) -> None:
        load()
        journal_county.create("青禾县", self.wall, lanes=4)
        self.clock, self.keys = lane_clock(), keys_of()
        add = Registrar(self.clock, self.keys)
        add.county("青禾县", "Qinghe", "live")
        top = add.area("990100", ("青禾县", "Qinghe"), "county", None)
        self.places["county"] = top
        he = add.person("何晓梅", "He Xiaomei", "0990 3000 0001", ["screen"])
        add.post(he, "county_command", top)
        self.people["he"] = he
        self.registrar = add
        self.engine = Engine(self.clock)
        channels = {name: ScreenChannel() for name in ("screen", "voice", "sms")}
        self.dispatcher = Dispatcher(self.clock, channels, "rural")
        self.on: set[int] = {he}
        self._clients: dict[str, Client] = {}

    def client(self, who: str) -> Client:
        if who not in self._clients:
            self._clients[who] = sign_in(who, self.people[who])
        return self._clients[who]

    def post(self, who: str, path: str, **body: Any) -> Said:
        self.n += 1
        answer = self.client(who).post(
            f"/api/v1/{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Idempotency-Key": f"k{self.n}"},
        )
        self.settle()
        return Said(answer.status_code, json.loads(answer.content))

    def get(self, who: str, path: str) -> Said:
        answer = self.client(who).get(f"/api/v1/{path}")
        return Said(answer.status_code, json.loads(answer.content))

    def new(self, who: str, kind: str, **values: Any) -> Said:
        return self.post(who, f"register/ledgers/hazard/{kind}", act="new", values=values)

    def do(self, who: str, row: int, act: str, **values: Any) -> Said:
        return self.post(who, f"register/rows/{row}/acts", act=act, values=values)

    def rows(self, who: str, kind: str, **filters: str) -> list[dict[str, Any]]:
        query = "&".join(f"{name}={text}" for name, text in filters.items())
        found = self.get(who, f"register/ledgers/hazard/{kind}?{query}").json["rows"]
        return sorted(found, key=lambda row: row["id"])

    def thing(self, who: str, row: int) -> dict[str, Any]:
        return dict(self.get(who, f"register/rows/{row}").json["thing"])

    def place(self, name: str, latin: str, level: str, code: str, above: str) -> int:
        if not self.is_over_api:
            made = self.registrar.area(code, (name, latin), level, self.places[above])  # type: ignore[arg-type]
            self.places[latin.lower()] = made
            return made
        values = {
            "code": code, "name": name, "latin": latin, "level": level,
            "parent": self.places[above], "schematic": True,
            "since": rfc3339(self.clock.now_us()),
        }  # fmt: skip
        found = self.post("he", "register/areas", act="register", values=values).id
        self.places[latin.lower()] = found
        return found

    def person(self, key: str, name: str, role: str, place: str) -> int:
        """Somebody in a post, who can be rung."""
        if not self.is_over_api:
            made = self.registrar.person(name, key, "0990 3000 0002", ["screen"])
            if role:
                self.registrar.post(made, role, self.places[place])
            self.people[key] = made
            self.on.add(made)
            return made
        values = {"name": name, "latin": key, "phone": "09903000" + f"{len(self.people):04}",
                  "area": self.places[place]}  # fmt: skip
        found = self.post("he", "register/parties", act="person", values=values).id
        self.people[key] = found
        if role:
            since = rfc3339(self.clock.now_us())
            said = {
                "person": found,
                "role": role,
                "area": self.places[place],
                "since": since,
                "single": False,
                "head": False,
            }
            done = self.post("he", "register/organisations", act="post", values=said)
            assert done.status == 200, done.json
        self.on.add(found)
        return found

    def villages(self) -> None:
        """青石镇 with two villages and who is on duty; a stranger in a village of no part."""
        self.place("青石镇", "Qingshi", "town", "990100008", "county")
        self.place("石桥村", "Shiqiao", "village", "990100008202", "qingshi")
        self.place("上坝村", "Shangba", "village", "990100008201", "qingshi")
        self.person("liu", "刘芳", "town_duty", "qingshi")
        self.person("shen", "沈文启", "village_duty", "shiqiao")
        self.person("xu", "许德厚", "village_duty", "shangba")
        self.person("an", "安之远", "safety_office", "county")
        self.person("keeper", "丁守诚", "site_keeper", "shiqiao")
        self.person("stranger", "任世平", "", "county")

    def settle(self) -> None:
        for person_id in self.on:
            phone_seen(person_id, self.clock.now_us())
        while self.engine.run_once() + self.dispatcher.run_once():
            pass

    def wait(self, *, step_s: int = 60, **parts: float) -> None:
        """Let time pass, and what falls due in it happen."""
        left_s = timedelta(**parts).total_seconds()
        while left_s > 0:
            self.wall.advance(seconds=min(step_s, left_s))
            left_s -= step_s
            self.settle()

    def warned(self, change: str, title: str, about: int | None = None, at: str = "county") -> Said:
        """The duty officer takes down what the station said by phone."""
        return self.post(
            "he",
            "warnings",
            change=change,
            issuer=STATION,
            issued=rfc3339(self.clock.now_us()),
            title=title,
            areas=[self.places[at]],
            text="3小时内降雨量将达100毫米以上。",
            about=about,
        )

    def case(self, kind: str) -> Case:
        return Case.objects.filter(scenario="hazard", kind=kind).order_by("-id")[0]

    def call_out(self) -> CallOut:
        return CallOut.objects.order_by("-id")[0]

    def sent(self, who: str, purpose: str) -> int:
        """How often somebody was rung for this."""
        found = Delivery.objects.filter(person_id=self.people[who], purpose=purpose)
        return found.exclude(channel="sms").count()
