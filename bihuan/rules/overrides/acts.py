"""Setting limits: for one subject until a time, for a region from a day; who may, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import shapely

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.ids import row_id
from bihuan.base.time import DAY_US, Clock, rfc3339
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.register.areas.models import AreaBoundary
from bihuan.register.entries import Actor
from bihuan.register.models import Area, Subject
from bihuan.register.records.doing import By
from bihuan.register.refusals import ForbiddenError, TakenError
from bihuan.register.rights import for_user, granted
from bihuan.rules.engine import FIXED
from bihuan.rules.kinds import KINDS, checked
from bihuan.rules.overrides.entries import Given, RuleLimitSet, RuleOverridden, RuleOverrideEnded
from bihuan.rules.overrides.models import RegionLimit, SubjectOverride
from bihuan.rules.overrides.projectors import day_us, standing
from bihuan.rules.rule import Rule

SYSTEM = "system"
OF_AREA = "area:"  # a polygon that is an area's registered boundary, as it is now
LONGEST_US = 366 * DAY_US  # a person's own limit is looked at again once a year
MOST_TEXT = 500
Rules = Mapping[str, Sequence[Rule]]


@dataclass(frozen=True, slots=True)
class NewOverride:
    """Other parameters of a rule for one subject. unit: the rule's own, said again."""

    scenario: str
    rule: str
    subject_id: int
    parameters: Mapping[str, str | int | float]
    unit: str
    reason: str
    until_us: int


@dataclass(frozen=True, slots=True)
class NewLimit:
    """A region's own figure; effective_from: YYYY-MM-DD, the day in China from which it holds."""

    scenario: str
    rule: str
    area_id: int
    parameters: Mapping[str, str | int | float]
    unit: str
    source: str
    effective_from: str


class Limits:
    """Writes what people set. A call is one transaction; the same key does it once."""

    def __init__(self, clock: Clock, keys: KeyRing, rules: Rules) -> None:
        self._clock, self._keys, self._rules = clock, keys, rules

    def override(self, new: NewOverride, by: By) -> int:
        """Set a subject's own parameters; its id. What stood before for this subject ends.

        Raises BadInputError (every bad field) and ForbiddenError.
        """
        idem = by.idem("override", new.scenario, new.rule, new.subject_id)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            subject = lane.rows.get(Subject, new.subject_id)
            if subject is None or subject.scenario != new.scenario:
                raise ForbiddenError
            actor = self._actor(lane, by, new.scenario, subject.area_id)
            given, polygon = _split(new.parameters)
            whole = given if polygon is None else {**given, "polygon": polygon}
            faults = _faults(self._newest(new.scenario, new.rule), whole, new.unit)
            faults += _text("reason", new.reason)
            if subject.ended_us is not None:
                faults.append(Fault("subject_id", str(subject.id), "one that has not ended"))
            if not lane.now_us < new.until_us <= lane.now_us + LONGEST_US:
                want = f"later than {rfc3339(lane.now_us)}, by at most 366 days"
                faults.append(Fault("until", rfc3339(new.until_us), want))
            if faults:
                raise BadInputError(*faults)
            said = RuleOverridden(
                scenario=new.scenario,
                rule=new.rule,
                subject_id=subject.id,
                parameters=given,
                polygon=None if polygon is None else self._keys.seal(subject.key_id, polygon),
                unit=new.unit,
                reason=self._keys.seal(subject.key_id, new.reason.strip()),
                until_us=new.until_us,
                by=actor,
            )
            return lane.append(said, idem=idem).id()

    def end_override(self, override_id: int, reason: str, by: By) -> None:
        """The subject is judged as others are again. Raises TakenError where it is over already."""
        idem = by.idem("end_override", override_id)
        with Appender(FACTS_LANE, self._clock) as lane:
            if lane.last_with(idem) is not None:
                return
            row = lane.rows.get(SubjectOverride, override_id)
            subject = None if row is None else lane.rows.get(Subject, row.subject_id)
            if row is None or subject is None:
                raise ForbiddenError
            actor = self._actor(lane, by, row.scenario, subject.area_id)
            if faults := _text("reason", reason):
                raise BadInputError(*faults)
            if row.ended is not None or row.until_us <= lane.now_us:
                at_us = row.until_us if row.ended_us is None else row.ended_us
                raise TakenError(row.ended_by, at_us, "ended")
            sealed = self._keys.seal(subject.key_id, reason.strip())
            said = RuleOverrideEnded(override_id=override_id, reason=sealed, by=actor)
            lane.append(said, idem=idem)

    def set_limit(self, new: NewLimit, by: By) -> int:
        """Set a region's own figure from a day on; its id.

        Raises BadInputError (every bad field; a day on or before one that is set) and
        ForbiddenError.
        """
        idem = by.idem("limit", new.scenario, new.rule, new.area_id)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            area = lane.rows.get(Area, new.area_id)
            if area is None:
                raise ForbiddenError
            actor = self._actor(lane, by, new.scenario, area.id)
            faults = _faults(self._newest(new.scenario, new.rule), new.parameters, new.unit)
            faults += _text("source", new.source)
            faults += _day(lane.rows, new)
            if faults:
                raise BadInputError(*faults)
            said = RuleLimitSet(
                scenario=new.scenario,
                rule=new.rule,
                area_id=area.id,
                areas=_below(area),
                depth=area.path.count(".") - 1,
                parameters=dict(new.parameters),
                unit=new.unit,
                source=new.source.strip(),
                effective_from=new.effective_from,
                by=actor,
            )
            return lane.append(said, idem=idem).id()

    def _newest(self, scenario: str, rule: str) -> Rule:
        found = [one for one in self._rules.get(scenario, ()) if one.id == rule]
        if not found:
            names = sorted({one.id for one in self._rules.get(scenario, ())})
            raise bad("rule", f"{scenario}.{rule}", f"one of {', '.join(names) or 'none'}")
        return max(found, key=lambda one: one.version)

    def _actor(self, lane: Appender, by: By, scenario: str, area_id: int) -> Actor:
        """Who acts, in a role to which the scenario grants `edit` here."""
        if by.person_id is None:
            return Actor(person_id=None, role=SYSTEM, via=by.via)
        area = lane.rows.get(Area, area_id)
        path = "" if area is None else area.path
        held = for_user(by.person_id, lane.now_us).held
        roles = sorted(
            role
            for role, above in held
            if path.startswith(above) and "tune" in granted(scenario, role)
        )
        if not roles:
            raise ForbiddenError
        return Actor(person_id=by.person_id, role=roles[0], via=by.via)


