"""FHIR R4 Observations in and out: every fault, no loss, and our readings both ways.

`check` judges a document; `parse` gives the model, `write` the document again. Other resources
are refused by their name; other versions of FHIR by the properties that R4 does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bihuan.base.errors import BadInputError, Fault
from bihuan.gateway.formats import strict_json
from bihuan.gateway.formats.fhir_check import resource_faults
from bihuan.gateway.formats.fhir_model import Observation, json_of, observation_of
from bihuan.gateway.formats.fhir_readings import (
    VitalReading,
    observations_of,
    readings_of,
)
from bihuan.gateway.formats.fhir_vitals import vital_faults
from bihuan.gateway.formats.strict_json import Json, kind

__all__ = [
    "Checked", "Observation", "VitalReading", "check", "observations_of", "parse", "readings_of",
    "write",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on a document. `lossless` is None where there is no Observation to carry."""

    faults: tuple[Fault, ...]
    lossless: bool | None


def check(raw: bytes) -> Checked:
    """Every fault of an Observation, and whether our model gives back all it held."""
    try:
        resource = _resource(raw)
    except BadInputError as error:
        return Checked(error.faults, None)
    return Checked(tuple(_faults(resource)), _is_lossless(resource))


def parse(raw: bytes) -> Observation:
    """The model of a document; raises BadInputError with every fault found in it."""
    resource = _resource(raw)
    found = _faults(resource)
    if found:
        raise BadInputError(*found)
    return observation_of(resource)


def write(observation: Observation) -> bytes:
    """The document of an Observation; raises BadInputError if it breaks the standard."""
    written = strict_json.write(json_of(observation)).encode()
    found = check(written).faults
    if found:
        raise BadInputError(*found)
    return written


def _resource(raw: bytes) -> Mapping[str, Json]:
    document = strict_json.read(raw)
    if not isinstance(document, Mapping):
        raise BadInputError(Fault("document", kind(document), "an object, a FHIR resource"))
    type_name = document.get("resourceType")
    if type_name != "Observation":
        got = kind(type_name) if "resourceType" in document else "nothing"
        raise BadInputError(Fault("resourceType", got, "Observation"))
    return document


def _faults(resource: Mapping[str, Json]) -> list[Fault]:
    return [*resource_faults(resource), *vital_faults(resource)]


def _is_lossless(resource: Mapping[str, Json]) -> bool:
    """Whether the document comes back equal: numbers digit by digit, keys in any order."""
    returned = strict_json.read(strict_json.write(json_of(observation_of(resource))).encode())
    return returned == resource
