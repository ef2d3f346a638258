"""How a call-out stands: counted by state and area, who is silent, when the lines will be through.

accepted ≠ delivered ≠ answered ≠ confirmed: only a confirmation counts as one, and one on behalf
is counted apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from django.db.models import Count, F, QuerySet
from django.db.models.functions import Coalesce

from bihuan.journal.storage import MAIN
from bihuan.loop.callout.models import OPEN, CallOut, CallOutPerson
from bihuan.loop.callout.plan import loud
from bihuan.loop.callout.projectors_people import plan_of
from bihuan.loop.delivery.entries import ChannelSetUp
from bihuan.loop.delivery.finish import capacity_of, expected_finish
from bihuan.loop.delivery.models import ChannelAccount
from bihuan.loop.models import Delivery

INLINE = ("screen", "board", "in_app")


@dataclass(slots=True)
class Tally:
    """Persons by state. called: at least one call left; total: whom the order names here."""

    total: int = 0
    called: int = 0
    states: dict[str, int] = field(default_factory=dict)

    def count(self, state: str, persons: int, called: int) -> None:
        self.total += persons
        self.called += called
        self.states[state] = self.states.get(state, 0) + persons

    @property
    def confirmed(self) -> int:
        return self.states.get("confirmed", 0)

    @property
    def on_behalf(self) -> int:
        return self.states.get("on_behalf", 0)

    @property
    def silent(self) -> int:
        """Who has not answered, whatever the reason."""
        return self.total - self.confirmed - self.on_behalf


@dataclass(frozen=True, slots=True)
class Finish:
    """When the lines will be through, µs; None where a channel has no account that can send.

    queued    calls that wait now, of anybody; first_us: when the last of these has ended
    worst     calls that there will be if nobody answers; worst_us: when the last has ended
    mute      channels that somebody's call waits for and that cannot send
    """

    queued: int
    first_us: int | None
    worst: int
    worst_us: int | None
    mute: tuple[str, ...]


def tallies(call_out: CallOut) -> tuple[Tally, dict[int, Tally]]:
    """The whole order and each area. Whom no part has reached yet counts in the whole."""
    whole, areas = Tally(), dict[int, Tally]()
    found = CallOutPerson.objects.using(MAIN).filter(call_out_id=call_out.id)
    rows = found.values_list("area_id", "state").annotate(Count("id"), Count("called_us"))
    for area_id, state, persons, called in rows.order_by("area_id", "state"):
        whole.count(state, persons, called)
        areas.setdefault(area_id, Tally()).count(state, persons, called)
    if whole.total < call_out.total:
        whole.count("waiting", call_out.total - whole.total, 0)
    return whole, areas


def silent(call_out: CallOut) -> QuerySet[CallOutPerson]:
    """Who has not answered, the longest wait first."""
    states = OPEN if call_out.ended_us is None else (*OPEN, "stopped")
    found = CallOutPerson.objects.using(MAIN).filter(call_out_id=call_out.id, state__in=states)
    return found.annotate(since_us=Coalesce(F("called_us"), F("queued_us"))).order_by(
        "since_us", "-risk", "id"
    )


def finish(call_out: CallOut, now_us: int) -> Finish:
    """When the lines will be through with what is queued, and at worst. Four queries."""
    queued = Delivery.objects.using(MAIN).filter(state="queued")
    waiting = dict(queued.values_list("channel").annotate(Count("id")).order_by("channel"))
    more = _more(call_out)
    setups = _setups()
    wanted = {one for one in {*waiting, *more} if one not in INLINE}
    mute = tuple(sorted(wanted - setups.keys()))
    worst = {one: waiting.get(one, 0) + more.get(one, 0) for one in {*waiting, *more}}
    return Finish(
        queued=sum(waiting.values()),
        first_us=None if mute else _through(waiting, setups, now_us),
        worst=sum(worst.values()),
        worst_us=None if mute else _through(worst, setups, now_us),
        mute=mute,
    )


def _more(call_out: CallOut) -> dict[str, int]:
    """Calls that are still to come of those who have not answered, by channel."""
    plan = plan_of(call_out)
    found = CallOutPerson.objects.using(MAIN).filter(
        call_out_id=call_out.id, state__in=("waiting", "calling", "reached", "no_answer")
    )
    more: dict[str, int] = {}
    rows = found.values_list("channels", "tries").annotate(Count("id"))
    for channels, tries, persons in rows.order_by("channels", "tries"):
        for channel in loud(channels.split(",")) if channels else ():
            more[channel] = more.get(channel, 0) + persons * (plan.tries - tries)
    return {channel: calls for channel, calls in more.items() if calls}


def _setups() -> dict[str, list[ChannelSetUp]]:
    found: dict[str, list[ChannelSetUp]] = {}
    for row in ChannelAccount.objects.using(MAIN).filter(is_active=True):
        setup = msgspec.json.decode(row.setup, type=ChannelSetUp)
        found.setdefault(setup.channel, []).append(setup)
    return found


def _through(
    calls: Mapping[str, int], setups: Mapping[str, list[ChannelSetUp]], now_us: int
) -> int:
    """The channels call beside each other: the slowest says when."""
    ends = [now_us]
    for channel, messages in calls.items():
        accounts = [capacity_of(setup) for setup in setups.get(channel, ())]
        end_us = expected_finish(messages, accounts, now_us) if accounts else now_us
        ends.append(end_us or now_us)
    return max(ends)
