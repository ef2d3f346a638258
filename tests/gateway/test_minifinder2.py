"""The minifinder2 decoder: expected values from devices.md, by hand."""

from __future__ import annotations

import binascii
from datetime import UTC, datetime
from itertools import combinations

import pytest

from bihuan.gateway.decoders.protocol import Options
from tests.gateway.build import decode, kinds, minifinder2, values

AT = datetime(2026, 3, 1, 7, 59, 30, tzinfo=UTC)
SECONDS = 1_772_351_970  # AT since 1970
DEVICE = (0x01, b"862311062707375")


def le(value: int, size: int = 4) -> bytes:
    return value.to_bytes(size, "little", signed=value < 0)


STATE = (0x24, le(SECONDS) + le(83 << 24))
GPS = (0x20, le(225_500_000) + le(-1_141_000_000) + le(36, 2) + le(90, 2))
GPS = (0x20, GPS[1] + le(12, 2) + le(9, 2) + le(5) + le(7, 1))


def test_minifinder2_reads_a_record() -> None:
    assert datetime.fromtimestamp(SECONDS, UTC) == AT
    decoded = decode("minifinder2", minifinder2(DEVICE, STATE, GPS))
    position = decoded.position
    assert position is not None
    assert (position.lat, position.lon) == pytest.approx((22.55, -114.1), abs=1e-9)
    assert (position.at, position.speed_kmh, position.course_deg) == (AT, 36, 90)
    assert position.is_valid
    assert values(decoded) == {"battery": 83}
    assert (decoded.device, decoded.identity) == ("862311062707375", "7")
    assert decoded.faults == ()


# devices.md: key 02, bit 12 SOS, bit 2 fall; the others from the maker's list
BITS = {0: "low_battery", 2: "fall", 4: "zone_leave", 12: "sos", 1: "other", 8: "other"}


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_minifinder2_tells_every_alarm_bit(count: int) -> None:
    for bits in combinations(BITS, count):
        alarm = (0x02, le(sum(1 << bit for bit in bits)))
        decoded = decode("minifinder2", minifinder2(DEVICE, STATE, alarm))
        assert kinds(decoded) == sorted({BITS[bit] for bit in bits})
        assert {signal.at for signal in decoded.signals} == {AT}


def test_minifinder2_reads_the_way_over_a_zone() -> None:
    inwards = (0x02, le(1 << 4 | 1 << 26))
    assert kinds(decode("minifinder2", minifinder2(DEVICE, STATE, inwards))) == ["zone_enter"]


def test_minifinder2_reads_vitals_at_their_own_times() -> None:
    heart, spo2 = (0x40, le(SECONDS - 60) + b"\x48"), (0x41, le(SECONDS - 30) + b"\x60")
    decoded = decode("minifinder2", minifinder2(DEVICE, STATE, heart, spo2))
    assert values(decoded) == {"heart_rate": 72, "spo2": 96, "battery": 83}
    seconds = [round((AT - r.at).total_seconds()) for r in decoded.readings if r.at is not None]
    assert seconds == [60, 30, 0]


def test_minifinder2_keeps_two_equal_heart_rates() -> None:
    first, second = (0x40, le(SECONDS - 60) + b"\x48"), (0x40, le(SECONDS) + b"\x48")
    decoded = decode("minifinder2", minifinder2(DEVICE, first, second))
    assert [reading.value for reading in decoded.readings] == [72, 72]


@pytest.mark.parametrize("value", [0, 1])
def test_minifinder2_reads_0_and_1_as_no_contact(value: int) -> None:
    decoded = decode("minifinder2", minifinder2(DEVICE, (0x40, le(SECONDS) + bytes((value,)))))
    assert decoded.readings == ()
    assert decoded.attributes is not None
    assert decoded.attributes["no_contact"] == ["heart_rate"]


def test_minifinder2_reads_a_backlog_in_order() -> None:
    earlier = (0x24, le(SECONDS - 600) + le(84 << 24))
    sos = (0x02, le(1 << 12))
    decoded = decode("minifinder2", minifinder2(DEVICE, earlier, GPS, sos, STATE, GPS, sos))
    assert decoded.position is not None
    assert decoded.position.at == AT
    assert [(AT - p.at).total_seconds() for p in decoded.track if p.at is not None] == [600]
    assert [reading.value for reading in decoded.readings] == [84, 83]
    assert kinds(decoded) == ["sos", "sos"]  # pressed twice, ten minutes apart


def test_minifinder2_answers_if_asked() -> None:
    answer = decode("minifinder2", minifinder2(DEVICE, STATE)).replies
    checksum = binascii.crc_hqx(b"\x7f\x01\x00", 0).to_bytes(2, "little")
    assert answer == (b"\xab\x00\x03\x00" + checksum + b"\x07\x00\x7f\x01\x00",)
    assert decode("minifinder2", minifinder2(DEVICE, STATE, flags=0)).replies == ()


def test_minifinder2_tells_the_time_to_who_asks() -> None:
    (reply,) = decode("minifinder2", minifinder2((0x12, b""), kind=3)).replies
    assert reply[8:] == b"\x03\x05\x12" + le(SECONDS + 30)


def test_minifinder2_records_a_checksum_that_does_not_fit() -> None:
    frame = bytearray(minifinder2(DEVICE, STATE))
    frame[4] ^= 0xFF
    decoded = decode("minifinder2", bytes(frame))
    assert values(decoded) == {"battery": 83}
    assert decoded.attributes is not None
    assert "checksum_mismatch" in decoded.attributes
    strict = decode("minifinder2", bytes(frame), options=Options(must_sum_fit=True))
    assert (strict.readings, [f.field for f in strict.faults]) == ((), ["checksum"])


def test_minifinder2_keeps_an_sos_beside_a_broken_key() -> None:
    decoded = decode("minifinder2", minifinder2(DEVICE, (0x20, b"\x01"), (0x02, le(1 << 12))))
    assert kinds(decoded) == ["sos"]
    assert [fault.field for fault in decoded.faults] == ["key 20"]
