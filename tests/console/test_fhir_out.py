"""Observations out: who may read them, that each reading is logged, and that nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bihuan.base.time import DAY_US, HOUR_US, rfc3339
from bihuan.gateway.formats import strict_json
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import VIEWS_LANE, Entry
from bihuan.journal.payloads import decode
from bihuan.journal.readings import NewReading, append_readings, seen0_now
from bihuan.register.observations.entries import ObservationReceived
from tests.console.place import Place
from tests.outside import SHARED, outside

pytestmark = pytest.mark.django_db(databases="__all__")
EXAMPLES = sorted((SHARED / "data" / "fhir").glob("*.json"))
BASE = "/api/v1/fhir/Observation"
ORIGINAL = '{"resourceType":"Observation","note":[{"text":"72.50 次"}],"value":72.50}'


def came(place: Place, document: bytes, at_us: int | None) -> int:
    """An original as the intake keeps it; its id."""
    sealed = place.keys.seal_bytes(place.people.elder, document)
    people = place.people
    said = ObservationReceived(
        subject_id=people.subject,
        device_id=people.device,
        at_us=at_us,
        document=sealed,
        source="http clinic",
    )
    return place.add(said)


def heard(place: Place, *beats: tuple[int, float]) -> None:
    people = place.people
    row = (people.subject, people.device, None, "heart_rate", "bpm")
    rows = [NewReading(*row, at_us, bpm, int(bpm == 0), at_us) for at_us, bpm in beats]
    append_readings(rows, seen0=seen0_now(), clock=place.clock)


def views(place: Place) -> list[tuple[Any, ...]]:
    found = Entry.objects.filter(lane=VIEWS_LANE, type__startswith="row.viewed").order_by(
        "position"
    )
    said: list[Any] = [decode(one.type, bytes(one.body or b"")) for one in found]
    return [(one.noun, one.about, one.by, one.purpose) for one in said]


def test_observations_are_read_by_right_and_each_reading_is_logged(place: Place) -> None:
    address = f"{BASE}?patient={place.people.subject}"
    heard(place, (place.clock.now_us() - HOUR_US, 72.0))
    for who, status in (
        ("", 401), ("stranger", 404), ("neighbour", 404), ("village", 200), ("town", 200),
    ):  # fmt: skip
        assert place.client(who).get(address).status_code == status, who
    people = place.people
    assert views(place) == [
        ("row", people.subject, people.secretary, "page"),
        ("row", people.subject, people.town_officer, "page"),
    ]


def test_bundle_holds_what_came_and_what_was_measured_of_the_period(place: Place) -> None:
    now_us = place.clock.now_us()
    came(place, ORIGINAL.encode(), now_us - 2 * HOUR_US)
    came(place, ORIGINAL.encode(), now_us - 3 * DAY_US)
    heard(place, (now_us - HOUR_US, 72.0), (now_us - 2 * DAY_US, 70.0), (now_us - 60, 0.0))
    client, whose = place.client("town"), f"{BASE}?subject=Patient/{place.people.subject}"
    answer = client.get(whose)
    assert answer["Content-Type"] == "application/fhir+json"
    assert answer["Cache-Control"] == "no-store"
    assert b'"value": 72.50' in answer.content, "the digits of the original"
    bundle = json.loads(answer.content)
    assert (bundle["resourceType"], bundle["type"], bundle["total"]) == ("Bundle", "searchset", 2)
    since = rfc3339(now_us - 4 * DAY_US)
    until = rfc3339(now_us - DAY_US)
    older = client.get(whose, {"subject": f"Patient/{place.people.subject}"}).status_code
    assert older == 200
    asked: dict[str, Any] = {"patient": place.people.subject, "date": [f"ge{since}", f"lt{until}"]}
    assert json.loads(client.get(BASE, asked).content)["total"] == 2


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"subject": "Device/7"},
        {"patient": 1, "subject": "Patient/1"},
        {"patient": 1, "date": "2026-03-02"},
        {"patient": 1, "date": "ge2026-03-02T08:00:00"},
        {"patient": 1, "date": ["ge2026-01-01T00:00:00Z", "lt2026-03-01T00:00:00Z"]},
        {"patient": 1, "date": ["ge2026-01-01T00:00:00Z", "ge2026-01-02T00:00:00Z"]},
    ],
)
def test_question_that_cannot_be_is_refused(place: Place, asked: dict[str, Any]) -> None:
    assert place.client("town").get(BASE, asked).status_code == 422


def test_erased_original_is_gone(place: Place, keys: KeyRing) -> None:
    number = came(place, ORIGINAL.encode(), None)
    address = f"{BASE}/{number}"
    assert place.client("town").get(address).content == ORIGINAL.encode()
    assert place.client("stranger").get(address).status_code == 404
    assert place.client("neighbour").get(address).status_code == 404
    place.keys.erase(place.people.elder, place.clock.now_us())
    assert place.client("town").get(address).status_code == 404


@outside
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_official_example_leaves_as_it_came(place: Place, path: Path) -> None:
    raw = path.read_bytes()
    number = came(place, raw, None)
    assert place.client("town").get(f"{BASE}/{number}").content == raw
    bundle = place.client("town").get(f"{BASE}?patient={place.people.subject}").content
    found = strict_json.read(bundle)
    assert isinstance(found, dict)
    (entry,) = found["entry"]
    assert entry["resource"] == strict_json.read(raw)
