"""An empty county, set up over its own API alone: no demo, no people of another scenario."""

from __future__ import annotations

import itertools
import json
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from bihuan.base.time import MovableClock
from bihuan.console import accounts, home
from bihuan.journal import county as journal_county
from bihuan.loop.channels import ScreenChannel, phone_seen
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.engine import Engine
from bihuan.register.acts import Registrar
from bihuan.scenarios import load

PASSWORD = "qinghe-2026-long"
BACKEND = "django.contrib.auth.backends.ModelBackend"
DAY = 86_400_000_000
CODES = ("91990100MA2QHDJ01J", "91990100MA2QHDJ02M", "91990100MA2QHDJ03Q", "91990100MA2QHDJ04U")


class Asked:
    """One signed-in caller of the API; each POST is a new click."""

    _keys = itertools.count()

    def __init__(self, person_id: int) -> None:
        self.person_id, self._client = person_id, Client()
        if not User.objects.filter(username=f"u{person_id}").exists():
            accounts.create(f"u{person_id}", PASSWORD, person_id)
        self._client.force_login(User.objects.get(username=f"u{person_id}"), backend=BACKEND)

    def get(self, path: str, status: int = 200) -> Any:
        found = self._client.get(f"/api/v1/{path}")
        assert found.status_code == status, (path, found.status_code, found.content[:300])
        return found.json() if status == 200 else None

    def page(self, path: str, status: int = 200) -> str:
        found = self._client.get(path)
        assert found.status_code == status, (path, found.status_code)
        return str(found.content.decode())

    def post(self, path: str, body: dict[str, Any], status: int = 200) -> Any:
        found = self._client.post(
            f"/api/v1/{path}",
            json.dumps(body),
            "application/json",
            headers={"Idempotency-Key": f"k{next(self._keys)}"},
        )
        assert found.status_code == status, (path, found.status_code, found.content[:400])
        return found.json() if found.content else None

    def deed(self, path: str, act: str, status: int = 200, /, **values: Any) -> Any:
        said = self.post(path, {"act": act, "values": values}, status)
        return said["id"] if status == 200 else said

    def file(self, kind: str, status: int = 200, /, **values: Any) -> Any:
        return self.deed(f"register/ledgers/chain/{kind}", "new", status, **values)

    def row(self, row_id: int, act: str, status: int = 200, /, **values: Any) -> Any:
        return self.deed(f"register/rows/{row_id}/acts", act, status, **values)

    def case(self, case_id: int, act: str, status: int = 200, /, **said: Any) -> Any:
        own = {name: said.pop(name) for name in ("text", "answer") if name in said}
        body: dict[str, Any] = {"act": act, "fields": said} | own
        return self.post(f"cases/{case_id}/acts", body, status)


class Empty:
    """A live county of one post: whoever keeps its register. Everything else comes by the API."""

    def __init__(self, clock: MovableClock) -> None:
        load()
        self.wall = clock
        journal_county.create("青禾县", clock, lanes=4)
        registrar = Registrar(home.clock(), home.keys())
        registrar.county("青禾县", "Qinghe", "live")
        self.county = registrar.area("990100", ("青禾县", "Qinghe"), "county", None)
        keeper = registrar.person("登记员", "Keeper", None)
        registrar.post(keeper, "registrar", self.county)
        self.keeper = Asked(keeper)
        self.engine = Engine(home.clock())
        self.dispatcher = Dispatcher(home.clock(), {"screen": ScreenChannel()}, "dispatcher-1")
        self.clerk, self.other_clerk = self.official("chain_clerk"), self.official("chain_clerk")
        self.liaison, self.leader = self.official("chain_liaison"), self.official("chain_leader")
        self.stranger = Asked(self._person("陌生人"))
        self.firms: list[int] = []
        self.speakers: list[Asked] = []

    def _person(self, name: str) -> int:
        said = {"name": name, "latin": name, "area": self.county, "phone": "13900001111"}
        return int(self.keeper.deed("register/parties", "person", **said))

    def official(self, role: str) -> Asked:
        person = self._person(f"官{role}")
        since = "2026-01-01T00:00:00+08:00"
        said = {"person": person, "role": role, "area": self.county, "since": since}
        self.keeper.deed("register/organisations", "post", **said, single=False, head=False)
        return Asked(person)

    def firm(self) -> int:
        """One more firm with somebody who speaks for it."""
        n = len(self.firms)
        said = {"kind": "legal_entity", "name": f"示例企业{n}", "latin": f"Sample {n}"}
        party = self.keeper.deed(
            "register/parties", "other", **said, code=CODES[n], area=self.county
        )
        firm = self.clerk.file(
            "firm",
            _who=party,
            _area=self.county,
            industry="autos",
            liaison=self.liaison.person_id,
            liaison_phone="0990 7100 0002",
        )
        speaker = Asked(self._person(f"联系人{n}"))
        self.clerk.row(firm, "contact", person=speaker.person_id, relation="contact", rank=0)
        self.firms.append(firm)
        self.speakers.append(speaker)
        return int(firm)

    def settle(self) -> None:
        for asked in self.speakers:
            phone_seen(asked.person_id, self.wall.now_us())
        while self.engine.run_once() + self.dispatcher.run_once():
            pass

    def appeal(self, firm: int, by: Asked, **more: Any) -> tuple[int, int]:
        """An appeal about aluminium liquid, and its case."""
        said = {"topic": "passage", "goods": "铝液", "quantity": 40, "measure": "吨"}
        said |= {"from_place": "云岭县", "to_place": "青禾县", "days_of_stock": 2}
        said |= {"text": "请放行铝液车", "way": "web", **more}
        row = int(by.file("appeal", _subject=firm, **said))
        self.settle()
        newest = self.clerk.get("cases")["cases"][0]
        return row, int(newest["id"])

    def in_hand(self, case: int, found: str = "find_valid") -> None:
        """Tested, put to the liaison, signed for, begun."""
        passed = {"real": "yes", "necessary": "yes", "urgent": "yes"}
        self.clerk.case(case, found, text="核实过", **passed)
        self.clerk.case(case, "assign", target=f"person:{self.liaison.person_id}")
        self.liaison.case(case, "receive")
        self.liaison.case(case, "begin")
