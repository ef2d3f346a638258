"""The rules of R4 that join elements, each by its key in the standard.

Source: HL7 FHIR R4 (4.0.1): observation.html (obs-3, obs-6, obs-7), datatypes.html (qty-3, rat-1,
rng-2, per-1, sqd, att-1, tim), extensibility.html (ext-1), references.html (ref-1),
domainresource.html (dom-2 to dom-5). Only rules of severity error: best practice (dom-6) refuses
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

from bihuan.base.errors import Fault, shown
from bihuan.gateway.formats.fhir_types import RESOURCES, Slot
from bihuan.gateway.formats.shapes import below
from bihuan.gateway.formats.strict_json import Json, Number, kind

Invariant: TypeAlias = Callable[[Mapping[str, Json], str], Iterator[Fault]]

_LITERAL = re.compile(
    r"(?:https?://[^\s?#]+/)?([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?"
)
_SAMPLE = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?|[EUL]", re.ASCII)


def has_any(node: Mapping[str, Json], choice: str) -> bool:
    """Whether a choice such as value[x] is made, by value or by extension."""
    return any(re.fullmatch(f"_?{choice}[A-Z][A-Za-z0-9]*", name) is not None for name in node)


def codings(concept: Json) -> set[tuple[str, str]]:
    """The (system, code) pairs of a CodeableConcept; a missing system is empty."""
    listed = concept.get("coding") if isinstance(concept, Mapping) else None
    found = set()
    for coding in listed if isinstance(listed, list) else []:
        code = coding.get("code") if isinstance(coding, Mapping) else None
        system = coding.get("system") if isinstance(coding, Mapping) else None
        if isinstance(code, str):
            found.add((system if isinstance(system, str) else "", code))
    return found


def items(node: Mapping[str, Json], name: str) -> list[Mapping[str, Json]]:
    """The objects of an array element; what is no object is reported elsewhere."""
    listed = node.get(name)
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def reference_faults(slot: Slot, value: Json, at: str) -> Iterator[Fault]:
    """A literal reference whose type is known must be one the element may refer to."""
    literal = value.get("reference") if isinstance(value, Mapping) else None
    if not slot.targets or not isinstance(literal, str):
        return
    found = _LITERAL.fullmatch(literal)
    if found and found[1] in RESOURCES and found[1] not in slot.targets:
        yield Fault(
            f"{at}.reference", literal, "a reference to " + " or ".join(sorted(slot.targets))
        )


def contained_faults(resource: Mapping[str, Json]) -> Iterator[Fault]:
    """dom-2 to dom-5, ref-1: what is contained is plain and meant; what is meant is there."""
    contained = items(resource, "contained")
    ids = [one.get("id") for one in contained]
    meant = {literal for one in [resource] for literal in _local_references(one)}
    for place, one in enumerate(contained):
        at = f"Observation.contained[{place}]"
        if "contained" in one:
            yield Fault(f"{at}.contained", "a resource", "none inside a contained one (dom-2)")
        identifier = one.get("id")
        is_meant = f"#{identifier}" in meant or "#" in set(_local_references(one))
        if isinstance(identifier, str) and not is_meant:
            yield Fault(at, f"#{identifier} unused", "a reference to it, or from it (dom-3)")
        meta = one.get("meta")
        for name in ("versionId", "lastUpdated", "security"):
            if isinstance(meta, Mapping) and name in meta:
                yield Fault(f"{at}.meta.{name}", kind(meta[name]), "none when contained (dom-4, 5)")
    for literal in sorted(meant - {"#"}):
        if literal[1:] not in ids:
            yield Fault("Observation.contained", "nothing", f"the resource {literal} (ref-1)")


def _local_references(node: Json) -> Iterator[str]:
    """Every literal reference below a node that begins with #."""
    waiting: list[Json] = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Mapping):
            literal = here.get("reference")
            if isinstance(literal, str) and literal.startswith("#"):
                yield literal
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)


def _value_or_extension(node: Mapping[str, Json], path: str) -> Iterator[Fault]:
    if has_any(node, "value") == ("extension" in node):
        got = "both" if "extension" in node else "neither"
        yield Fault(path, got, "either value[x] or extension (ext-1)")


def _unit_system(node: Mapping[str, Json], path: str) -> Iterator[Fault]:
    if "code" in node and "system" not in node and "_system" not in node:
        yield Fault(below(path, "system"), "nothing", "the system of the unit's code (qty-3)")


