"""Every fault of an R4 Observation as a resource: elements, cardinality, types, codes, invariants.

Extensions are read by the same tables as everything else, whatever their url. A contained
resource of another type than Observation is checked for its frame alone.

Source: HL7 FHIR R4 (4.0.1), json.html for the form, observation.html for the invariants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bihuan.base.errors import Fault
from bihuan.gateway.formats.fhir_invariants import INVARIANTS, contained_faults, reference_faults
from bihuan.gateway.formats.fhir_types import CODES, PRIMITIVES, RESOURCES, TYPES, Slot
from bihuan.gateway.formats.fhir_values import want_of
from bihuan.gateway.formats.shapes import below
from bihuan.gateway.formats.strict_json import Json, kind


def resource_faults(resource: Mapping[str, Json]) -> Iterator[Fault]:
    """Every fault of the Observation as a base resource, its path beginning with `Observation`."""
    yield from _complex_faults("Observation", resource, "Observation")
    yield from contained_faults(resource)


def _complex_faults(type_name: str, node: Json, path: str) -> Iterator[Fault]:
    if not isinstance(node, Mapping):
        yield Fault(path, kind(node), f"an object ({type_name})")
        return
    if not node:
        yield Fault(path, "an empty object", f"a {type_name} with content")
    slots = TYPES[type_name]
    for name, value in node.items():
        if name == "resourceType" and type_name == "Observation":
            continue
        yield from _property_faults(type_name, name, value, node, path)
    yield from _missing_faults(slots, node, path)
    for invariant in INVARIANTS.get(type_name, ()):
        yield from invariant(node, path)


def _property_faults(
    type_name: str, name: str, value: Json, node: Mapping[str, Json], path: str
) -> Iterator[Fault]:
    """Faults of one JSON property; `_name` carries the id and extensions of a primitive `name`."""
    slot = TYPES[type_name].get(name.removeprefix("_"))
    at = below(path, name)
    if slot is None or (name.startswith("_") and slot.type not in PRIMITIVES):
        yield Fault(at, "this property", f"a property of {type_name} in FHIR R4")
    elif slot.is_many and not isinstance(value, list):
        yield Fault(at, kind(value), "an array")
    elif isinstance(value, list) and not slot.is_many:
        yield Fault(at, "an array", "a single value")
    elif isinstance(value, list):
        yield from _array_faults(type_name, slot, name, node, path)
    elif name.startswith("_"):
        yield from _element_faults(value, at)
    else:
        yield from _value_faults(type_name, slot, value, at)


def _array_faults(
    type_name: str, slot: Slot, name: str, node: Mapping[str, Json], path: str
) -> Iterator[Fault]:
    values, at = node[name], below(path, name)
    if not isinstance(values, list) or not values:
        yield Fault(at, "an empty array", "at least one item, or no array")
        return
    twin = node.get(name[1:] if name.startswith("_") else f"_{name}")
    for place, value in enumerate(values):
        where = f"{at}[{place}]"
        if value is None and slot.type in PRIMITIVES:
            # null holds a place: either the value or its extensions may be missing, not both
            if not (isinstance(twin, list) and place < len(twin) and twin[place] is not None):
                yield Fault(where, "null", "a value, or extensions in the twin array")
        elif name.startswith("_"):
            yield from _element_faults(value, where)
        else:
            yield from _value_faults(type_name, slot, value, where)


def _value_faults(type_name: str, slot: Slot, value: Json, at: str) -> Iterator[Fault]:
    if slot.type == "Resource":
        yield from _contained_frame(value, at)
    elif slot.type not in PRIMITIVES:
        yield from _complex_faults(slot.type, value, at)
        yield from reference_faults(slot, value, at)
    else:
        want = want_of(slot.type, value)
        allowed = CODES.get((type_name, slot.name))
        if want is not None:
            yield Fault(at, kind(value), want)
        elif allowed is not None and value not in allowed:
            yield Fault(at, kind(value), "one of " + ", ".join(allowed))


def _element_faults(value: Json, at: str) -> Iterator[Fault]:
    """Faults of what stands beside a primitive: an object with id and extension alone."""
    if not isinstance(value, Mapping) or not value:
        yield Fault(at, kind(value), "an object with id or extension")
        return
    for name, held in value.items():
        if name == "extension" and isinstance(held, list) and held:
            for place, one in enumerate(held):
                yield from _complex_faults("Extension", one, f"{at}.extension[{place}]")
        elif name == "id":
            want = want_of("string", held)
            if want is not None:
                yield Fault(f"{at}.id", kind(held), want)
        else:
            yield Fault(f"{at}.{name}", kind(held), "id, or an array of extensions")


def _missing_faults(
    slots: Mapping[str, Slot], node: Mapping[str, Json], path: str
) -> Iterator[Fault]:
    """Required elements that are absent, and choices made more than once."""
    choices: dict[str, list[str]] = {}
    for name, slot in slots.items():
        is_given = name in node or f"_{name}" in node
        if slot.choice is not None:
            choices.setdefault(slot.choice, []).extend([name] if is_given else [])
        elif slot.is_required and not is_given:
            yield Fault(below(path, name), "nothing", "the required element")
    required = {slot.choice for slot in slots.values() if slot.choice and slot.is_required}
    for choice, given in choices.items():
        if len(given) > 1:
            yield Fault(below(path, f"{choice}[x]"), ", ".join(given), "one of them")
        elif not given and choice in required:
            yield Fault(below(path, f"{choice}[x]"), "nothing", "the required element")


def _contained_frame(value: Json, at: str) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield Fault(at, kind(value), "a resource")
        return
    type_name = value.get("resourceType")
    if not isinstance(type_name, str) or type_name not in RESOURCES:
        yield Fault(f"{at}.resourceType", kind(type_name), "the name of an R4 resource")
    elif type_name == "Observation":
        yield from _complex_faults("Observation", value, at)
    want = want_of("id", value.get("id"))
    if want is not None and type_name != "Observation":
        yield Fault(f"{at}.id", kind(value.get("id")), want)
