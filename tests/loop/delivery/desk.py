"""A county whose messages leave by accounts: set up, given addresses, turned until all is told."""

from __future__ import annotations

from typing import Any

from bihuan.base.time import MovableClock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.loop import entries as loop
from bihuan.loop.delivery import vault
from bihuan.loop.delivery.accounts import Accounts
from bihuan.loop.delivery.acts import Wanted, set_up
from bihuan.loop.delivery.callbacks import Answer, Push, receive
from bihuan.loop.delivery.entries import Rate
from bihuan.loop.delivery.models import Reference
from bihuan.loop.delivery.registry import Carriers
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.models import Delivery, DeliveryFact
from bihuan.register import entries as register
from bihuan.register.entries import Actor
from tests.county import Registrar, World
from tests.loop.delivery.carrier_house import CarrierHouse

BY = Actor(person_id=None, role="operator", via="test")
KEY = {"key_id": "ID-of-the-test-key", "key_secret": "very-secret-of-the-test"}
DAUGHTER, SECRETARY, OFFICER = "13800001111", "13800002222", "13800003333"
TURNS = 400


def rate(messages: int, seconds: int) -> Rate:
    """A rate with the source that every figure needs."""
    return Rate(
        messages=messages,
        seconds=seconds,
        source="the test's own contract",
        effective_from="2026-01-01",
        region="青禾县",
    )


class Desk(World):
    """The world of the loop's tests, sending by accounts only."""

    def __init__(self, clock: MovableClock, keys: KeyRing, house: CarrierHouse) -> None:
        super().__init__(clock, keys)
        self.house = house
        self._dispatchers: list[Dispatcher] = []
        self.restart()

    def restart(
        self, holder: str = "dispatcher-1", workers: int = 24, patience_s: float = 2.0
    ) -> Dispatcher:
        """A new dispatcher, as a new process would make it; so long it waits for an answer."""
        accounts = (Accounts(Carriers(patience_s)), self.keys)
        self.dispatcher = Dispatcher(self.clock, {}, holder, accounts, workers)
        self._dispatchers.append(self.dispatcher)
        return self.dispatcher

    def close(self) -> None:
        for dispatcher in self._dispatchers:
            dispatcher.close(3)

    def account(self, provider: str, **more: Any) -> None:
        """Set an account of the loopback's providers up; its name is the provider's."""
        fields = {
            "aliyun_sms": {"sign_name": "青禾县", "template_code": "SMS_1"},
            "aliyun_voice": {"tts_code": "TTS_1"},
            "tencent_sms": {"app_id": "1400006666", "template_id": "1110", "sign_name": "青禾县"},
        }[provider]
        secrets = KEY
        if provider.startswith("tencent"):
            secrets = {"secret_id": KEY["key_id"], "secret_key": KEY["key_secret"]}
        wanted: dict[str, Any] = {"account": provider, "provider": provider, "secrets": secrets}
        wanted["fields"] = {**fields, "endpoint": self.house.url}
        set_up(Wanted(**{**wanted, **more}), BY, self.clock)

    def address(self, person: int, channel: str, number: str) -> None:
        """The person is reached there, and first of all."""
        said = register.PersonReachable(
            person_id=person, channel=channel, address=self.keys.seal(person, number), rank=-1
        )
        self.add(said)

    def only_by(self, channel: str) -> None:
        """Daughter, secretary and officer are reached by this channel; the old one is nowhere."""
        people = self.people
        for person, number in (
            (people.daughter, DAUGHTER),
            (people.secretary, SECRETARY),
            (people.town_officer, OFFICER),
        ):
            self.address(person, channel, number)

    def settle(self) -> None:
        """Turn everything until nothing is left to do and nothing is on its way."""
        for _turn in range(TURNS):
            done = self.engine.run_once()
            if self.is_dispatching:
                done += self.dispatcher.run_once() + self.dispatcher.settle(5)
            if not done:
                return
        raise AssertionError(f"still busy after {TURNS} turns")

    def questions(self, people: int, channel: str = "sms", addresses: int = 60) -> int:
        """A case whose `people` families are asked: ordinary messages, as those about rain are."""
        subject = self.subject()
        self.signal(subject)
        self.engine.run_once()
        case_id = self.case.id
        self.do("take", self.people.secretary)
        with Appender(FACTS_LANE, self.clock) as lane:
            registrar = Registrar(lane, self.keys)
            asked = []
            for n in range(people):
                person = registrar.person(f"户{n}", f"Hu {n}", None) if n < addresses else 9_000 + n
                if n < addresses:
                    registrar.add(
                        register.PersonReachable(
                            person_id=person,
                            channel=channel,
                            address=self.keys.seal(person, f"1390000{n:04d}"),
                            rank=0,
                        )
                    )
                asked.append(loop.Called(person_id=person, role="family", channels=[channel]))
            lane.append(
                loop.CaseReported(
                    case_id=case_id,
                    by=Actor(person_id=self.people.secretary, role="village_duty", via="test"),
                    text=b"",
                    answer=self.keys.seal(self.people.elder, "已上门，人没事"),
                    proof=[],
                    asked=asked,
                    clock=None,
                )
            )
        return case_id

    def call_of(self, person: int, channel: str = "sms", purpose: str = "call") -> Delivery:
        """The newest message to a person."""
        found = Delivery.objects.filter(person_id=person, channel=channel, purpose=purpose)
        return found.latest("id")

    def facts(self, delivery: Delivery) -> list[str]:
        """Every fact of a message in order."""
        found = DeliveryFact.objects.filter(delivery_id=delivery.id).order_by("id")
        return list(found.values_list("fact", flat=True))

    def reference(self, delivery: Delivery) -> str:
        """The provider's id of a message, without its account."""
        return Reference.objects.get(delivery_id=delivery.id).id.split(" ", 1)[1]

    def push(self, account: str, body: str | bytes, **more: Any) -> Answer:
        """The provider pushes to the account's address."""
        token = vault.kept(account)[vault.CALLBACK].reveal()
        return receive(
            Push(
                account=account,
                token=more.get("token", token),
                headers=more.get("headers", {}),
                query=more.get("query", {}),
                body=body if isinstance(body, bytes) else body.encode(),
            ),
            self.clock,
            self.keys,
        )
