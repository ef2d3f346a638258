"""An Observation as typed values, with everything else kept verbatim, so that nothing is lost.

Whatever is not one of the typed fields, or not of the type it should be, stays in `rest` as it
came: narrative, contained resources, extensions, `_field` twins, numbers with their digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bihuan.gateway.formats.strict_json import Json, Number

Rest = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Coding:
    """One code of one system."""

    system: str | None = None
    code: str | None = None
    display: str | None = None
    rest: Rest = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Concept:
    """A CodeableConcept: codes that mean the same, and words."""

    codings: tuple[Coding, ...] = ()
    text: str | None = None
    rest: Rest = field(default_factory=dict)

    def code_in(self, system: str) -> frozenset[str]:
        """Its codes in one system."""
        return frozenset(one.code for one in self.codings if one.system == system and one.code)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit; `code` is the unit in `system`, `unit` the words for it."""

    number: Number | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None
    comparator: str | None = None
    rest: Rest = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reference:
    """Who or what is meant, by literal reference."""

    literal: str | None = None
    rest: Rest = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a panel, such as the systolic pressure."""

    code: Concept | None = None
    quantity: Quantity | None = None
    absent: Concept | None = None
    rest: Rest = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observation:
    """The parts of an Observation that are worked with, and `rest`."""

    status: str | None = None
    categories: tuple[Concept, ...] = ()
    code: Concept | None = None
    subject: Reference | None = None
    effective: str | None = None
    device: Reference | None = None
    quantity: Quantity | None = None
    absent: Concept | None = None
    components: tuple[Component, ...] = ()
    rest: Rest = field(default_factory=dict)


class _Taker:
    """Takes typed fields out of a JSON object; what is left over is `rest`."""

    def __init__(self, node: Mapping[str, Json]) -> None:
        self.rest = dict(node)

    def text(self, name: str) -> str | None:
        found = self.rest.get(name)
        if not isinstance(found, str):
            return None
        del self.rest[name]
        return found

    def number(self, name: str) -> Number | None:
        found = self.rest.get(name)
        if not isinstance(found, Number):
            return None
        del self.rest[name]
        return found

    def node(self, name: str) -> Mapping[str, Json] | None:
        found = self.rest.get(name)
        if not isinstance(found, Mapping):
            return None
        del self.rest[name]
        return found

    def nodes(self, name: str) -> list[Mapping[str, Json]]:
        """The objects of an array, taken only if the array holds nothing else."""
        found = self.rest.get(name)
        taken = (
            [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
        )
        if not taken or not isinstance(found, list) or len(taken) != len(found):
            return []
        del self.rest[name]
        return taken


def observation_of(resource: Mapping[str, Json]) -> Observation:
    """The model of an Observation in JSON, whole or faulty; never raises, never drops."""
    take = _Taker(resource)
    return Observation(
        status=take.text("status"),
        categories=tuple(_concept(one) for one in take.nodes("category")),
        code=_maybe_concept(take.node("code")),
        subject=_reference(take.node("subject")),
        effective=take.text("effectiveDateTime"),
        device=_reference(take.node("device")),
        quantity=_quantity(take.node("valueQuantity")),
        absent=_maybe_concept(take.node("dataAbsentReason")),
        components=tuple(_component(one) for one in take.nodes("component")),
        rest=take.rest,
    )


def json_of(observation: Observation) -> dict[str, Json]:
    """The Observation in JSON again: what `observation_of` took, and the rest."""
    made: dict[str, Json] = {"resourceType": "Observation", **observation.rest}
    _put(made, "status", observation.status)
    _put(made, "category", [_concept_json(one) for one in observation.categories] or None)
    _put(made, "code", _concept_json(observation.code))
    _put(made, "subject", _reference_json(observation.subject))
    _put(made, "effectiveDateTime", observation.effective)
    _put(made, "device", _reference_json(observation.device))
    _put(made, "valueQuantity", _quantity_json(observation.quantity))
    _put(made, "dataAbsentReason", _concept_json(observation.absent))
    _put(made, "component", [_component_json(one) for one in observation.components] or None)
    return made


def _put(made: dict[str, Json], name: str, value: Json) -> None:
    if value is not None:
        made[name] = value


def _coding(node: Mapping[str, Json]) -> Coding:
    take = _Taker(node)
    return Coding(take.text("system"), take.text("code"), take.text("display"), take.rest)


def _concept(node: Mapping[str, Json]) -> Concept:
    take = _Taker(node)
    return Concept(
        tuple(_coding(one) for one in take.nodes("coding")), take.text("text"), take.rest
    )


def _maybe_concept(node: Mapping[str, Json] | None) -> Concept | None:
    return None if node is None else _concept(node)


def _quantity(node: Mapping[str, Json] | None) -> Quantity | None:
    if node is None:
        return None
    take = _Taker(node)
    return Quantity(
        take.number("value"),
        take.text("unit"),
        take.text("system"),
        take.text("code"),
        take.text("comparator"),
        take.rest,
    )


def _reference(node: Mapping[str, Json] | None) -> Reference | None:
    if node is None:
        return None
    take = _Taker(node)
    return Reference(take.text("reference"), take.rest)


def _component(node: Mapping[str, Json]) -> Component:
    take = _Taker(node)
    return Component(
        _maybe_concept(take.node("code")),
        _quantity(take.node("valueQuantity")),
        _maybe_concept(take.node("dataAbsentReason")),
        take.rest,
    )


def _coding_json(coding: Coding) -> Json:
    made = dict(coding.rest)
    _put(made, "system", coding.system)
    _put(made, "code", coding.code)
    _put(made, "display", coding.display)
    return made


def _concept_json(concept: Concept | None) -> Json:
    if concept is None:
        return None
    made = dict(concept.rest)
    _put(made, "coding", [_coding_json(one) for one in concept.codings] or None)
    _put(made, "text", concept.text)
    return made


def _quantity_json(quantity: Quantity | None) -> Json:
    if quantity is None:
        return None
    made = dict(quantity.rest)
    _put(made, "value", quantity.number)
    _put(made, "comparator", quantity.comparator)
    _put(made, "unit", quantity.unit)
    _put(made, "system", quantity.system)
    _put(made, "code", quantity.code)
    return made


def _reference_json(reference: Reference | None) -> Json:
    if reference is None:
        return None
    made = dict(reference.rest)
    _put(made, "reference", reference.literal)
    return made


def _component_json(component: Component) -> Json:
    made = dict(component.rest)
    _put(made, "code", _concept_json(component.code))
    _put(made, "valueQuantity", _quantity_json(component.quantity))
    _put(made, "dataAbsentReason", _concept_json(component.absent))
    return made
