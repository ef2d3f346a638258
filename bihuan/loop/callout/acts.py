"""Ordering a call-out, replacing, lifting and ending it: checked, one short transaction each."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import msgspec

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.ids import row_id
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.act import ForbiddenError, TakenError
from bihuan.loop.callout import entries, rights
from bihuan.loop.callout.models import RUNNING, CallOut, RedialPlan
from bihuan.loop.callout.offer import offered
from bihuan.loop.callout.plan import DEFAULT, Redial, check
from bihuan.loop.callout.who import Whom, everybody
from bihuan.loop.warned.standing import first_of
from bihuan.loop.warned.words import issuer_of, level_of
from bihuan.register.entries import Actor
from bihuan.register.models import Area
from bihuan.register.rights import Rights, for_user
from bihuan.register.warnings.models import OfficialWarning

MOST_PEOPLE, PER_LIST = 50_000, 60
MOST_TEXT, MOST_WORD = 500, 128
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Order:
    """An order as somebody wants it; see `CallOutOrdered`. key: of one click, sent again or not."""

    whom: Whom
    zh: str
    en: str = ""
    event: str = ""
    severity: entries.Severity = "critical"
    level: str = ""
    issuer: str = ""
    mode: entries.Mode = "live"
    wakes: bool = True
    supersedes: int | None = None
    about: int | None = None
    warning_id: int | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What is said at the end: whose lift it is, in which words."""

    zh: str
    en: str = ""
    issuer: str = ""


