"""Taking in another platform's orders, telling it what became of them, and sending it ours.

An order is known by (platform, number). The same order again changes nothing; with another
content it stands on the case's timeline. What goes back is asked for by a cursor, so a platform
that was away for a day misses nothing and gets nothing twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import msgspec
from django.db.models import Q

from bihuan.base.errors import BadInputError, Fault, bad, shown
from bihuan.base.ids import is_id
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.acting import ForbiddenError
from bihuan.loop.cases.entries import CaseMoved
from bihuan.loop.cases.models import Matter
from bihuan.loop.cases.report import Report, report_in
from bihuan.loop.exchange import entries
from bihuan.loop.exchange.mapped import (
    Mapped,
    digest_of,
    mapped,
    their_area,
    their_kind,
    their_state,
)
from bihuan.loop.exchange.models import Order, Partner
from bihuan.loop.exchange.projectors import order_id
from bihuan.loop.models import Case
from bihuan.loop.playbook import newest
from bihuan.loop.standing import role_for
from bihuan.register.areas.spans import path_now
from bihuan.register.entries import Actor
from bihuan.register.models import Area
from bihuan.register.rights import areas_under

MOST_ORDERS, MOST_REPLIES = 500, 500
What = Literal["new", "same", "changed", "refused"]


class Taken(NamedTuple):
    """What became of one order, by its place in what was sent (from 1)."""

    row: int
    number: str
    what: What
    case_id: int | None
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a platform is told about an order that it gave us. cursor: to ask for the next."""

    number: str
    state: str
    answer: str | None
    changed: int
    cursor: str


