"""The vital-signs profiles of R4: what an Observation promises by its profile or category.

A claim is a profile in meta, or the category vital-signs; under either, a code with a profile of
its own (85354-9 is a blood pressure) brings that profile's rules too. A code alone claims nothing.

Source: HL7 FHIR R4 (4.0.1), observation-vitalsigns.html and the profiles bp, heartrate, oxygensat,
bodytemp, resprate, bodyheight, headcircum, bodyweight, bmi, vitalspanel (vs-1, vs-2, vs-3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bihuan.base.errors import Fault
from bihuan.gateway.formats.fhir_invariants import codings, has_any, items
from bihuan.gateway.formats.strict_json import Json, kind

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
PROFILES = "http://hl7.org/fhir/StructureDefinition/"


@dataclass(frozen=True, slots=True)
class Vital:
    """One profile: its LOINC code and the UCUM units its value may have (none: no own value)."""

    profile: str
    loinc: str
    units: tuple[str, ...]


VITALS = (
    Vital("heartrate", "8867-4", ("/min",)),
    Vital("resprate", "9279-1", ("/min",)),
    Vital("oxygensat", "2708-6", ("%",)),
    Vital("bodytemp", "8310-5", ("Cel", "[degF]")),
    Vital("bodyheight", "8302-2", ("cm", "[in_i]")),
    Vital("headcircum", "9843-4", ("cm", "[in_i]")),
    Vital("bodyweight", "29463-7", ("g", "kg", "[lb_av]")),
    Vital("bmi", "39156-5", ("kg/m2",)),
    Vital("bp", "85354-9", ()),
    Vital("vitalspanel", "85353-1", ()),
)
_PRESSURES = (("8480-6", "systolic"), ("8462-4", "diastolic"))
_TYPED = re.compile(
    r"(?:https?://[^\s?#]+/)?([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/\S+)?"
)


def vital_faults(resource: Mapping[str, Json]) -> Iterator[Fault]:
    """Every departure from the vital-signs profiles that the Observation claims."""
    claimed = _claimed(resource)
    if not claimed and not _has_category(resource):
        return
    yield from _base_faults(resource)
    own = codings(resource.get("code"))
    for vital in VITALS:
        has_code = (LOINC, vital.loinc) in own
        if vital.profile in claimed and not has_code:
            want = f"the LOINC code {vital.loinc} of the profile {vital.profile}"
            yield Fault("Observation.code", _shown(own), want)
        if vital.profile in claimed or has_code:
            yield from _own_faults(vital, resource)


def _claimed(resource: Mapping[str, Json]) -> set[str]:
    meta = resource.get("meta")
    listed = meta.get("profile") if isinstance(meta, Mapping) else None
    named = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    known = {"vitalsigns", *(vital.profile for vital in VITALS)}
    return {one.removeprefix(PROFILES).split("|")[0] for one in named} & known


def _has_category(resource: Mapping[str, Json]) -> bool:
    return any((CATEGORY, "vital-signs") in codings(one) for one in items(resource, "category"))


def _base_faults(resource: Mapping[str, Json]) -> Iterator[Fault]:
    """The profile vitalsigns: category, subject, time, and a value or the reason for none."""
    if not _has_category(resource):
        found = [_shown(codings(one)) for one in items(resource, "category")]
        want = f"the category vital-signs of {CATEGORY}"
        yield Fault("Observation.category", ", ".join(found) or "nothing", want)
    yield from _subject_faults(resource.get("subject"))
    yield from _time_faults(resource)
    has_parts = "component" in resource or "hasMember" in resource
    if not has_parts and not has_any(resource, "value") and "dataAbsentReason" not in resource:
        want = "a value, dataAbsentReason, component or hasMember (vs-2)"
        yield Fault("Observation.value[x]", "nothing", want)
    for place, component in enumerate(items(resource, "component")):
        if not has_any(component, "value") and "dataAbsentReason" not in component:
            at = f"Observation.component[{place}].value[x]"
            yield Fault(at, "nothing", "a value or dataAbsentReason (vs-3)")


def _subject_faults(subject: Json) -> Iterator[Fault]:
    if subject is None:
        yield Fault("Observation.subject", "nothing", "the patient (vitalsigns)")
        return
    literal = subject.get("reference") if isinstance(subject, Mapping) else None
    found = _TYPED.fullmatch(literal) if isinstance(literal, str) else None
    if found and found[1] != "Patient":
        yield Fault("Observation.subject.reference", kind(literal), "a Patient (vitalsigns)")


def _time_faults(resource: Mapping[str, Json]) -> Iterator[Fault]:
    for name in ("effectiveTiming", "effectiveInstant"):
        if name in resource:
            yield Fault(f"Observation.{name}", "this", "effectiveDateTime or effectivePeriod")
    if not has_any(resource, "effective"):
        yield Fault("Observation.effective[x]", "nothing", "when it was measured (vitalsigns)")
    at = resource.get("effectiveDateTime")
    if isinstance(at, str) and len(at) < 10:
        yield Fault("Observation.effectiveDateTime", at, "a time precise to the day (vs-1)")


def _own_faults(vital: Vital, resource: Mapping[str, Json]) -> Iterator[Fault]:
    if vital.units:
        yield from _quantity_faults(resource, "Observation", vital.units)
    elif vital.profile == "bp":
        yield from _pressure_faults(resource)
    elif "hasMember" not in resource:
        yield Fault("Observation.hasMember", "nothing", "the members of the panel (vitalspanel)")


def _pressure_faults(resource: Mapping[str, Json]) -> Iterator[Fault]:
    components = items(resource, "component")
    for code, name in _PRESSURES:
        places = [
            place
            for place, component in enumerate(components)
            if (LOINC, code) in codings(component.get("code"))
        ]
        if len(places) != 1:
            got = f"{len(places)} components with LOINC {code}"
            yield Fault("Observation.component", got, f"one, the {name} pressure (bp)")
        for place in places:
            at = f"Observation.component[{place}]"
            yield from _quantity_faults(components[place], at, ("mm[Hg]",))


def _quantity_faults(
    node: Mapping[str, Json], path: str, units: tuple[str, ...]
) -> Iterator[Fault]:
    """A value, where there is one, is a Quantity with value, unit and one of the UCUM units."""
    if not has_any(node, "value"):
        return
    quantity = node.get("valueQuantity")
    if not isinstance(quantity, Mapping):
        given = next(name for name in node if name.lstrip("_").startswith("value"))
        yield Fault(f"{path}.{given}", "this", f"valueQuantity in {' or '.join(units)}")
        return
    at = f"{path}.valueQuantity"
    for name in ("value", "unit", "system", "code"):
        if name not in quantity and f"_{name}" not in quantity:
            yield Fault(f"{at}.{name}", "nothing", "the required element of a vital sign's value")
    if "system" in quantity and quantity["system"] != UCUM:
        yield Fault(f"{at}.system", kind(quantity["system"]), UCUM)
    if "code" in quantity and quantity["code"] not in units:
        yield Fault(f"{at}.code", kind(quantity["code"]), " or ".join(units))


def _shown(found: set[tuple[str, str]]) -> str:
    return ", ".join(sorted(f"{system}|{code}" for system, code in found)) or "no code"
