"""What the page shows: a relative the elder's day, a firm its own matters and letters."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q

from bihuan.base.time import DAY_US, HOUR_US
from bihuan.console import words
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.register.cells import Names, Wanted
from bihuan.console.register.plots import readings
from bihuan.console.shown import is_english, kind_word, role_word
from bihuan.console.shows.panels import Place, drawn
from bihuan.console.shows.period import holding, midnight
from bihuan.journal.storage import MAIN
from bihuan.loop.act import may
from bihuan.loop.book.county import CountyBook
from bihuan.loop.book.seen import Seen, seen_by
from bihuan.loop.daily.plan import day_of
from bihuan.loop.models import Case, CaseClock
from bihuan.loop.playbook import playbook_of
from bihuan.register.consents.effect import VITALS
from bihuan.register.devices.health import health_of
from bihuan.register.models import Device, Subject
from bihuan.register.near.models import NearLink
from bihuan.register.rights import for_user

SILENT_US = 2 * HOUR_US
RECENT_DAYS, MOST_CASES = 30, 20


def context_of(link: NearLink, subject: Subject) -> dict[str, Any]:
    """Everything on the page, by the link's own person and time."""
    now_us = clock().now_us()
    is_firm = subject.person_id is None
    seen, cases = cases_of(link, subject, now_us)
    people = People(keys(), {link.person_id, link.given_by, *(one.owner_id for one in cases)})
    wanted = Wanted()
    wanted.subjects.add(subject.id)
    names = Names(wanted, masked=False)
    book = CountyBook(seen, now_us, "en" if is_english() else "zh", keys())
    return {
        "now_us": now_us,
        "is_firm": is_firm,
        "name": names.subject(subject),
        "whose": people.name(link.person_id),
        "liaison": people.name(link.given_by),
        "phone": people.phone(link.given_by),
        "day": None if is_firm else _day(subject, now_us),
        "open": [_case(one, link, people, now_us) for one in cases if one.state != "closed"],
        "over": [_case(one, link, people, now_us) for one in cases if one.state == "closed"],
        "panels": list(drawn(Place(subject.scenario, "near", subject.kind, subject.id), book)),
        "key": str(uuid.uuid4()),
    }


def cases_of(link: NearLink, subject: Subject, now_us: int) -> tuple[Seen, list[Case]]:
    """Open ones and those of the last month; a firm's under every subject that it is."""
    mine = for_user(link.person_id, now_us)
    seen = seen_by(mine, subject.scenario)
    its = [subject.id]
    if subject.party_id is not None:
        same = Subject.objects.using(MAIN).filter(
            party_id=subject.party_id, scenario=subject.scenario
        )
        its += [one for one in same.values_list("id", flat=True) if one in mine.family]
    since_us = now_us - RECENT_DAYS * DAY_US
    found = seen.cases.filter(subject_id__in=its, is_sealed=False)
    found = found.filter(~Q(state="closed") | Q(closed_us__gte=since_us))
    return seen, list(found.order_by("-id")[:MOST_CASES])


def _case(case: Case, link: NearLink, people: People, now_us: int) -> dict[str, Any]:
    is_closed = case.state == "closed"
    running = CaseClock.objects.using(MAIN).filter(case_id=case.id, state="running", ref=0)
    names = {one.name for one in playbook_of(case.playbook).acts}
    return {
        "id": case.id,
        "what": kind_word(case.scenario, case.kind),
        "at_us": case.opened_us,
        "state": case.state,
        "state_word": words.OUTCOMES[case.outcome or "confirmed"]
        if is_closed
        else words.STATES[case.state],
        "owner": people.name(case.owner_id) if case.owner_id and not is_closed else "",
        "role": role_word(case.scenario, case.owner_role),
        "due_us": None
        if is_closed
        else running.order_by("due_us").values_list("due_us", flat=True).first(),
        "answer": keys().open(case.answer),
        "says": [
            one
            for one in ("solved", "not_solved")
            if one in names and may(case, link.person_id, one, now_us)
        ],
    }


def _day(subject: Subject, now_us: int) -> dict[str, Any] | None:
    """Worn today, battery, last heard; None where no device was given out.

    Worn: something that only a worn band measures was measured today. Its value is not shown.
    """
    devices = list(Device.objects.using(MAIN).filter(subject_id=subject.id).order_by("id"))
    if not devices:
        return None
    health = health_of([one.id for one in devices], now_us, SILENT_US)
    since_us = midnight(holding("day", day_of(now_us)).starts)
    worn = [
        points[-1][0]
        for (channel, _unit), points in readings(subject.id, since_us).items()
        if channel in VITALS and points
    ]
    heard = [one.last_us for one in health.values() if one.last_us is not None]
    batteries = [one for one in health.values() if one.battery is not None]
    newest = max(batteries, key=lambda one: one.battery_us or 0, default=None)
    return {
        "worn_us": max(worn, default=None),
        "heard_us": max(heard, default=None),
        "is_silent": all(one.state != "online" for one in health.values()),
        "battery": None if newest is None else round(newest.battery or 0),
        "battery_us": None if newest is None else newest.battery_us,
    }