class Exchange:
    """The county's end of the exchange.

    within     paths of the areas that the sender may reach
    scenarios  the only ones that it may; empty: every one
    """

    def __init__(
        self,
        clock: Clock,
        keys: KeyRing,
        within: Sequence[str] = ("",),
        scenarios: Collection[str] = (),
    ) -> None:
        self._clock, self._keys, self._within = clock, keys, tuple(within)
        self._scenarios = frozenset(scenarios)

    def set_up(self, name: str, title: str, mapping: entries.Mapping, by: Actor) -> None:
        """Make a platform known, or give it another mapping. Every bad field is named."""
        faults = []
        if not name.isascii() or not name.replace("_", "").isalnum() or len(name) > 32:
            faults.append(Fault("name", shown(name, 40), "1 to 32 letters, digits and _"))
        if not 1 <= len(title.strip()) <= 64:
            faults.append(Fault("title", shown(title, 40) or "nothing", "1 to 64 characters"))
        faults += _kind_faults(mapping)
        if faults:
            raise BadInputError(*faults)
        with Appender(FACTS_LANE, self._clock) as lane:
            lane.append(entries.PartnerSetUp(name=name, title=title, mapping=mapping, by=by))

    def receive(self, partner: str, orders: Sequence[Mapping[str, Any]]) -> list[Taken]:
        """Take in orders, each by itself: good ones become cases, bad ones say what is wrong."""
        if len(orders) > MOST_ORDERS:
            raise bad("orders", len(orders), f"at most {MOST_ORDERS} at once")
        mapping = mapping_of(partner)
        return [self._take(partner, mapping, n, order) for n, order in enumerate(orders, 1)]

    def _take(
        self, partner: str, mapping: entries.Mapping, n: int, order: Mapping[str, Any]
    ) -> Taken:
        number = ""
        try:
            said = mapped(order, mapping)
            number = said.number
            what, case_id = self._record(partner, said)
        except BadInputError as error:
            return Taken(n, number, "refused", None, tuple(error.faults))
        return Taken(n, number, what, case_id, ())

    def _record(self, partner: str, said: Mapped) -> tuple[What, int]:
        with Appender(FACTS_LANE, self._clock) as lane:
            known = lane.rows.get(Order, order_id(partner, said.number))
            if self._scenarios and said.scenario not in self._scenarios:
                raise bad("kind", f"{said.scenario}.{said.kind}", "a kind of this key's scenarios")
            if known is not None and not self._reaches(lane.rows, known):
                raise bad("number", said.number, "an order that this key may change")
            if known is not None and known.is_ours:
                raise bad("number", said.number, "a number that is not one of ours")
            if known is not None and known.digest == said.digest:
                return "same", known.case_id
            common = {
                "partner": partner,
                "number": said.number,
                "digest": said.digest,
                "due_us": said.due_us,
            }
            if known is not None:
                lane.append(entries.OrderChanged(order_case=known.case_id, **common))  # type: ignore[arg-type]
                self._note(lane, known.case_id, "partner_changed", said.text, partner)
                return "changed", known.case_id
            report = Report(
                scenario=said.scenario,
                kind=said.kind,
                area_id=self._area(said.area),
                text=said.text,
                via="api",
                key=digest_of({"partner": partner, "number": said.number}),
                contact=said.contact,
            )
            case_id = report_in(lane, report, self._keys)
            lane.append(entries.OrderReceived(order_case=case_id, **common))  # type: ignore[arg-type]
            return "new", case_id

    def _area(self, name: str) -> int:
        found = Area.objects.using(MAIN).filter(Q(code=name) | Q(name=name), until_us=None)
        ids = [area.id for area in found if any(area.path.startswith(p) for p in self._within)]
        if len(ids) != 1:
            want = "the code or name of one area that this platform may send for"
            raise bad("area", f"{shown(name, 40)} ({len(ids)} found)", want)
        return ids[0]

    def replies(self, partner: str, after: str, most: int = MOST_REPLIES) -> list[Reply]:
        """What became of the platform's orders since a cursor (`` = from the beginning)."""
        mapping, at = mapping_of(partner), _cursor(after)
        orders = {
            o.case_id: o for o in Order.objects.using(MAIN).filter(partner=partner, is_ours=False)
        }
        cases = (
            Case.objects.using(MAIN)
            .filter(id__in=orders)
            .filter(Q(changed__gt=at[0]) | Q(changed=at[0], id__gt=at[1]))
            .filter(area_id__in=areas_under(self._within))
        )
        if self._scenarios:
            cases = cases.filter(scenario__in=self._scenarios)
        return [
            Reply(
                number=orders[case.id].number,
                state=their_state(mapping, case.state, case.outcome),
                answer=self._keys.open(case.answer),
                changed=case.changed,
                cursor=f"{case.changed}-{case.id}",
            )
            for case in cases.order_by("changed", "id")[:most]
        ]

    def send(self, partner: str, case_id: int, text: str, by: Actor) -> str:
        """Send a case of ours to a platform; the order's number. Sent again: the same number.

        text  empty: what was reported, word for word
        Raises ForbiddenError for who does not act in the case.
        """
        mapping_of(partner)
        number = f"BH{case_id}"
        with Appender(FACTS_LANE, self._clock) as lane:
            case = lane.rows.get(Case, case_id)
            if case is None or by.person_id is None:
                raise ForbiddenError
            role = role_in(lane.rows, case, by.person_id, lane.now_us)
            if role is None:
                raise ForbiddenError
            by = Actor(person_id=by.person_id, role=role, via=by.via)
            if lane.rows.get(Order, order_id(partner, number)) is not None:
                return number
            if case.state == "closed":
                raise bad("case", "closed", "one that is open")
            text = text.strip() or self.words_of(case)
            if not 1 <= len(text) <= 2000:
                raise bad("text", f"{len(text)} characters", "1 to 2000")
            sealed = self._keys.seal(case.sealed_for, text)
            lane.append(
                entries.OrderSent(
                    partner=partner, number=number, order_case=case_id, text=sealed, by=by
                )
            )
            said = CaseMoved(case_id=case_id, by=by, act="sent_out", to="", detail=partner)
            lane.append(said)
            return number

    def words_of(self, case: Case) -> str:
        """What was reported, as it goes to a platform; empty where nobody reported it in words."""
        matter = Matter.objects.using(MAIN).filter(case_id=case.id).first()
        return (self._keys.open(matter.text) or "" if matter is not None else "")[:2000]

    def sent(self, partner: str, after: int, most: int = MOST_ORDERS) -> list[dict[str, Any]]:
        """Orders of ours for a platform after a position, in its words for kind and area."""
        mapping = mapping_of(partner)
        found = Order.objects.using(MAIN).filter(partner=partner, is_ours=True, changed__gt=after)
        return list(self._outgoing(mapping, found.filter(state=None).order_by("changed")[:most]))

    def _outgoing(self, mapping: entries.Mapping, orders: Any) -> Iterator[dict[str, Any]]:
        rows = Rows(MAIN)
        for order in orders:
            if not self._reaches(rows, order):
                continue
            case = Case.objects.using(MAIN).get(id=order.case_id)
            area = Area.objects.using(MAIN).get(id=case.area_id)
            yield {
                "number": order.number,
                "area": their_area(mapping, area.code),
                "place": area.name,
                "kind": their_kind(mapping, case.scenario, case.kind),
                "text": self._keys.open(order.text),
                "position": order.changed,
            }

    def _reaches(self, rows: Rows, order: Order) -> bool:
        case = rows.get(Case, order.case_id)
        if case is None or (self._scenarios and case.scenario not in self._scenarios):
            return False
        return any(path_now(rows, case.area_id).startswith(p) for p in self._within)

    def answer(self, partner: str, number: str, state: str, text: str) -> What:
        """A platform says what became of an order of ours; the same word again changes nothing."""
        mapping_of(partner)
        if not 1 <= len(state.strip()) <= 64 or len(text) > 2000:
            raise bad("state", shown(state, 40) or "nothing", "1 to 64 characters, text to 2000")
        digest = digest_of({"state": state, "text": text})
        with Appender(FACTS_LANE, self._clock) as lane:
            order = lane.rows.get(Order, order_id(partner, number))
            if order is None or not order.is_ours or not self._reaches(lane.rows, order):
                raise bad("number", shown(number, 64), "the number of an order that we sent")
            if order.digest == digest:
                return "same"
            case = lane.rows.get(Case, order.case_id)
            assert case is not None
            lane.append(
                entries.OrderAnswered(
                    partner=partner,
                    number=number,
                    order_case=case.id,
                    state=state,
                    text=self._keys.seal(case.sealed_for, text) if text else None,
                    digest=digest,
                )
            )
            self._note(lane, case.id, "partner_said", f"{state} {text}".strip(), partner)
            return "changed"

    def _note(self, lane: Appender, case_id: int, act: str, text: str, partner: str) -> None:
        case = lane.rows.get(Case, case_id)
        assert case is not None
        lane.append(
            CaseMoved(
                case_id=case_id,
                by=Actor(person_id=None, role="partner", via="api"),
                act=act,
                to="",
                text=self._keys.seal(case.sealed_for, text),
                detail=partner,
            )
        )


