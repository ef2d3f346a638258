"""A county as its pages show it: people with sign-ins, phones on the screen, a band with a key.

All of it is invented. 上坝村 lies beside 石桥村: its secretary is an official like any other, and
no case of 石桥村 is any business of his. 任世平 has a sign-in and no right to anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

import bihuan.console.urls  # noqa: F401 - what the pages grant is granted before a test begins
from bihuan.base.time import MovableClock, datetime_of
from bihuan.console import accounts, home
from bihuan.console.phone import phone_token
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN
from bihuan.gateway.intake import Intake
from bihuan.gateway.simulate import SOS_BIT, alarm_frame
from bihuan.journal import county as journal_county
from bihuan.journal.models import VIEWS_LANE, Entry
from bihuan.journal.payloads import decode
from bihuan.loop.channels import ScreenChannel, phone_seen
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.engine import Engine
from bihuan.loop.models import Delivery
from bihuan.register.acts import Registrar
from bihuan.register.entries import Mode
from bihuan.scenarios import load
from tests.county import People, World

BAND = "9900000001"
HERE = (30.1032, 119.2051)
ELDER, ELDER_LATIN = "王桂兰", "Wang Guilan"
ELDER_PHONE, DAUGHTER_PHONE = "0990 4000 0001", "0990 5000 0001"
ADDRESS = "石桥村 3 组 12 号"
PASSWORD = "qinghe-2026-long"
ROLES = ("command", "town", "village", "family", "neighbour", "stranger")
MAY_SEE = ("command", "town", "village", "family")
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
OUTLINE = [(0.0, 0.0), (60.0, 0.0), (60.0, 40.0), (0.0, 40.0), (0.0, 0.0)]
BACKEND = "django.contrib.auth.backends.ModelBackend"


class Place(World):
    """The county: `hold_key()` is the band, `client("village")` a browser that is signed in."""

    def __init__(self, clock: MovableClock, mode: Mode = "demo") -> None:
        load()
        journal_county.create("青禾县", clock, lanes=4)
        self.wall, self.keys = clock, home.keys()
        self.clock = home.clock()
        self.registrar = Registrar(self.clock, self.keys)
        self.registrar.county("青禾县", "Qinghe", mode)
        self.people = self._people()
        self.neighbour = self._official("许德厚", "Xu Dehou", "village_duty", self._beside)
        self.engine = Engine(self.clock)
        self.is_dispatching = True
        self.dispatcher: Dispatcher = Dispatcher(
            self.clock, {"screen": ScreenChannel()}, "dispatcher-1"
        )
        self.on = {*self.people.everybody, self.neighbour} - {self.people.elder}
        self._frames = 0
        self._second: int | None = None

    def _official(self, name: str, latin: str, role: str, area: int) -> int:
        person = self.registrar.person(name, latin, "0990 3000 0001", ["screen"])
        self.registrar.post(person, role, area)
        return person

    def _people(self) -> People:
        add = self.registrar
        county = add.area("990100", ("青禾县", "Qinghe"), "county", None, OUTLINE)
        town = add.area("990100008", ("青石镇", "Qingshi"), "town", county, OUTLINE)
        village = add.area("990100008202", ("石桥村", "Shiqiao"), "village", town)
        self._beside = add.area("990100008201", ("上坝村", "Shangba"), "village", town)
        elder = add.person(ELDER, ELDER_LATIN, ELDER_PHONE)
        subject = add.subject("elder_care", "elder", elder, village, ADDRESS)
        daughter = add.person("王晓燕", "Wang Xiaoyan", DAUGHTER_PHONE, ["screen"])
        add.contact(subject, daughter, "daughter", 0)
        device = add.adopt("watch", BAND)
        add.bind(device, subject)
        return People(
            county=county,
            town=town,
            village=village,
            elder=elder,
            daughter=daughter,
            secretary=self._official("沈文启", "Shen Wenqi", "village_duty", village),
            town_officer=self._official("刘芳", "Liu Fang", "town_duty", town),
            commander=self._official("何晓梅", "He Xiaomei", "county_command", county),
            stranger=add.person("任世平", "Ren Shiping", "0990 6000 0001", ["screen"]),
            subject=subject,
            device=device,
        )

    def person(self, role: str) -> int:
        """The person behind a sign-in."""
        people = self.people
        return {
            "command": people.commander,
            "town": people.town_officer,
            "village": people.secretary,
            "family": people.daughter,
            "neighbour": self.neighbour,
            "stranger": people.stranger,
        }[role]

    def second(self) -> int:
        """Another of the county command, for what takes two; made when first asked for."""
        if self._second is None:
            county = self.people.county
            self._second = self._official("梁志军", "Liang Zhijun", "county_command", county)
        return self._second

    def user(self, role: str) -> User:
        """The sign-in of a role, made when first asked for."""
        if not User.objects.filter(username=role).exists():
            person = self.second() if role == "second" else self.person(role)
            accounts.create(role, PASSWORD, person)
        return User.objects.get(username=role)

    def client(self, role: str = "", language: str = "zh-hans") -> Client:
        """A browser; without a role nobody is signed in."""
        client = Client()
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        if role:
            client.force_login(self.user(role), backend=BACKEND)
        return client

    def phone(self, role: str) -> str:
        """The address of a person's phone on the screen."""
        return f"/phone/{phone_token(self.person(role))}/"

    def settle(self) -> None:
        for person_id in self.on:
            phone_seen(person_id, self.clock.now_us())
        super().settle()

    def hold_key(self) -> int:
        """The band's key is held: a real frame, decoded, stored and decided; the case's id."""
        self._frames += 1
        now_us = self.clock.now_us()
        frame = alarm_frame(BAND, f"{self._frames:04X}", HERE, (SOS_BIT,), now_us)
        decoded = PROTOCOLS["watch"].decoder(PLAIN).decode(frame, datetime_of(now_us))
        Intake(self.clock, self.keys).store([Arrival("watch", frame, decoded, now_us)])
        self.settle()
        return self.case.id

    def reported(self) -> int:
        """A case whose secretary went there and says so; the family is being asked."""
        case_id = self.hold_key()
        self.do("take", self.people.secretary)
        self.do("report", self.people.secretary, text="到家中，人没事")
        self.settle()
        return case_id

    def call_of(self, role: str, purpose: str = "call") -> Delivery:
        """The newest message to a person."""
        sent = Delivery.objects.filter(person_id=self.person(role), purpose=purpose)
        return sent.order_by("-id")[0]

    def views(self) -> list[tuple[int, int]]:
        """(case, who) of every view that the views lane records, oldest first."""
        found = Entry.objects.filter(lane=VIEWS_LANE, type="case.viewed.v2").order_by("position")
        said = [decode(entry.type, bytes(entry.body or b"")) for entry in found]
        return [(one.case_id, one.by) for one in said]  # type: ignore[attr-defined]  # CaseViewed

    def bring_cast(self, folder: Path) -> None:
        """What the demo leaves for its page: bands, and phones that ring."""
        role = ["家属", "Family"]
        phone = {"name": "王晓燕", "latin": "Wang Xiaoyan", "role": role}
        band = {"number": BAND, "wearer": ELDER, "latin": ELDER_LATIN}
        scenario = {"bands": [band], "phones": [{"person_id": self.people.daughter, **phone}]}
        (folder / "demo-cast.json").write_text(json.dumps({"scenarios": {"elder_care": scenario}}))


Made = Callable[[Mode], Place]
