"""Call-outs in the world that is killed: a town where many are called by text, and what is asked.

The commander orders, lifts, ends and supersedes; people text 1 or 2 back, sometimes twice.
"""

from __future__ import annotations

import json
import random
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from bihuan.base.time import Clock, MovableClock
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.storage import MAIN
from bihuan.loop.callout.acts import CallOuts, Order, Words
from bihuan.loop.callout.models import RUNNING, CallOut, CallOutPerson
from bihuan.loop.callout.who import Whom
from bihuan.loop.delivery import vault
from bihuan.loop.delivery.acts import Wanted, set_up
from bihuan.loop.delivery.callbacks import Push, receive
from bihuan.loop.models import Delivery
from bihuan.register import entries as register
from bihuan.register.entries import Actor
from tests.county import Registrar
from tests.kill.provider import ACCOUNT

if TYPE_CHECKING:
    from tests.kill.traffic import Work

CALLED, MOST_SHOWN = 90, 30  # more than one part of a list
ANSWERED = 5
SECRETS = {"key_id": "ID-of-the-test-key", "key_secret": "very-secret-of-the-test"}
ZH = "立即转移低洼处住户"


def settle_town(add: Registrar, village: int, keys: KeyRing) -> list[tuple[int, str]]:
    """(person, number) of everybody who is called by text."""
    found = []
    for n in range(CALLED):
        person, number = add.person(f"户{n}", f"Hu {n}", None), f"139{n:08d}"
        said = register.PersonReachable(
            person_id=person, channel="sms", address=keys.seal(person, number), rank=0
        )
        add.add(said)
        found.append((person, number))
    return found


def set_up_sms(url: str, clock: MovableClock) -> None:
    fields = {"sign_name": "青禾县", "template_code": "SMS_1", "endpoint": url}
    by = Actor(person_id=None, role="operator", via="test")
    set_up(Wanted(ACCOUNT, "aliyun_sms", fields, SECRETS, lines=16), by, clock)


def shown() -> Work:
    """What pages would show: orders that run, how many confirmed, and who has a text to answer."""
    counted = Count("id", filter=Q(state="confirmed"))
    orders = []
    for order, event in CallOut.objects.filter(state__in=RUNNING).values_list("id", "event"):
        rows = CallOutPerson.objects.filter(call_out_id=order)
        orders.append([order, event, rows.aggregate(n=counted)["n"]])
    # a text is answered while it is open, and later: whoever is slow is heard too
    sent = Delivery.objects.filter(purpose="order", channel="sms", attempted_us__isnull=False)
    texts = sent.order_by("-id").values_list("id", "person_id")
    wait = CallOutPerson.objects.filter(call_out_id__in=[row[0] for row in orders])
    of_now = texts.filter(person_id__in=wait.exclude(state="confirmed").values("person_id"))
    newest = [*of_now[: 2 * MOST_SHOWN // 3], *texts[: MOST_SHOWN // 3]]
    return {"orders": orders, "texts": [*map(list, newest)]}


def chosen(
    work: Work,
    town: tuple[int, int, dict[int, str]],
    rng: random.Random,
    missing: Collection[str],
) -> list[dict[str, object]]:
    """A few orders, ends and replies; town: commander, village, number by person.

    missing  what no run has yet that must have it
    """
    commander, village, numbers = town
    found: list[dict[str, object]] = []
    orders = work.get("orders", [])
    if not orders or (len(orders) < 2 and rng.random() < 0.5):
        some = rng.sample(sorted(numbers), rng.randint(5, len(numbers)))
        found.append(
            {"do": "order", "person": commander, "area": village, "people": some}
            | {"event": f"rain-{rng.randint(1, 3)}"}
        )
    for call_out, event, confirmed in rng.sample(orders, min(1, len(orders))):
        # most orders stand until some have answered, however fast or slow clicks are
        is_over = rng.random() < (0.5 if confirmed >= ANSWERED else 0.02)
        ends = ("lift_order", "lift_order", "end_order", "order")
        over = "lift_order" if "lift_order" in missing else rng.choice(ends)
        how = over if is_over else "wait"
        if how == "order":
            people = rng.sample(sorted(numbers), 20)
            found.append(
                {"do": how, "person": commander, "area": village, "people": people}
                | {"event": event, "supersedes": call_out}
            )
        elif how != "wait":
            found.append({"do": how, "person": commander, "order": call_out})
    for _delivery, person in rng.sample(work.get("texts", []), min(6, len(work.get("texts", [])))):
        digit = "2" if rng.random() < 0.1 else "1"
        found.append({"do": "reply", "number": numbers[int(person)], "digit": digit})
    return found


DOES = ("order", "lift_order", "end_order", "reply")


def do(asked: dict[str, object], clock: Clock, keys: KeyRing) -> int:
    """Do it; the position of what was stored. Raises as the acts do."""
    if asked["do"] == "reply":
        return _reply(asked, clock, keys)
    by = Actor(person_id=_int(asked, "person"), role="county_command", via="page")
    acts = CallOuts(clock, keys)
    if asked["do"] == "lift_order":
        return acts.lift(_int(asked, "order"), Words("雨停了", issuer="平湖气象台"), by)
    if asked["do"] == "end_order":
        return acts.end(_int(asked, "order"), "误发", by)
    area, people = _int(asked, "area"), asked["people"]
    assert isinstance(people, list)
    supersedes = _int(asked, "supersedes") if "supersedes" in asked else None
    order = Order(
        Whom((area,), (), tuple((person, area) for person in people)),
        ZH,
        event=str(asked["event"]),
        supersedes=supersedes,
        key=f"click-{asked['n']}",
    )
    return acts.order(order, by)


def _reply(asked: dict[str, object], clock: Clock, keys: KeyRing) -> int:
    """The provider pushes it, in its documented body; the same one again with the same number."""
    row = {
        "phone_number": asked["number"],
        "content": asked["digit"],
        "send_time": "2026-03-02 00:00:00",
        "dest_code": "1234",
        "sequence_id": str(asked["n"]),
    }
    token = vault.kept(ACCOUNT)[vault.CALLBACK].reveal()
    body = json.dumps([row]).encode()
    answer = receive(Push(ACCOUNT, token, {}, {}, body), clock, keys)
    assert answer.status == 200, answer
    idem = f"reply:{ACCOUNT}:{asked['n']}".encode()
    return Entry.objects.using(MAIN).get(lane=FACTS_LANE, idem=idem).position


def _int(asked: dict[str, object], name: str) -> int:
    found = asked[name]
    assert isinstance(found, int)
    return found