def role_in(rows: Rows, case: Case, person_id: int, now_us: int) -> str | None:
    """The role by which a person has a part in the case, so that they may send it on, or None."""
    roles = {role for act in newest(case.scenario, case.kind).acts for role in act.roles}
    inside = sorted(roles - {"origin", "family", "asked"})
    return role_for(rows, case, person_id, inside, now_us)


def _kind_faults(mapping: entries.Mapping) -> list[Fault]:
    faults = [] if mapping.kinds else [Fault("kinds", "nothing", "their class → scenario.kind")]
    for theirs, ours in mapping.kinds.items():
        scenario, _, kind = ours.partition(".")
        try:
            is_reported = newest(scenario, kind).reports
        except BadInputError:
            is_reported = False
        if not is_reported:
            faults.append(Fault(f"kinds.{theirs}", ours, "a scenario.kind that people report"))
    return faults


def mapping_of(partner: str) -> entries.Mapping:
    """A platform's mapping; raises BadInputError for one that is not set up."""
    found = Partner.objects.using(MAIN).filter(id=partner).first()
    if found is None:
        raise bad("partner", shown(partner, 40), "a platform that is set up here")
    return msgspec.json.decode(found.mapping, type=entries.Mapping)


def _cursor(after: str) -> tuple[int, int]:
    if not after:
        return 0, 0
    first, _, second = after.partition("-")
    if not (is_id(first) and is_id(second)):
        raise bad("after", shown(after, 40), "the cursor of a reply, or nothing")
    return int(first), int(second)
