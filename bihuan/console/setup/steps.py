"""The seven steps from an empty county to the real thing, each judged by what is recorded."""

from __future__ import annotations

from typing import NamedTuple

from bihuan.base.time import DAY_US
from bihuan.console.setup.readiness import Item, unready
from bihuan.console.tonight import until_morning_us
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case, Delivery, DeliveryFact
from bihuan.loop.pathtest.playbook import SCENARIO as PATH_TEST
from bihuan.loop.rang import RANG
from bihuan.register.models import Area, County, Device, Person, Post
from bihuan.register.rosters.models import Roster
from bihuan.register.rosters.tonight import slots_between

RINGING = ("voice", "ding")
RANG_WITHIN_US = 30 * DAY_US


class Step(NamedTuple):
    """One step: its name, whether it is done, and the numbers that say so."""

    name: str
    is_done: bool
    numbers: dict[str, int]
    at_us: int | None = None


def steps_of(now_us: int, items: list[Item]) -> list[Step]:
    """Every step in order."""
    county = County.objects.using(MAIN).first()
    is_live = county is not None and county.mode == "live"
    return [
        _named(county),
        _imported(),
        _rostered(now_us),
        _rang(now_us),
        _pressed(),
        Step("ready", bool(items) and not unready(items), {"unready": len(unready(items))}),
        Step("live", is_live, {}),
    ]


def _named(county: County | None) -> Step:
    areas = Area.objects.using(MAIN).filter(parent_id=None, until_us=None).count()
    return Step("named", county is not None and areas > 0, {"areas": areas})


def _imported() -> Step:
    counted = {
        "areas": Area.objects.using(MAIN).filter(until_us=None).count(),
        "people": Person.objects.using(MAIN).count(),
        "posts": Post.objects.using(MAIN).exclude(role="path_probe").count(),
        "devices": Device.objects.using(MAIN).count(),
    }
    is_done = counted["areas"] > 1 and counted["people"] > 0 and counted["posts"] > 0
    return Step("imported", is_done, counted)


def _rostered(now_us: int) -> Step:
    """A roster there is, and from now until the morning none of them has a gap."""
    rosters = list(Roster.objects.using(MAIN).filter(closed_us=None).order_by("id"))
    slots = list(slots_between(rosters, (now_us, until_morning_us(now_us))))
    filled = {one.roster.id for one in slots} - {
        one.roster.id for one in slots if not one.slot.people
    }
    gaps = len(rosters) - len(filled)
    return Step("rostered", bool(rosters) and not gaps, {"rosters": len(rosters), "gaps": gaps})


def _rang(now_us: int) -> Step:
    calls = Delivery.objects.using(MAIN).filter(channel__in=RINGING)
    facts = DeliveryFact.objects.using(MAIN).filter(
        delivery_id__in=calls.values("id"), fact__in=RANG, at_us__gte=now_us - RANG_WITHIN_US
    )
    last = facts.order_by("-id").values_list("at_us", flat=True).first()
    return Step("rang", last is not None, {}, last)


def _pressed() -> Step:
    found = Case.objects.using(MAIN).exclude(scenario=PATH_TEST).filter(kind="sos")
    last = found.order_by("-id").values_list("opened_us", flat=True).first()
    return Step("pressed", last is not None, {"cases": found.count()}, last)
