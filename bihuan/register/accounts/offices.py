"""三员分立: system, security and audit administrators, who holds which, and what each may do.

system    accounts, channels, configuration; sees no business data
security  rights, posts, lockouts; cannot grant anything to himself
audit     the journal, the log of views, the chain; changes nothing

A person holds at most one of the three, and none together with a post or duty: who gives rights
does not use them, and who watches does neither.
"""

from __future__ import annotations

from typing import get_args

from django.db.models import Exists, Q

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.storage import MAIN
from bihuan.register.accounts import entries
from bihuan.register.accounts.models import Administrator
from bihuan.register.entries import Actor, PostHeld
from bihuan.register.models import Area, Duty, Person, Post
from bihuan.register.parties.models import Party

OFFICES: tuple[entries.Office, ...] = get_args(entries.Office)
OPERATOR = Actor(person_id=None, role="operator", via="command")


class NotAllowedError(Exception):
    """The one who asks does not hold the office that this needs, or asks for himself."""


def office_of(person_id: int) -> str:
    """system, security or audit; empty for everybody else."""
    found = Administrator.objects.using(MAIN).filter(_held_by(person_id))
    return found.values_list("office", flat=True).first() or ""


def holds_no_office(person_id: int) -> Q:
    """A condition for a query of business data: whoever holds an office finds nothing."""
    return ~Q(Exists(Administrator.objects.using(MAIN).filter(_held_by(person_id))))


def _held_by(person_id: int) -> Q:
    """An office of the person, or of one that was merged into it: merging joins no two powers."""
    merged = Party.objects.using(MAIN).filter(survivor_id=person_id).values("id")
    return Q(id=person_id) | Q(id__in=merged)


def must_be(office: entries.Office, by: Actor) -> None:
    """Raises NotAllowedError unless `by` holds the office; the operator at the machine may."""
    if by != OPERATOR and (by.person_id is None or office_of(by.person_id) != office):
        raise NotAllowedError(office)


def appoint(person_id: int, office: str, by: Actor, clock: Clock) -> None:
    """Give a person an office; only the security administrator, and never to himself.

    Again with the same office: nothing happens. Raises BadInputError with everything that
    stands against it, NotAllowedError where `by` may not.
    """
    must_be("security", by)
    _not_oneself(person_id, by)
    with Appender(FACTS_LANE, clock) as lane:
        if office in OFFICES and office_of(person_id) == office:
            return
        if faults := [*_unknown(person_id, office), *_entangled(person_id, lane.now_us)]:
            raise BadInputError(*faults)
        known = next(one for one in OFFICES if one == office)
        lane.append(entries.AdministratorAppointed(person_id=person_id, office=known, by=by))


def release(person_id: int, by: Actor, clock: Clock) -> None:
    """Take an office back; of somebody without one nothing happens."""
    must_be("security", by)
    with Appender(FACTS_LANE, clock) as lane:
        if office_of(person_id):
            lane.append(entries.AdministratorReleased(person_id=person_id, by=by))


def grant_post(person_id: int, role: str, area_id: int, by: Actor, clock: Clock) -> int:
    """Put a person in a role for an area, and record who did; the post's id."""
    must_be("security", by)
    _not_oneself(person_id, by)
    with Appender(FACTS_LANE, clock) as lane:
        faults = _unknown(person_id)
        if not Area.objects.using(MAIN).filter(id=area_id).exists():
            faults.append(Fault("area_id", str(area_id), "a registered area"))
        if not role.isidentifier() or len(role) > 32:
            faults.append(Fault("role", role or "nothing", "a role of an installed scenario"))
        if office_of(person_id):
            faults.append(Fault("person_id", str(person_id), "a person without an office"))
        if faults:
            raise BadInputError(*faults)
        held = PostHeld(
            person_id=person_id, role=role, area_id=area_id, from_us=lane.now_us, until_us=None
        )
        post_id = lane.append(held).id()
        lane.append(
            entries.RightGranted(
                person_id=person_id, role=role, area_id=area_id, post_id=post_id, by=by
            )
        )
    return post_id


def must_not_hold(person_id: int, by: Actor) -> None:
    """Raises NotAllowedError for the sign-in of whoever holds an office: who could reset it would
    have the office. The operator at the machine may.
    """
    if by != OPERATOR and office_of(_today(person_id)):
        raise NotAllowedError("the sign-in of an administrator")


def _not_oneself(person_id: int, by: Actor) -> None:
    if by.person_id is not None and _today(by.person_id) == _today(person_id):
        raise NotAllowedError("nobody grants himself")


def _today(person_id: int) -> int:
    """The person that stands for a merged one: under another number it is the same man."""
    led = Party.objects.using(MAIN).filter(id=person_id).values_list("survivor_id", flat=True)
    return led.first() or person_id


def _unknown(person_id: int, office: str = "system") -> list[Fault]:
    faults = []
    if not Person.objects.using(MAIN).filter(id=person_id).exists():
        faults.append(Fault("person_id", str(person_id), "a registered person"))
    if office not in OFFICES:
        faults.append(Fault("office", office, " or ".join(OFFICES)))
    return faults


def _entangled(person_id: int, now_us: int) -> list[Fault]:
    """What the person holds already: another office, a post or a duty that is not over."""
    faults = []
    if held := office_of(person_id):
        faults.append(Fault("office", f"{held} already", "at most one office for a person"))
    is_open = Q(until_us=None) | Q(until_us__gt=now_us)
    if any(
        model.objects.using(MAIN).filter(is_open, person_id=person_id).exists()
        for model in (Post, Duty)
    ):
        faults.append(Fault("person_id", str(person_id), "a person without a post or duty"))
    return faults
