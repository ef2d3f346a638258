"""A live county that is no demo: every process of `serve`, set up over its HTTP API alone.

At the machine the operator does what no API can: makes the county with its first area and whoever
keeps its register, then keys and sign-ins for people whom that keeper registered.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.console.browsing import ENDS_WITHIN_S, free_port, wait_for
from tests.repo.tracked import ROOT

PASSWORD: Final = "qinghe-2026-long"
SINCE: Final = "2026-01-01T00:00:00+08:00"
WAIT_S: Final = 20
AT_MACHINE: Final = """
import json, sys, django
django.setup()
from tests.scenarios import operator
json.dump(getattr(operator, sys.argv[1])(json.load(sys.stdin)), sys.stdout)
"""


class Caller:
    """Another system with the key of one person; each POST is a new request."""

    _clicks = itertools.count()

    def __init__(self, address: str, key: str, person: int) -> None:
        self._address, self._key, self.person = address, key, person

    def ask(self, path: str, body: object = None) -> tuple[int, Any]:
        """(status, answer): a GET, or a POST where there is a body."""
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        headers["Idempotency-Key"] = f"k{next(self._clicks)}"
        return asked(f"{self._address}/api/v1/{path}", headers, body)

    def get(self, path: str) -> Any:
        status, said = self.ask(path)
        assert status == 200, (path, status, said)
        return said

    def deed(self, path: str, act: str, /, **values: Any) -> int:
        status, said = self.ask(f"register/{path}", {"act": act, "values": values})
        assert status == 200, (path, act, status, said)
        return int(said["id"])

    def first_case(self) -> dict[str, Any]:
        """The one case that this person sees, once the engine has opened it."""
        for _try in range(WAIT_S * 4):
            found = self.get("cases")["cases"]
            if found:
                assert len(found) == 1, found
                return dict(found[0])
            threading.Event().wait(0.25)
        raise AssertionError(f"no case within {WAIT_S} s")

    def case(self, case_id: int, act: str, /, **more: Any) -> None:
        status, said = self.ask(f"cases/{case_id}/acts", {"act": act, **more})
        assert status == 200, (case_id, act, status, said)


def asked(address: str, headers: Mapping[str, str], body: object) -> tuple[int, Any]:
    """(status, JSON) of one request; a refusal is an answer too."""
    sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(address, sent, dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()[:400]


@dataclass
class LiveCounty:
    """Its addresses, its first area, and everybody by name. watch: the port that bands call."""

    address: str
    intake: str
    environment: Mapping[str, str]
    area: int
    keeper: Caller
    watch: int
    who: dict[str, Caller] = field(default_factory=dict)

    def place(self, code: str, name: str, level: str, parent: int) -> int:
        said = {"name": name, "latin": level, "code": code, "level": level, "parent": parent}
        return self.keeper.deed("areas", "register", **said, since=SINCE, schematic=True)

    def person(self, name: str, role: str, area: int) -> int:
        """Somebody with a post; `role` empty = none."""
        said = {"name": name, "latin": "Sample", "area": self.area, "phone": "0990 1234 5678"}
        person = self.keeper.deed("parties", "person", **said)
        self._post(person, role, area)
        return person

    def phone(self, name: str, role: str, area: int) -> tuple[int, str]:
        """(person, path of the phone): somebody with a post whose phone rings on a screen."""
        made = at_machine(self.environment, "phone", {"name": name})
        self._post(made["person"], role, area)
        return made["person"], f"/phone/{made['token']}/"

    def _post(self, person: int, role: str, area: int) -> None:
        if role:
            post = {"person": person, "role": role, "area": area, "since": SINCE}
            self.keeper.deed("organisations", "post", **post, single=False, head=False)

    def let_in(self, people: Mapping[str, int]) -> None:
        """A key, and a sign-in by the same name, for each person."""
        said = {"people": people, "password": PASSWORD}
        keys = at_machine(self.environment, "let_in", said)
        for name, key in keys.items():
            self.who[name] = Caller(self.address, key, people[name])

    def phones(self, people: Mapping[str, int]) -> dict[str, str]:
        """The page of an on-screen phone for each person: who is reached there needs no sign-in."""
        tokens = at_machine(self.environment, "phones", {"people": people})
        return {name: f"/phone/{token}/" for name, token in tokens.items()}

    def sender(self, kind: str = "signals") -> str:
        """The token of one who may send them."""
        return str(at_machine(self.environment, "sender", {"area": self.area, "kind": kind}))

    def warn(self, token: str, document: bytes) -> dict[str, Any]:
        """Post a CAP 1.2 document to the HTTP intake, as a weather station's system does."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/cap+xml"}
        status, said = asked(f"{self.intake}/v1/warnings", headers, document)
        assert status == 201, (status, said)
        return dict(said)

    def send(self, token: str, kind: str, body: object) -> None:
        """Post to the HTTP intake, as a probe's gateway does."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        status, said = asked(f"{self.intake}/v1/{kind}", headers, body)
        assert status in (200, 201, 202), (kind, status, said)


def at_machine(environment: Mapping[str, str], what: str, said: object) -> Any:
    """What a deed of `tests.scenarios.operator` returns, done beside the county."""
    command = [sys.executable, "-c", AT_MACHINE, what]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, input=json.dumps(said), stdout=subprocess.PIPE,
        text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


@contextmanager
def live_county(folder: Path) -> Iterator[LiveCounty]:
    """Made anew in a folder, served on embedded defaults until the block ends."""
    port, intake, watch, log = free_port(), free_port(), free_port(), folder / "log"
    environment = {
        **os.environ,
        "BIHUAN_DATA": str(folder / "data"),
        "BIHUAN_DATABASE": "",
        "BIHUAN_INTAKE_PORT": str(intake),
        "DJANGO_SETTINGS_MODULE": "bihuan.wiring.settings",
        "PYTHONPATH": str(ROOT),
    }
    made = at_machine(environment, "found", {"name": "青禾县"})
    command = [
        sys.executable,
        "-m",
        "bihuan",
        "serve",
        "--port",
        str(port),
        "--listen",
        f"watch={watch}",
    ]
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=said, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, process, log)
        wait_for(f"http://127.0.0.1:{intake}", process, log)
        keeper = Caller(address, made["key"], made["keeper"])
        intake_address = f"http://127.0.0.1:{intake}"
        yield LiveCounty(address, intake_address, environment, made["area"], keeper, watch)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(ENDS_WITHIN_S)
