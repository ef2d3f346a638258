"""FHIR R4 Observations: no loss, and each rule broken once is named by its element."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.base.errors import BadInputError
from bihuan.gateway.formats import fhir
from tests.outside import SHARED, needs

Doc = dict[str, Any]
VITAL = "http://hl7.org/fhir/StructureDefinition/"
OFFICIAL = ["blood-pressure", "body-temperature", "heart-rate", "satO2"]


def concept(system: str, code: str) -> Doc:
    return {"coding": [{"system": system, "code": code}]}


def quantity(value: float, code: str) -> Doc:
    return {"value": value, "unit": code, "system": "http://unitsofmeasure.org", "code": code}


def heart_rate() -> Doc:
    return {
        "resourceType": "Observation",
        "id": "hr-1",
        "meta": {"profile": [VITAL + "heartrate"]},
        "text": {
            "status": "generated",
            "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>心率 &lt; 60</p></div>',
        },
        "contained": [{"resourceType": "Patient", "id": "p", "active": True}],
        "extension": [{"url": "http://a.example/band", "valueString": "left wrist"}],
        "status": "final",
        "category": [
            concept("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs")
        ],
        "code": concept("http://loinc.org", "8867-4"),
        "subject": {"reference": "#p"},
        "effectiveDateTime": "2026-07-01T08:00:00+08:00",
        "_effectiveDateTime": {"extension": [{"url": "http://a.example/x", "valueCode": "band"}]},
        "valueQuantity": quantity(58, "/min"),
        "referenceRange": [{"low": quantity(50, "/min"), "high": quantity(110, "/min")}],
        "note": [{"text": "静息"}],
    }


def pressure() -> Doc:
    made = heart_rate()
    made["meta"] = {"profile": [VITAL + "vitalsigns"]}
    made["code"] = concept("http://loinc.org", "85354-9")
    del made["valueQuantity"], made["referenceRange"]
    made["component"] = [
        {"code": concept("http://loinc.org", "8480-6"), "valueQuantity": quantity(138, "mm[Hg]")},
        {"code": concept("http://loinc.org", "8462-4"), "valueQuantity": quantity(86, "mm[Hg]")},
    ]
    return made


def checked(document: Any) -> fhir.Checked:
    return fhir.check(json.dumps(document, ensure_ascii=False).encode())


def fields(document: Any) -> list[str]:
    return [fault.field.removeprefix("Observation.") for fault in checked(document).faults]


@pytest.mark.outside
@needs("data", "fhir")
@pytest.mark.parametrize("name", OFFICIAL)
def test_check_accepts_the_official_examples_without_loss(name: str) -> None:
    raw = (SHARED / "data" / "fhir" / f"Observation-{name}.json").read_bytes()
    assert fhir.check(raw) == fhir.Checked((), True)
    assert json.loads(fhir.write(fhir.parse(raw))) == json.loads(raw)


@pytest.mark.parametrize("make", [heart_rate, pressure])
def test_check_accepts_our_own_without_loss(make: Callable[[], Doc]) -> None:
    assert checked(make()) == fhir.Checked((), True)


def test_write_keeps_digits_and_all_that_is_unknown() -> None:
    raw = json.dumps(heart_rate()).replace('"value": 58', '"value": 58.00').encode()
    observation = fhir.parse(raw)
    assert observation.quantity is not None
    assert str(observation.quantity.number) == "58.00"
    written = fhir.write(observation)
    assert b"58.00" in written
    assert json.loads(written) == json.loads(raw)


@pytest.mark.parametrize("name", ["status", "code", "category", "subject", "valueQuantity"])
def test_check_names_each_required_element_that_is_missing(name: str) -> None:
    document = heart_rate()
    del document[name]
    want = {"valueQuantity": "value[x]"}.get(name, name)
    # the patient contained for the subject alone is left over
    extra = ["contained[0]"] if name == "subject" else []
    # without its code the profile's own code is missing too
    assert fields(document)[:1] == (extra or [want])
    assert want in fields(document)


def test_check_wants_a_time_of_a_vital_sign() -> None:
    document = heart_rate()
    del document["effectiveDateTime"], document["_effectiveDateTime"]
    assert fields(document) == ["effective[x]"]
    assert fields(heart_rate() | {"effectiveDateTime": "2026-07"}) == ["effectiveDateTime"]


BROKEN: list[tuple[Doc, str]] = [
    ({"status": "done"}, "status"),
    ({"status": 1}, "status"),
    ({"status": ""}, "status"),
    ({"id": "a b"}, "id"),
    ({"id": "x" * 65}, "id"),
    ({"code": []}, "code"),
    ({"code": {}}, "code"),
    ({"category": {}}, "category"),
    ({"note": []}, "note"),
    ({"note": [{}]}, "note[0]"),
    ({"issued": "2026-07-01"}, "issued"),
    ({"effectiveDateTime": "2026-02-30"}, "effectiveDateTime"),
    ({"effectiveDateTime": "2026-07-01T08:00"}, "effectiveDateTime"),
    ({"effectiveDateTime": "2026-07-01T08:00:00"}, "effectiveDateTime"),
    ({"effectivePeriod": {"start": "2026"}}, "effective[x]"),
    ({"valueString": "58"}, "value[x]"),
    ({"valueAttachment": {"title": "R5"}}, "valueAttachment"),
    ({"triggeredBy": []}, "triggeredBy"),
    ({"_code": {"id": "a"}}, "_code"),
    ({"subject": {"reference": "Practitioner/1"}}, "subject.reference"),
    ({"device": {"reference": "Patient/1"}}, "device.reference"),
    ({"hasMember": [{"reference": "Patient/1"}]}, "hasMember[0].reference"),
    ({"dataAbsentReason": concept("http://a.example", "x")}, "dataAbsentReason"),
    ({"valueQuantity": quantity(58, "bpm")}, "valueQuantity.code"),
    ({"valueQuantity": {"value": "58"}}, "valueQuantity.value"),
    ({"valueQuantity": quantity(1, "/min") | {"comparator": "~"}}, "valueQuantity.comparator"),
    ({"valueQuantity": {"value": 1, "unit": "x", "code": "/min"}}, "valueQuantity.system"),
    ({"referenceRange": [{"type": concept("http://a", "x")}]}, "referenceRange[0]"),
    ({"extension": [{"valueString": "x"}]}, "extension[0].url"),
    ({"extension": [{"url": "http://a"}]}, "extension[0]"),
    ({"contained": [{"resourceType": "Patient", "id": "p"}, {"id": "q"}]}, "contained[1]"),
    ({"subject": {"reference": "#nobody"}}, "contained"),
    ({"text": {"status": "generated", "div": "<div>no namespace</div>"}}, "text.div"),
    ({"text": {"status": "generated", "div": "<p xmlns='http://www.w3.org/1999/xhtml'>x</p>"}},
     "text.div"),
    ({"text": {"status": "generated", "div":
      "<div xmlns='http://www.w3.org/1999/xhtml'><script>x</script></div>"}}, "text.div"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "field"), BROKEN)
def test_check_names_the_element_that_is_wrong(change: Doc, field: str) -> None:
    found = [one for one in fields(heart_rate() | change) if not one.startswith("contained")]
    found = found or fields(heart_rate() | change)
    assert any(one.startswith(field) for one in found), found


@pytest.mark.parametrize("drop", [0, 1])
def test_check_wants_both_pressures_of_a_panel(drop: int) -> None:
    document = pressure()
    del document["component"][drop]
    assert fields(document) == ["component"]


def test_check_wants_a_value_or_its_reason_in_each_component() -> None:
    document = pressure()
    del document["component"][1]["valueQuantity"]
    assert fields(document) == ["component[1].value[x]"]
    system = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
    document["component"][1]["dataAbsentReason"] = concept(system, "not-performed")
    assert fields(document) == []


def test_check_wants_millimetres_of_mercury() -> None:
    document = pressure()
    document["component"][0]["valueQuantity"] = quantity(18.4, "kPa")
    assert fields(document) == ["component[0].valueQuantity.code"]


def test_check_asks_nothing_of_a_vital_sign_from_what_claims_none() -> None:
    plain = {"resourceType": "Observation", "status": "final", "code": {"text": "eye colour"}}
    assert fields(plain | {"valueString": "brown"}) == []
    assert fields(plain | {"effectiveTiming": {"code": {"text": "每日"}}}) == []


def samples(text: str) -> Doc:
    origin = {"value": 0, "unit": "mV"}
    return {"origin": origin, "period": 10, "dimensions": 1, "data": text}


def test_check_reads_sampled_data_in_a_time_that_its_length_bounds() -> None:
    plain = {"resourceType": "Observation", "status": "final", "code": {"text": "ECG"}}
    assert fields(plain | {"valueSampledData": samples("2041 -20.5 .5 1e3 E U L")}) == []
    long = "12345678901234567890 " * 5000
    assert fields(plain | {"valueSampledData": samples(long + "x")}) == ["valueSampledData.data"]
    photo = {"url": "http://a", "valueBase64Binary": "QUJD\n " * 5000 + "!"}
    assert fields(plain | {"extension": [photo]}) == ["extension[0].valueBase64Binary"]


def test_check_reads_arrays_of_primitives_with_their_twins() -> None:
    document = heart_rate() | {"meta": {"profile": [None], "_profile": [{"id": "a"}]}}
    assert fields(document) == []
    document["meta"] = {"profile": [None]}
    assert fields(document) == ["meta.profile[0]"]


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"", "document"),
        (b"[]", "document"),
        (b"<Observation/>", "document"),
        (b"{}", "resourceType"),
        (b'{"resourceType": "Patient"}', "resourceType"),
        (b'{"resourceType": "Bundle", "type": "collection"}', "resourceType"),
        (b'{"resourceType": "Observation", "resourceType": "Observation"}', "resourceType"),
    ],
)
def test_check_refuses_other_documents_with_one_fault(raw: bytes, field: str) -> None:
    result = fhir.check(raw)
    assert ([fault.field for fault in result.faults], result.lossless) == ([field], None)


def test_parse_raises_with_every_fault() -> None:
    broken = heart_rate() | {"status": "done", "issued": "today"}
    with pytest.raises(BadInputError) as raised:
        fhir.parse(json.dumps(broken).encode())
    assert len(raised.value.faults) == 2


scalars = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.decimals(0, 9, places=2)
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["coding", "code", "value", "text", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
names = st.sampled_from(
    ["status", "category", "code", "subject", "valueQuantity", "component", "effectiveDateTime",
     "device", "dataAbsentReason", "meta", "text", "contained", "_status", "unknown"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(names, anything, max_size=6))
def test_check_never_raises_and_the_model_never_loses(found: Doc) -> None:
    """Whatever stands in an Observation, even nonsense, comes back as it was."""
    document = json.dumps({"resourceType": "Observation"} | found, default=float)
    assert fhir.check(document.encode()).lossless is True
