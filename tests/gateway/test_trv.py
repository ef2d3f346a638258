"""The trv decoder: expected values from the IW document and devices.md, by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bihuan.gateway.decoders.protocol import Options
from tests.gateway.build import decode, kinds, values

# 2026-03-01 07:59:30 UTC, 22 deg 33.0 min N, 114 deg 6.0 min E, 3.5 km/h, course 154.8, gsm 60,
# 9 satellites, battery 80
PLACE = "260301A2233.0000N11406.0000E003.5075930154.8006000908000102"
CELL = ",460,0,9520,3671"


def test_trv_reads_a_location() -> None:
    decoded = decode("trv", "IWAP00353456789012345#", f"IWAP01{PLACE}{CELL},Home|74-DE|97#")
    position = decoded.position
    assert position is not None
    assert (position.lat, position.lon) == pytest.approx((22.55, 114.1), abs=1e-9)
    assert position.at == datetime(2026, 3, 1, 7, 59, 30, tzinfo=UTC)
    assert (position.is_valid, position.speed_kmh, position.course_deg) == (True, 3.5, 154.8)
    assert values(decoded) == {"battery": 80}
    assert decoded.device == "353456789012345"
    assert decoded.signals == ()
    assert decoded.replies == (b"IWBP01#",)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("00", []),
        ("01", ["sos"]),
        ("02", ["low_battery"]),
        ("03", ["off_wrist"]),
        ("04", ["other"]),  # a reminder to wear it
        ("05", ["fall", "tamper"]),  # a cut strap, or a fall: sources differ, both are told
        ("06", ["fall"]),
        ("07", ["other"]),  # heart rate abnormal, no side said
        ("08", ["hr_high"]),
        ("09", ["hr_low"]),
        ("10", ["bp_high"]),
        ("11", ["bp_low"]),
        ("12", ["bp_high"]),
        ("13", ["bp_low"]),
        ("99", ["other"]),
    ],
)
def test_trv_reads_alarm_codes(code: str, expected: list[str]) -> None:
    decoded = decode("trv", f"IWAP10{PLACE}{CELL},{code},zh-cn,00,HOME|74-DE-2B-44-88-8C|97")
    assert kinds(decoded) == expected
    assert decoded.replies == (b"IWBP10#",)


def test_trv_reads_code_05_as_the_model_means_it() -> None:
    frame = f"IWAP10{PLACE}{CELL},05,zh-cn,00"
    assert kinds(decode("trv", frame, options=Options(model="05-strap"))) == ["tamper"]
    assert kinds(decode("trv", frame, options=Options(model="05-fall"))) == ["fall"]


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ("IWAP49,68#", {"heart_rate": 68}),
        ("IWAPHT,60,130,85#", {"heart_rate": 60, "systolic": 130, "diastolic": 85}),
        (
            "IWAPHP,60,130,85,95,90,36.5,,,,,,,#",
            {"heart_rate": 60, "systolic": 130, "diastolic": 85, "spo2": 95, "temperature": 36.5},
        ),
        ("IWAPHP,,,,95,,,#", {"spo2": 95}),  # any may be blank
        ("IWAP50,36.7,90#", {"temperature": 36.7, "battery": 90}),
        ("IWAP03,06000908000102,5555,30#", {"battery": 80, "steps": 5555, "turnovers": 30}),
        ("TRVCP01,07800010010000602001206001120124#", {"battery": 100}),
    ],
)
def test_trv_reads_values(frame: str, expected: dict[str, float]) -> None:
    decoded = decode("trv", frame)
    assert values(decoded) == expected
    assert decoded.faults == ()


def test_trv_reads_0_as_no_contact() -> None:
    decoded = decode("trv", "IWAPHT,0,0,0#")
    assert decoded.readings == ()
    assert decoded.attributes is not None
    assert decoded.attributes["no_contact"] == ["heart_rate", "systolic", "diastolic"]


@pytest.mark.parametrize(
    ("frame", "reply"),
    [
        ("IWAP00353456789012345#", b"IWBP00,20260301080000,8#"),  # the time is that of receipt
        ("TRVAP00353456789012345#", b"TRVBP00#"),
        ("IWAP49,68#", b"IWBP49#"),
        ("IWAPHT,60,130,85#", b"IWBPHT#"),
        ("TRVCP01,07800010010000602001206001120124#", b"TRVDP01#"),
        ("TRVYP03" + PLACE + CELL + "#", b"TRVZP03#"),
        ("IWAP02,zh_cn,0,1,260,1,11002|39252|9,0,#", b"IWBP02#"),
    ],
)
def test_trv_answers(frame: str, reply: bytes) -> None:
    assert decode("trv", frame).replies == (reply,)


@pytest.mark.parametrize("kind", ["12", "14", "33", "34", "40", "76", "77", "84", "85", "86", "87"])
def test_trv_answers_no_answer_to_an_order(kind: str) -> None:
    decoded = decode("trv", f"IWAP{kind},080835,1,2#")
    assert decoded.replies == ()
    assert decoded.faults == ()
    assert decode("trv", "IWAP16,080835#").replies == ()  # an order's serial alone


def test_trv_keeps_an_sos_with_an_impossible_place_and_time() -> None:
    place = PLACE.replace("260301A2233", "261301A9933")
    decoded = decode("trv", f"IWAP10{place}{CELL},01,zh-cn,00")
    assert kinds(decoded) == ["sos"]
    assert sorted(fault.field for fault in decoded.faults) == ["lat", "time"]


def test_trv_says_what_it_does_not_know() -> None:
    assert decode("trv", "IWAPQQ,1,2#").faults[0].as_dict() == {
        "field": "type",
        "got": "APQQ",
        "want": "supported",
    }
    assert decode("trv", "IWAP00abc#").faults[0].field == "device"
    assert decode("trv", "hello#").faults[0].field == "frame"
    assert decode("trv", "IWAP01nothing#").faults[0].field == "location"
