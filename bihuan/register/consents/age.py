"""From which age a person's own consent counts: the county's figure, else a proposal [K].

Configuration with a source and a day, never printed as law: from the day on which a newer figure
takes effect it is that one, and a consent given before is judged by the figure of its own day.
"""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import CHINA, Clock, datetime_of
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.consents.entries import ConsentAgeSet
from bihuan.register.consents.models import ConsentAge
from bihuan.register.entries import Actor
from bihuan.register.parties.models import Identity

OLDEST: Final = 25  # years; a figure above it is a slip of the keyboard
PROPOSAL: Final = "proposal [K]; the county's own figure replaces it"


class OwnAge(NamedTuple):
    """From how many years of age on a person agrees for themself. region "": nobody's figure."""

    years: int
    source: str
    effective_from: str
    region: str


PROPOSED: Final = OwnAge(14, PROPOSAL, "", "")


def own_age(at_us: int) -> OwnAge:
    """The figure in effect on the day of a time."""
    found = ConsentAge.objects.using(MAIN).filter(effective_from__lte=str(_day(at_us)))
    row = found.order_by("-effective_from", "-id").first()
    if row is None:
        return PROPOSED
    return OwnAge(row.years, row.source, row.effective_from, row.region)


def every_age() -> list[OwnAge]:
    """The proposal and every figure that was set, in the order in which they take effect."""
    rows = ConsentAge.objects.using(MAIN).order_by("effective_from", "id")
    return [PROPOSED, *(OwnAge(r.years, r.source, r.effective_from, r.region) for r in rows)]


def set_own_age(wanted: OwnAge, clock: Clock, by: Actor) -> int:
    """Say from which age on own consents count from a day on; the entry's id. Raises every fault.

    A figure replaces an earlier one from its day on and rewrites nothing before it.
    """
    faults = []
    if not 1 <= wanted.years <= OLDEST:
        faults.append(Fault("years", str(wanted.years), f"1 to {OLDEST}"))
    for field, text, most in (("source", wanted.source, 200), ("region", wanted.region, 64)):
        if not 1 <= len(text.strip()) <= most:
            faults.append(Fault(field, text or "nothing", f"1 to {most} characters"))
    if (day := _date(wanted.effective_from)) is None:
        faults.append(Fault("effective_from", wanted.effective_from, "a date such as 2026-03-02"))
    with Appender(FACTS_LANE, clock) as lane:
        if day is not None and day < _day(lane.now_us):
            faults.append(Fault("effective_from", str(day), "today or later: the past stays"))
        if faults:
            raise BadInputError(*faults)
        return lane.append(ConsentAgeSet(**wanted._asdict(), by=by)).id()


def age_faults(
    rows: Rows, keys: KeyRing, field: str, person_id: int | None, at_us: int
) -> list[Fault]:
    """A fault where somebody is too young to agree alone at a time; of unknown age there is none.

    The age comes from the identity number, which the message does not name.
    """
    born = born_on(rows, keys, person_id)
    if born is None:
        return []
    own, years = own_age(at_us), age_at(born, _day(at_us))
    if years >= own.years:
        return []
    want = f"a guardian's consent: an own one from {own.years} years on ({own.source})"
    return [Fault(field, str(years), want)]


def born_on(rows: Rows, keys: KeyRing, person_id: int | None) -> date | None:
    """A person's day of birth by the sealed identity number; None where it is not known."""
    row = rows.get(Identity, person_id) if person_id is not None else None
    number = keys.open(row.number) if row is not None else None
    return _date(f"{number[6:10]}-{number[10:12]}-{number[12:14]}") if number else None


def age_at(born: date, day: date) -> int:
    """Whole years; who was born on 29 February is a year older on 1 March of a common year."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _day(at_us: int) -> date:
    return datetime_of(at_us).astimezone(CHINA).date()


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-03-02") else None
    except ValueError:
        return None
