"""The watch decoder: expected values from devices.md and the maker's page, by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

import pytest

from bihuan.gateway.decoders.protocol import Options
from tests.gateway.build import decode, kinds, values, watch, watch_location

AT = datetime(2026, 3, 1, 7, 59, 30, tzinfo=UTC)

# devices.md 1: status bit -> signal
ALARM_BITS = {
    0: "low_battery",
    1: "zone_leave",
    2: "zone_enter",
    14: "power_cut",
    16: "sos",
    17: "low_battery",
    18: "zone_leave",
    19: "zone_enter",
    20: "off_wrist",
    21: "fall",
    22: "other",
}


def test_watch_reads_a_location_frame() -> None:
    decoded = decode("watch", watch_location())
    position = decoded.position
    assert position is not None
    assert (position.lat, position.lon, position.at) == (22.570512, 113.862327, AT)
    assert (position.is_valid, position.datum) == (True, "WGS-84")
    assert (position.speed_kmh, position.course_deg) == (3.5, 154.8)  # km/h on the wire, not knots
    assert values(decoded) == {"battery": 83, "steps": 4211, "turnovers": 12}
    assert all(reading.at == AT for reading in decoded.readings)
    assert decoded.device == "8800000015"
    assert (decoded.signals, decoded.replies, decoded.faults) == ((), (), ())


def test_watch_tells_every_pair_of_alarm_bits() -> None:
    """A low battery hides no SOS; nor does any other bit hide another."""
    for bits in combinations(ALARM_BITS, 2):
        status = f"{sum(1 << bit for bit in bits):08X}"
        decoded = decode("watch", watch_location("AL", status))
        assert kinds(decoded) == sorted({ALARM_BITS[bit] for bit in bits}), status


def test_watch_tells_all_alarm_bits_at_once() -> None:
    status = f"{sum(1 << bit for bit in ALARM_BITS):08X}"
    assert kinds(decode("watch", watch_location("AL", status))) == sorted(set(ALARM_BITS.values()))


@pytest.mark.parametrize(
    ("model", "kind"), [(None, "other"), ("bit22-fall", "fall"), ("bit22-vibration", "vibration")]
)
def test_watch_reads_bit_22_as_the_model_means_it(model: str | None, kind: str) -> None:
    decoded = decode("watch", watch_location("AL", "00400000"), options=Options(model=model))
    assert kinds(decoded) == [kind]


def test_watch_reads_bits_3_and_4_as_states() -> None:
    """Bit 3 is the state off the wrist, bit 4 is not moving: neither is an alarm."""
    decoded = decode("watch", watch_location("UD", "00000018"))
    assert decoded.attributes is not None
    assert (decoded.attributes["is_off_wrist"], decoded.attributes["is_still"]) == (True, True)
    assert decoded.signals == ()


def test_watch_alarm_frame_with_status_0_is_not_silent() -> None:
    decoded = decode("watch", watch_location("AL", "00000000"))
    assert kinds(decoded) == ["other"]


def test_watch_alarm_frame_cut_short_is_not_silent() -> None:
    decoded = decode("watch", watch("AL,010326,075930,A"))
    assert kinds(decoded) == ["other"]
    assert [fault.field for fault in decoded.faults] == ["fields"]
    assert decoded.replies == (b"[3G*8800000015*0002*AL]",)


@pytest.mark.parametrize("kind", ["AL", "AL_LTE", "AL_WCDMA", "AL_TDSCDMA", "al"])
def test_watch_answers_every_alarm_with_al(kind: str) -> None:
    decoded = decode("watch", watch_location(kind, "00010000"))
    assert kinds(decoded) == ["sos"]
    assert decoded.replies == (b"[3G*8800000015*0002*AL]",)


@pytest.mark.parametrize("kind", ["UD", "UD2", "UD3", "UD_LTE", "UD_WCDMA", "WT", "UD_CDMA"])
def test_watch_answers_no_location(kind: str) -> None:
    decoded = decode("watch", watch_location(kind))
    assert decoded.position is not None
    assert decoded.replies == ()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("bphrt,112,73,67,,,,", {"systolic": 112, "diastolic": 73, "heart_rate": 67}),
        ("bphrt,112,73,67,170,1,80,65", {"systolic": 112, "diastolic": 73, "heart_rate": 67}),
        ("BLOOD,109,68", {"systolic": 109, "diastolic": 68}),
        ("BLOOD,109,68,71", {"systolic": 109, "diastolic": 68, "heart_rate": 71}),
        ("heart,72", {"heart_rate": 72}),
        ("PULSE,72", {"heart_rate": 72}),
        ("oxygen,0,98", {"spo2": 98}),
        ("TEMP,36.55", {"temperature": 36.55}),
        ("btemp2,1,36.57", {"temperature": 36.57}),
        ("btemp2,0,36.57", {"temperature": 36.57}),  # forehead counts as well
        ("LK,50,100,97", {"steps": 50, "turnovers": 100, "battery": 97}),
        ("LK", {}),
    ],
)
def test_watch_reads_vitals_without_a_time(content: str, expected: dict[str, float]) -> None:
    decoded = decode("watch", watch(content))
    assert values(decoded) == expected
    assert all(reading.at is None for reading in decoded.readings)
    assert decoded.faults == ()


@pytest.mark.parametrize(
    ("content", "channels"),
    [
        ("heart,0", ["heart_rate"]),
        ("bphrt,0,0,0,,,,", ["systolic", "diastolic", "heart_rate"]),
        ("oxygen,0,0", ["spo2"]),
        ("btemp2,1,0", ["temperature"]),
        ("btemp2,1,1", ["temperature"]),
        ("TEMP,0", ["temperature"]),
    ],
)
def test_watch_reads_0_as_no_contact(content: str, channels: list[str]) -> None:
    decoded = decode("watch", watch(content))
    assert decoded.readings == ()
    assert decoded.attributes is not None
    assert decoded.attributes["no_contact"] == channels
    assert decoded.faults == ()


@pytest.mark.parametrize(
    ("content", "reply"),
    [
        ("LK", b"LK"),
        ("LK,0,0,53", b"LK"),
        ("bphrt,112,73,67,,,,", b"bphrt"),
        ("oxygen,0,98", b"oxygen,1"),
        ("btemp2,1,36.5", b"btemp2"),
        ("CONFIG,TY:1", b"CONFIG,1"),
        ("INIT,1,2", b"INIT,1"),
        ("TKQ", b"TKQ"),
        ("TKQ2", b"TKQ2"),
        ("JXTK,0,a.amr,1,2,##", b"JXTKR,1"),
    ],
)
def test_watch_echoes_maker_id_and_index(content: str, reply: bytes) -> None:
    """The LEN of the answer is its own, not the one that came."""
    decoded = decode("watch", watch(content, maker="ZJ", device="357653059860416", index="0007"))
    told = f"{len(reply):04X}".encode()
    assert decoded.replies == (b"[ZJ*357653059860416*0007*" + told + b"*" + reply + b"]",)
    assert decoded.identity == "0007"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lat": "97.1"}, "lat"),
        ({"lon": "181.0"}, "lon"),
        ({"date": "310226"}, "time"),
        ({"date": "011326"}, "time"),
        ({"time": "256161"}, "time"),
        ({"battery": "101"}, "battery"),
        ({"course": "361"}, "course_deg"),
        ({"lat": "nan"}, "position"),
        ({"lat": "1e1"}, "position"),
        ({"speed": "9999"}, "speed_kmh"),
    ],
)
def test_watch_keeps_the_sos_of_a_frame_with_an_impossible_value(
    changes: dict[str, str], field: str
) -> None:
    decoded = decode("watch", watch_location("AL", "00010000", **changes))
    assert kinds(decoded) == ["sos"]
    assert [fault.field for fault in decoded.faults] == [field]
    assert decoded.replies == (b"[3G*8800000015*0002*AL]",)


def test_watch_records_a_length_that_does_not_fit() -> None:
    frame = watch("heart,72").replace(b"*0008*", b"*0007*")
    decoded = decode("watch", frame)
    assert values(decoded) == {"heart_rate": 72}
    assert decoded.attributes is not None
    assert decoded.attributes["length_mismatch"] == {"told": 7, "found": 8}
    strict = decode("watch", frame, options=Options(must_length_fit=True))
    assert strict.readings == ()
    assert [fault.field for fault in strict.faults] == ["length"]


def test_watch_southern_and_western_hemispheres_are_negative() -> None:
    decoded = decode("watch", watch_location(lat="33.5", north="S", lon=" 70.7", east="W"))
    assert decoded.position is not None
    assert (decoded.position.lat, decoded.position.lon) == (-33.5, -70.7)


def test_watch_says_that_a_band_has_no_fix() -> None:
    decoded = decode("watch", watch_location(valid="V"))
    assert decoded.position is not None
    assert decoded.position.is_valid is False


def test_watch_marks_a_backlog() -> None:
    decoded = decode("watch", watch_location("UD2"))
    assert decoded.attributes is not None
    assert decoded.attributes["is_backlog"] is True


def test_watch_keeps_a_recording_out_of_the_readings() -> None:
    decoded = decode("watch", watch("TK,#!AMR\x7d[],*\xff"))
    assert decoded.attributes is not None
    assert decoded.attributes["media"] == {"what": "audio", "bytes": 11, "fields": []}
    assert (decoded.readings, decoded.signals, decoded.position) == ((), (), None)
    assert decoded.faults == ()


def test_watch_says_what_it_does_not_support() -> None:
    decoded = decode("watch", watch("QWERTY,1,2"))
    assert [fault.as_dict() for fault in decoded.faults] == [
        {"field": "type", "got": "QWERTY", "want": "supported"}
    ]
    assert decode("watch", watch("rcapture")).faults == ()  # a band's answer to an order


def test_watch_says_what_it_cannot_read() -> None:
    decoded = decode("watch", b"[3G*88]")
    assert decoded.device is None
    assert decoded.faults[0].field == "frame"
    assert "LEN" in decoded.faults[0].want
