"""A declared rule: what it watches, its limits with unit and source, from when and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from bihuan.base.errors import BadInputError, Fault
from bihuan.rules.channels import POSITION, UNIT_OF
from bihuan.rules.kinds import KINDS, PAIRED, Plain, checked, duration_of

LATE = "24h"  # outages last hours
SEVERITIES = ("notice", "warning", "danger")


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule; refuses to exist when anything in it is wrong.

    subjects  kinds of the scenario's subjects that it judges; () = every kind
    late      how far behind its arrival a reading may lie and still change the past
    """

    id: str
    title_zh: str
    title_en: str
    kind: str
    channel: str
    parameters: Mapping[str, object]
    unit: str
    source: str
    effective_from: date
    region: str
    severity: str
    version: int = 1
    subjects: tuple[str, ...] = ()
    late: str = LATE
    typed: dict[str, Plain] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        faults = [*_missing(self), *_channel(self)]
        if self.severity not in SEVERITIES:
            faults.append(Fault("severity", self.severity, f"one of {', '.join(SEVERITIES)}"))
        try:
            duration_of("late", self.late)
        except BadInputError as error:
            faults.extend(error.faults)
        if self.version < 1:
            faults.append(Fault("version", str(self.version), "1 or more"))
        if self.kind in KINDS:
            try:
                self.typed.update(checked(KINDS[self.kind], self.parameters))
            except BadInputError as error:
                faults.extend(error.faults)
        else:
            faults.append(Fault("kind", self.kind, f"one of {', '.join(KINDS)}"))
        if faults:
            raise BadInputError(*(Fault(f"{self.id}.{f.field}", f.got, f.want) for f in faults))

    @property
    def late_us(self) -> int:
        """`late` in µs."""
        return duration_of("late", self.late)


def judges(rule: Rule, kind: str | None) -> bool:
    """Whether the rule judges subjects of this kind."""
    return not rule.subjects or kind in rule.subjects


def check_versions(rules: Iterable[Rule]) -> None:
    """Refuse versions of one rule and region that overlap.

    A version holds from its day until the next version's; so later versions need later days.
    """
    faults: list[Fault] = []
    versions: dict[tuple[str, str], list[Rule]] = {}
    for rule in rules:
        versions.setdefault((rule.id, rule.region), []).append(rule)
    for of_one in versions.values():
        of_one.sort(key=lambda rule: (rule.version, rule.effective_from))
        for earlier, later in pairwise(of_one):
            if earlier.version == later.version:
                want = f"a version other than {earlier.version}"
                faults.append(Fault(f"{later.id}.version", str(later.version), want))
            elif later.effective_from <= earlier.effective_from:
                want = f"a day after {earlier.effective_from}, of version {earlier.version}"
                got = str(later.effective_from)
                faults.append(Fault(f"{later.id}.effective_from", got, want))
    if faults:
        raise BadInputError(*faults)


def _missing(rule: Rule) -> list[Fault]:
    return [
        Fault(name, "nothing", want)
        for name, want in (
            ("id", "a name of its own"),
            ("title_zh", "a title in Chinese"),
            ("title_en", "a title in English"),
            ("unit", "the unit of the limit"),
            ("source", "where the limit comes from"),
            ("region", "the region it holds in"),
        )
        if not getattr(rule, name).strip()
    ]


def _channel(rule: Rule) -> list[Fault]:
    if rule.channel not in UNIT_OF:
        return [Fault("channel", rule.channel, f"one of {', '.join(UNIT_OF)}")]
    faults = []
    if (rule.kind == "outside") != (rule.channel == POSITION) and rule.kind != "silence":
        faults.append(Fault("channel", rule.channel, f"{POSITION} for outside, and only there"))
    if rule.kind == "points" and rule.parameters.get("sign") not in (None, rule.channel):
        faults.append(Fault("sign", str(rule.parameters["sign"]), f"{rule.channel}, the channel"))
    if rule.kind in PAIRED and rule.parameters.get("other") == rule.channel:
        faults.append(Fault("other", rule.channel, "a channel other than the rule's own"))
    has_limits = rule.kind in KINDS and KINDS[rule.kind].limits
    if has_limits and rule.unit.strip() and rule.unit != UNIT_OF[rule.channel]:
        want = f"{UNIT_OF[rule.channel]}, the unit of {rule.channel}"
        faults.append(Fault("unit", rule.unit, want))
    return faults