class CallOuts:
    """Acts on whole call-outs. Every call raises ForbiddenError for who has no right there."""

    def __init__(self, clock: Clock, keys: KeyRing) -> None:
        self._clock, self._keys = clock, keys

    def order(self, order: Order, by: Actor) -> int:
        """Order it; its id. The list is made before the transaction and stands in the entry.

        Raises BadInputError with every bad field, an order for the same event that runs among
        them: it is to be superseded, never doubled.
        """
        now_us = self._clock.now_us()
        mine = for_user(by.person_id, now_us)
        order = quoting(order)
        top = _common_area(order.whom, mine)
        plan = plan_for(top)
        people, aides = everybody(order.whom, plan.command, now_us)
        if faults := faults_of(order, len(people)):
            raise BadInputError(*faults)
        idem = f"call-out:{by.person_id}:{order.key}".encode() if order.key else None
        parts = [people[n : n + PER_LIST] for n in range(0, len(people), PER_LIST)]
        with Appender(FACTS_LANE, self._clock) as lane:
            if idem and (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            said = entries.CallOutOrdered(
                event=_event(order, lane.next_position),
                supersedes=order.supersedes,
                mode=order.mode,
                wakes=order.wakes,
                severity=order.severity,
                level=order.level,
                issuer=order.issuer,
                zh=order.zh.strip(),
                en=order.en.strip(),
                area_id=top.id,
                areas=list(order.whom.areas),
                roles=list(order.whom.roles),
                about=order.about,
                warning_id=order.warning_id,
                plan=plan,
                people=parts,
                aides=aides,
                by=by,
            )
            _check_event(lane.rows, said, mine)
            return lane.append(said, idem=idem).id()

    def lift(self, call_out_id: int, words: Words, by: Actor) -> int:
        """Say that it is over, in the issuer's words, to everybody whom the order reached.

        Words left empty are those of the official cancellation, where one waits for this lift.
        """
        with Appender(FACTS_LANE, self._clock) as lane:
            words = _of_offer(_running(lane, call_out_id, by), words)
            faults = [
                Fault(name, "nothing", want)
                for name, text, want in (
                    ("zh", words.zh, "the words of the lift"),
                    ("issuer", words.issuer, "who lifts it"),
                )
                if not text.strip()
            ]
            faults += _text_faults({"zh": words.zh, "en": words.en})
            faults += _word_faults({"issuer": words.issuer})
            if faults:
                raise BadInputError(*faults)
            said = entries.CallOutLifted(
                call_out_id=call_out_id,
                issuer=words.issuer.strip(),
                zh=words.zh.strip(),
                en=words.en.strip(),
                by=by,
            )
            return lane.append(said).position

    def end(self, call_out_id: int, reason: str, by: Actor) -> int:
        """Pursue it no further; nothing is lifted, and nobody is told so."""
        with Appender(FACTS_LANE, self._clock) as lane:
            _running(lane, call_out_id, by)
            if not reason.strip() or len(reason) > MOST_TEXT:
                raise bad("reason", f"{len(reason)} characters", f"1 to {MOST_TEXT}")
            said = entries.CallOutEnded(call_out_id=call_out_id, reason=reason.strip(), by=by)
            return lane.append(said).position

    def set_plan(self, area_id: int, plan: Redial, by: Actor) -> int:
        """Set the redial plan of an area and below. Raises BadInputError with every bad field."""
        check(plan)
        with Appender(FACTS_LANE, self._clock) as lane:
            area = lane.rows.get(Area, area_id)
            mine = for_user(by.person_id, lane.now_us)
            if area is None or not rights.may(mine, "edit", area.path):
                raise ForbiddenError
            return lane.append(entries.RedialPlanSet(area_id=area_id, plan=plan, by=by)).position


def plan_for(area: Area) -> Redial:
    """The redial plan that holds in an area: the nearest one set, else the default, flagged."""
    above = [int(part) for part in area.path.split(".") if part]
    rows = RedialPlan.objects.using(MAIN).in_bulk(above)
    for one in reversed(above):
        if one in rows:
            return msgspec.json.decode(rows[one].plan, type=Redial)
    return DEFAULT


def _common_area(whom: Whom, mine: Rights) -> Area:
    """The lowest area that holds every area of the order; the orderer may act in each."""
    wanted = {*whom.areas, *(area for _person, area in whom.people)}
    found = Area.objects.using(MAIN).filter(id__in=wanted, until_us=None)
    areas = list(found)
    missing = wanted - {area.id for area in areas}
    if missing or not areas:
        raise bad("areas", sorted(missing) or "none", "areas of the county as it is now")
    if not all(rights.may(mine, "act", area.path) for area in areas):
        raise ForbiddenError
    paths = [[part for part in area.path.split(".") if part] for area in areas]
    common = [parts[0] for parts in zip(*paths, strict=False) if all(p == parts[0] for p in parts)]
    top = Area.objects.using(MAIN).filter(id=int(common[-1])).first() if common else None
    if top is None:
        raise bad("areas", len(areas), "areas of one county")
    return top


def _running(lane: Appender, call_out_id: int, by: Actor) -> CallOut:
    call_out = lane.rows.get(CallOut, call_out_id)
    mine = for_user(by.person_id, lane.now_us)
    if call_out is None or not rights.may(mine, "act", call_out.area_path):
        raise ForbiddenError
    if call_out.state not in RUNNING:
        raise TakenError(call_out.ended_by, call_out.ended_us, call_out.state)
    return call_out


def _event(order: Order, position: int) -> str:
    if order.event.strip():
        return order.event.strip()
    if order.warning_id is not None:
        return f"warning:{first_of(order.warning_id)}"
    if order.about is not None:
        return f"case:{order.about}"
    return f"order:{position}"


def _check_event(rows: Rows, said: entries.CallOutOrdered, mine: Rights) -> None:
    old = rows.get(CallOut, said.supersedes) if said.supersedes is not None else None
    if said.supersedes is not None:
        if old is None or not rights.may(mine, "act", old.area_path):
            raise ForbiddenError
        if old.state not in RUNNING:
            raise TakenError(old.ended_by, old.ended_us, old.state)
        if old.mode != said.mode:
            raise bad("mode", said.mode, f"{old.mode}: a drill and a live order stand apart")
    others = [
        one
        for one in rows.where(CallOut, event=said.event)
        if one.state in RUNNING and one.mode == said.mode and one.id != said.supersedes
    ]
    if others:
        raise bad(
            "supersedes", said.supersedes or "nothing", f"the order that runs: {others[0].id}"
        )


def quoting(order: Order) -> Order:
    """An order for a warning quotes its issuer. Raises BadInputError where it says otherwise."""
    if order.warning_id is None:
        return order
    found = OfficialWarning.objects.using(MAIN).filter(id=order.warning_id).first()
    if found is None:
        raise bad("warning_id", order.warning_id, "an official warning")
    own = {"issuer": issuer_of(found), "level": level_of(found)}
    faults = [
        Fault(name, said, f"{text}: the issuer's own words, or nothing")
        for name, text in own.items()
        if (said := getattr(order, name).strip()) not in ("", text)
    ]
    if found.state == "message":
        faults.append(Fault("warning_id", found.msg_type, "a warning that the issuer gave"))
    if faults:
        raise BadInputError(*faults)
    return replace(order, issuer=own["issuer"], level=own["level"])


def _of_offer(call_out: CallOut, words: Words) -> Words:
    held = offered(call_out)
    if held is None:
        return words
    return Words(words.zh.strip() or held.zh, words.en, words.issuer.strip() or held.issuer)


def faults_of(order: Order, people: int) -> list[Fault]:
    """What stands in the way of an order to so many people."""
    return [*_order_faults(order), *_size_faults(people)]


def _order_faults(order: Order) -> list[Fault]:
    faults = _text_faults({"zh": order.zh, "en": order.en})
    if not order.zh.strip():
        faults.append(Fault("zh", "nothing", "the instruction"))
    words = {"event": order.event, "level": order.level, "issuer": order.issuer}
    faults += _word_faults(words)
    if order.level and not order.issuer.strip():
        faults.append(Fault("issuer", "nothing", "who issued the warning: only the station does"))
    if not order.wakes and order.mode != "drill":
        faults.append(Fault("wakes", "no", "yes: only a drill may leave phones silent"))
    faults += [
        Fault("risk", f"{area}: {risk}", "0 to 9")
        for area, risk in order.whom.risk.items()
        if not 0 <= risk <= 9
    ]
    return faults


def _text_faults(texts: dict[str, str]) -> list[Fault]:
    """What is spoken on a phone is short, and has nothing to click."""
    long = [
        Fault(name, f"{len(text)} characters", f"at most {MOST_TEXT}")
        for name, text in texts.items()
        if len(text) > MOST_TEXT
    ]
    links = [
        Fault(name, "a link", "words: nobody can click in a call")
        for name, text in texts.items()
        if _LINK.search(text)
    ]
    return long + links


def _word_faults(words: dict[str, str]) -> list[Fault]:
    most = {"level": 64}
    return [
        Fault(name, f"{len(text)} characters", f"at most {most.get(name, MOST_WORD)}")
        for name, text in words.items()
        if len(text) > most.get(name, MOST_WORD)
    ]


def _size_faults(people: int) -> list[Fault]:
    if not 1 <= people <= MOST_PEOPLE:
        return [Fault("whom", f"{people} persons", f"1 to {MOST_PEOPLE}")]
    return []
