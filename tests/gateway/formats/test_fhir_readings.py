"""Readings to FHIR and back, with the codes of devices.md and units converted by definition."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from bihuan.base.errors import BadInputError
from bihuan.gateway.formats import fhir
from bihuan.gateway.formats.fhir import VitalReading
from bihuan.gateway.formats.fhir_model import Observation
from tests.gateway.formats.test_fhir import OFFICIAL, Doc, concept, heart_rate, pressure, quantity
from tests.outside import SHARED, needs

AT_US = 1_782_864_000_000_000  # 2026-07-01T00:00:00Z
READINGS = [
    VitalReading("heart_rate", Decimal("58"), AT_US),
    VitalReading("systolic", Decimal("138"), AT_US),
    VitalReading("diastolic", Decimal("86"), AT_US),
    VitalReading("spo2", Decimal("97"), AT_US),
    VitalReading("temperature", Decimal("36.50"), AT_US),
]
# devices.md section 4
CODES = {
    "8867-4": "149546", "85354-9": "150020", "8480-6": "150021", "8462-4": "150022",
    "2708-6": "150456", "8310-5": "150364",
}  # fmt: skip


def exported(readings: list[VitalReading]) -> list[Doc]:
    made = fhir.observations_of(readings, "Patient/7", "Device/9")
    return [json.loads(fhir.write(one)) for one in made]


def observed(change: Doc) -> Observation:
    return fhir.parse(json.dumps(heart_rate() | change).encode())


def imported(change: Doc) -> list[VitalReading]:
    return fhir.readings_of(observed(change))


def test_observations_of_carry_the_codes_of_the_table() -> None:
    written = json.dumps(exported(READINGS))
    for loinc, mdc in CODES.items():
        assert f'"code": "{loinc}"' in written
        assert f'"code": "{mdc}"' in written
    assert '"code": "59408-5"' in written
    for unit in ("/min", "mm[Hg]", "%", "Cel"):
        assert f'"code": "{unit}"' in written
    assert (
        '"value": 36.50' in fhir.write(fhir.observations_of(READINGS[4:], "Patient/7")[0]).decode()
    )


def test_observations_of_pair_both_pressures_of_one_moment() -> None:
    assert len(exported(READINGS)) == 4
    later = [replace(READINGS[1], at_us=AT_US + 60_000_000), READINGS[2]]
    alone = fhir.observations_of(later, "Patient/7")
    assert [[part.absent is None for part in one.components] for one in alone] == [
        [False, True],
        [True, False],
    ]


def test_readings_come_back_as_they_went() -> None:
    made = fhir.observations_of(READINGS, "Patient/7", "Device/9")
    back = [one for made_one in made for one in fhir.readings_of(fhir.parse(fhir.write(made_one)))]
    assert sorted(back, key=str) == sorted(READINGS, key=str)


def test_observations_of_refuse_a_channel_without_a_vital_sign() -> None:
    with pytest.raises(BadInputError, match="channel: got steps"):
        fhir.observations_of([VitalReading("steps", Decimal(1), AT_US)], "Patient/7")
    with pytest.raises(BadInputError, match="two readings"):
        fhir.observations_of([READINGS[1], READINGS[1]], "Patient/7")
    with pytest.raises(BadInputError, match="NaN"):
        fhir.observations_of([VitalReading("spo2", Decimal("NaN"), AT_US)], "Patient/7")


@pytest.mark.outside
@needs("data", "fhir")
@pytest.mark.parametrize("name", OFFICIAL)
def test_readings_of_official_examples_are_values_or_a_missing_time(name: str) -> None:
    """Three of the four are dated to the day: without a time they are no reading."""
    observation = fhir.parse((SHARED / "data/fhir" / f"Observation-{name}.json").read_bytes())
    if name == "satO2":
        assert fhir.readings_of(observation)[0].value == 95
    else:
        with pytest.raises(BadInputError, match="effectiveDateTime"):
            fhir.readings_of(observation)


@pytest.mark.parametrize(
    ("code", "value", "unit", "want"),
    [
        ("8310-5", 98.6, "[degF]", "37"),
        ("8310-5", 36.6, "Cel", "36.6"),
        ("8867-4", 58, "/min", "58"),
    ],
)
def test_readings_of_convert_by_definition(code: str, value: float, unit: str, want: str) -> None:
    change = {
        "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/vitalsigns"]},
        "code": concept("http://loinc.org", code),
        "valueQuantity": quantity(value, unit),
    }
    assert [one.value for one in imported(change)] == [Decimal(want)]


def test_readings_of_convert_kilopascals_outside_the_profile() -> None:
    document = pressure()
    del document["category"], document["meta"]
    # UCUM: 1 mm[Hg] is 133.322 Pa, and 125 times that is 16.66525 kPa
    document["component"][0]["valueQuantity"] = quantity(16.66525, "kPa")
    first = fhir.readings_of(fhir.parse(json.dumps(document).encode()))[0]
    assert (first.channel, first.value) == ("systolic", Decimal("125"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"status": "entered-in-error"}, "status"),
        ({"status": "cancelled"}, "status"),
        ({"effectiveDateTime": "2026-07-01"}, "effectiveDateTime"),
        ({"code": concept("http://loinc.org", "9279-1")}, "Observation.code"),
        ({"valueQuantity": quantity(58, "{foo}")}, "Observation.valueQuantity.code"),
        ({"valueQuantity": {"value": 58, "unit": "bpm"}}, "Observation.valueQuantity.code"),
        ({"valueQuantity": quantity(58, "/min") | {"comparator": "<"}},
         "Observation.valueQuantity.comparator"),
    ],
)  # fmt: skip
def test_readings_of_name_why_there_is_no_reading(change: Doc, field: str) -> None:
    bare = heart_rate() | change
    del bare["category"], bare["meta"]
    with pytest.raises(BadInputError) as raised:
        fhir.readings_of(fhir.parse(json.dumps(bare).encode()))
    assert [fault.field for fault in raised.value.faults] == [field]