def standing_override(
    rows: Rows, scenario: str, rule: str, subject_id: int, now_us: int
) -> SubjectOverride | None:
    """What is set for a subject now; None where it is judged as others are."""
    found = standing(rows, scenario, rule, subject_id)
    return next((row for row in found if row.until_us > now_us), None)


def _faults(rule: Rule, given: Mapping[str, str | int | float], unit: str) -> list[Fault]:
    """What is wrong with other parameters of a rule."""
    faults = []
    if not given:
        faults.append(Fault("parameters", "nothing", "what is other"))
    fixed = FIXED.get(rule.kind, ())
    faults += [
        Fault(name, str(given[name]), f"{rule.parameters[name]}, as in every version of the rule")
        for name in fixed
        if name in given and given[name] != rule.parameters[name]
    ]
    if unit != rule.unit:
        faults.append(Fault("unit", unit or "nothing", rule.unit))
    try:
        checked(KINDS[rule.kind], {**rule.parameters, **given})
    except BadInputError as error:
        faults += error.faults
    return faults


def _split(given: Mapping[str, str | int | float]) -> tuple[Given, str | None]:
    """What may be read by everybody, and the polygon, which may not; `area:ID` as its ring."""
    rest = {name: value for name, value in given.items() if name != "polygon"}
    if "polygon" not in given:
        return rest, None
    drawn = str(given["polygon"])
    if not drawn.startswith(OF_AREA):
        return rest, drawn
    found = AreaBoundary.objects.filter(area_id=drawn.removeprefix(OF_AREA), until_us=None)
    ring = found.first() if drawn.removeprefix(OF_AREA).isdigit() else None
    if ring is None:
        raise bad("polygon", drawn, "an area whose boundary is registered")
    return rest, str(shapely.to_wkt(shapely.from_wkb(bytes(ring.wkb)), rounding_precision=-1))


def _text(field: str, text: str) -> list[Fault]:
    if 0 < len(text.strip()) <= MOST_TEXT:
        return []
    return [Fault(field, f"{len(text.strip())} characters", f"1 to {MOST_TEXT}")]


def _day(rows: Rows, new: NewLimit) -> list[Fault]:
    """A limit holds from its day until the next one's, so a later one needs a later day."""
    try:
        if date.fromisoformat(new.effective_from).isoformat() != new.effective_from:
            raise ValueError
        day_us(new.effective_from)
    except ValueError:
        return [Fault("effective_from", new.effective_from or "nothing", "a day YYYY-MM-DD")]
    days = [
        row.effective_from
        for row in rows.where(RegionLimit, area_id=new.area_id)
        if (row.scenario, row.rule) == (new.scenario, new.rule)
    ]
    if days and new.effective_from <= max(days):
        return [Fault("effective_from", new.effective_from, f"a day after {max(days)}")]
    return []


def _below(area: Area) -> list[int]:
    """The area and all below it; nothing for the county, which has everything."""
    if area.parent_id is None:
        return []
    found = Area.objects.filter(path__startswith=area.path).order_by("id")
    return list(found.values_list("id", flat=True))


def parameters_of(row: SubjectOverride | RegionLimit) -> dict[str, str | int | float]:
    """What is other than declared."""
    found: dict[str, str | int | float] = json.loads(row.parameters)
    return found
