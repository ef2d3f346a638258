"""A county with three villages for call-outs; who has a phone, who holds which post.

青禾县 > 石桥镇 > 柳溪村, 上坝村, 下坝村. 李建国 is secretary of 柳溪村 twice over; 赵强 of 上坝村;
nobody reaches 吴静 of 下坝村. The town's 周敏 stands above them, 何川 above the town.
"""

from __future__ import annotations

from bihuan.base.time import MINUTE_US
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.loop.callout.acts import CallOuts, Order
from bihuan.loop.callout.models import CallOut, CallOutPerson
from bihuan.loop.callout.people import Answers
from bihuan.loop.callout.who import Whom
from bihuan.loop.models import Delivery
from bihuan.register.entries import Actor
from tests.county import Registrar, World

ZH, EN = "立即转移低洼处住户", "Move households in low places now"
FIRST_US, SECOND_US, THIRD_US = 100_000_000, 200_000_000, 300_000_000
SUPERIOR_MIN = 300_000_000 / MINUTE_US


class Town:
    """The world of `tests.county` with two villages more."""

    def __init__(self, world: World) -> None:
        self.world = world
        with Appender(FACTS_LANE, world.clock) as lane:
            add = Registrar(lane, world.keys)
            self.upper = add.area("330403", "上坝村", "village", world.people.town)
            self.lower = add.area("330404", "下坝村", "village", world.people.town)
            self.zhao = add.person("赵强", "Zhao Qiang")
            self.wu = add.person("吴静", "Wu Jing", channel=None)
            add.post(self.zhao, "village_duty", self.upper)
            add.post(self.wu, "village_duty", self.lower)
        self.li, self.zhou = world.people.secretary, world.people.town_officer
        self.he, self.stranger = world.people.commander, world.people.stranger
        self.acts = CallOuts(world.clock, world.keys)
        self.answers = Answers(world.clock, world.keys)
        self.commander = self.of(self.he, "county_command")

    def of(self, person: int, role: str = "village_duty") -> Actor:
        return Actor(person_id=person, role=role, via="page")

    def village(self) -> Whom:
        """The secretary of 柳溪村 alone."""
        return Whom(areas=(self.world.people.village,), roles=("village_duty",))

    def villages(self, **more: object) -> Whom:
        return Whom(areas=(self.world.people.town,), roles=("village_duty",), **more)  # type: ignore[arg-type]

    def order(self, whom: Whom | None = None, **more: object) -> CallOut:
        """Order it and queue everybody; nothing leaves yet where the dispatcher stands still."""
        wanted = Order(whom=whom or self.village(), zh=ZH, en=EN, **more)  # type: ignore[arg-type]
        identity = self.acts.order(wanted, self.commander)
        self.world.settle()
        return self.get(identity)

    def get(self, identity: int) -> CallOut:
        return CallOut.objects.get(id=identity)

    def person(self, person_id: int, call_out: CallOut | None = None) -> CallOutPerson:
        found = CallOutPerson.objects.filter(person_id=person_id).order_by("-id")
        if call_out is not None:
            found = found.filter(call_out_id=call_out.id)
        return found[0]

    def message(self, person_id: int, purpose: str = "order") -> Delivery:
        """The newest message to somebody."""
        return Delivery.objects.filter(person_id=person_id, purpose=purpose).order_by("-id")[0]

    def states(self, call_out: CallOut) -> dict[int, str]:
        found = CallOutPerson.objects.filter(call_out_id=call_out.id)
        return dict(found.values_list("person_id", "state"))
