"""FHIR over HTTP: an Observation becomes readings, its original comes back as it came."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bihuan.base.time import MovableClock
from bihuan.gateway.formats import strict_json
from bihuan.gateway.http.observations import bundle_of
from bihuan.journal.keys import KeyRing
from bihuan.journal.readings import NewReading
from bihuan.register.observations.models import Observation
from tests.county import World
from tests.gateway.http.post import AT_US, Gate, Got, Posting, key_for, stored
from tests.outside import SHARED, outside
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
EXAMPLES = sorted((SHARED / "data" / "fhir").glob("*.json"))
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"


def observation(subject: int, /, **changes: Any) -> dict[str, Any]:
    """A heart rate of 72.50 a minute at 08:00 in the county."""
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"system": category, "code": "vital-signs"}]}],
        "code": {"coding": [{"system": LOINC, "code": "8867-4"}]},
        "subject": {"reference": f"Patient/{subject}"},
        "effectiveDateTime": "2026-03-02T08:00:00+08:00",
        "valueQuantity": {"value": 72.5, "unit": "/min", "system": UCUM, "code": "/min"},
        **changes,
    }


def post(gate: Gate, world: World, *bodies: bytes | dict[str, Any], query: str = "") -> list[Got]:
    got: list[Got] = []

    def talk(line: Posting) -> None:
        for body in bodies:
            got.append(line.post(f"/fhir/Observation{query}", body, media="application/fhir+json"))

    gate.talk(key_for(gate.clock, "observations", areas=[world.people.village]).token, talk)
    return got


def readings() -> list[NewReading]:
    return [
        NewReading(s.subject, s.device, s.binding, channel, unit, at, value, quality, at)
        for s, channel, unit, at, value, quality in stored()
    ]


def test_observation_becomes_a_reading_once(world: World, gate: Gate, keys: KeyRing) -> None:
    subject = world.people.subject
    got = post(gate, world, *[observation(subject)] * 2)
    assert [one.status for one in got] == [201, 200]
    assert got[0].json["observation"] == got[1].json["observation"]
    ((series, *rest),) = stored()
    assert (series.subject, *rest) == (subject, "heart_rate", "bpm", AT_US, 72.5, 0)
    assert b"8867-4" not in bytes(Observation.objects.get().document)
    assert differences() == []


def test_observation_of_a_bound_device_is_in_its_series(world: World, gate: Gate) -> None:
    people = world.people
    device = {"reference": f"Device/{people.device}"}
    (got,) = post(gate, world, observation(people.subject, device=device))
    assert got.status == 201
    ((series, *_rest),) = stored()
    assert (series.subject, series.device) == (people.subject, people.device)
    assert series.binding is not None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subject": {"reference": "Patient/99"}}, "subject"),
        ({"device": {"reference": "Device/99"}}, "device"),
        ({"status": "entered-in-error"}, "status"),
        (
            {"valueQuantity": {"value": 9000, "unit": "/min", "system": UCUM, "code": "/min"}},
            "heart_rate",
        ),
        ({"code": {"coding": [{"system": LOINC, "code": "2339-0"}]}}, "Observation.code"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_observation_that_cannot_be_used_is_refused(
    world: World, gate: Gate, changes: dict[str, Any], field: str
) -> None:
    (got,) = post(gate, world, observation(world.people.subject, **changes))
    assert got.status == 422
    assert any(field in name for name in got.fields), got.json
    assert stored() == []
    assert not Observation.objects.exists()


def test_bundle_has_what_came_and_what_was_measured(
    world: World, gate: Gate, keys: KeyRing, clock: MovableClock
) -> None:
    people = world.people
    came = observation(people.subject)
    post(gate, world, came)
    band = (people.subject, people.device, None)
    measured = [
        NewReading(*band, "systolic", "mmHg", AT_US + 1_000_000, 132.0, 0, AT_US),
        NewReading(*band, "diastolic", "mmHg", AT_US + 1_000_000, 80.0, 0, AT_US),
        NewReading(*band, "heart_rate", "bpm", AT_US + 2_000_000, 0.0, 1, AT_US),
        NewReading(*band, "battery", "%", AT_US, 76.0, 0, AT_US),
    ]
    bundle = json.loads(bundle_of(people.subject, [*readings(), *measured], keys))
    assert (bundle["type"], bundle["total"]) == ("searchset", 2)
    first, second = (entry["resource"] for entry in bundle["entry"])
    assert first == came
    values = [part["valueQuantity"]["value"] for part in second["component"]]
    assert values == [132.0, 80.0]
    keys.erase(people.elder, clock.now_us())
    assert json.loads(bundle_of(people.subject, [], keys))["total"] == 0


@outside
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_official_example_comes_back_without_loss(
    world: World, gate: Gate, keys: KeyRing, path: Path
) -> None:
    """Examples that name a day and no moment are kept; only those with a moment have readings."""
    raw = path.read_bytes()
    (got,) = post(gate, world, raw, query=f"?subject={world.people.subject}")
    assert got.status == 201
    has_moment = "T" in json.loads(raw)["effectiveDateTime"]
    assert (len(stored()), got.json["readings"]) == ((1, 1) if has_moment else (0, 0))
    assert bool(got.json["without"]) is not has_moment
    bundle = strict_json.read(bundle_of(world.people.subject, readings(), keys))
    assert isinstance(bundle, dict)
    (entry,) = bundle["entry"]
    assert entry["resource"] == strict_json.read(raw)