def _no_comparator(node: Mapping[str, Json], path: str) -> Iterator[Fault]:
    if "comparator" in node or "_comparator" in node:
        yield Fault(below(path, "comparator"), "a comparator", "none in a SimpleQuantity (sqty-1)")


def _both_or_neither(node: Mapping[str, Json], path: str) -> Iterator[Fault]:
    given = [name for name in ("numerator", "denominator") if name in node]
    if len(given) == 1 or (not given and "extension" not in node):
        yield Fault(path, given[0] if given else "neither", "numerator and denominator (rat-1)")


def _low_to_high(node: Mapping[str, Json], path: str) -> Iterator[Fault]:
    low, high = node.get("low"), node.get("high")
    if not (isinstance(low, Mapping) and isinstance(high, Mapping)):
        return
    least, most = low.get("value"), high.get("value")
    if low.get("code") != high.get("code"):
        return
    if isinstance(least, Number) and isinstance(most, Number) and least.decimal > most.decimal:
        yield Fault(path, f"{least} to {most}", "low not above high (rng-2)")


def _start_to_end(node: Mapping[str, Json], path: str) -> Iterator[Fault]:
    start, end = node.get("start"), node.get("end")
    if isinstance(start, str) and isinstance(end, str) and _is_after(start, end):
        yield Fault(path, f"{start} to {end}", "start not after end (per-1)")


def _is_after(first: str, second: str) -> bool:
    """Whether a dateTime is surely after another; where precisions differ nothing is sure."""
    if "T" in first and "T" in second:
        try:
            return datetime.fromisoformat(first) > datetime.fromisoformat(second)
        except (ValueError, TypeError):  # reported as no dateTime where it stands
            return False
    return len(first) == len(second) and "T" not in first and first > second


def _samples(node: Mapping[str, Json], path: str) -> Iterator[Fault]:
    samples = node.get("data")
    # token by token: one pattern over all of them could be made to search for ever
    for sample in samples.split() if isinstance(samples, str) else ():
        if not _SAMPLE.fullmatch(sample):
            yield Fault(below(path, "data"), shown(sample), "decimals, E, U or L between spaces")


def _content_type(node: Mapping[str, Json], path: str) -> Iterator[Fault]:
    if "data" in node and "contentType" not in node:
        yield Fault(below(path, "contentType"), "nothing", "the type of the data (att-1)")


def _absent_or_value(node: Mapping[str, Json], path: str) -> Iterator[Fault]:
    if "dataAbsentReason" in node and has_any(node, "value"):
        got = "beside a value"
        yield Fault(below(path, "dataAbsentReason"), got, "only where there is no value (obs-6)")


def _value_once(node: Mapping[str, Json], path: str) -> Iterator[Fault]:
    if not has_any(node, "value"):
        return
    own = codings(node.get("code"))
    for place, component in enumerate(items(node, "component")):
        if own & codings(component.get("code")):
            at = f"{path}.component[{place}].code"
            yield Fault(at, "the code of the Observation", "no value beside it (obs-7)")


def _says_something(node: Mapping[str, Json], path: str) -> Iterator[Fault]:
    if not {"low", "high", "text", "_text"} & node.keys():
        yield Fault(path, "none of them", "low, high or text (obs-3)")


def _repeat(node: Mapping[str, Json], path: str) -> Iterator[Fault]:
    for name, unit in (("duration", "durationUnit"), ("period", "periodUnit")):
        if name in node and unit not in node:
            yield Fault(below(path, unit), "nothing", f"the unit of {name} (tim-1, tim-2)")


INVARIANTS: Mapping[str, tuple[Invariant, ...]] = {
    "Extension": (_value_or_extension,),
    **dict.fromkeys(("Quantity", "Age", "Count", "Distance", "Duration"), (_unit_system,)),
    "SimpleQuantity": (_unit_system, _no_comparator),
    "Ratio": (_both_or_neither,),
    "Range": (_low_to_high,),
    "Period": (_start_to_end,),
    "SampledData": (_samples,),
    "Attachment": (_content_type,),
    "Timing.repeat": (_repeat,),
    "Observation": (_absent_or_value, _value_once),
    "Observation.component": (),
    "Observation.referenceRange": (_says_something,),
}
