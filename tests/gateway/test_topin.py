"""The topin decoder: expected values from devices.md, by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

import pytest

from tests.gateway.build import GPS, IMEI, decode, kinds, values

AT = datetime(2026, 3, 1, 7, 59, 30, tzinfo=UTC)


def topin(kind: int, content: str, length: int | None = None) -> bytes:
    body = bytes.fromhex(content)
    return b"\x78\x78" + bytes((len(body) if length is None else length, kind)) + body + b"\r\n"


LOGIN = topin(0x01, IMEI + "4d", length=0x0D)


def test_topin_accepts_a_login_and_tells_the_time() -> None:
    decoded = decode("topin", LOGIN)
    assert decoded.device == "355488020199660"
    accepted, clock = decoded.replies
    assert accepted == b"\x78\x78\x0d\x01\x01\r\n"
    assert clock == b"\x78\x78\x07\x30" + bytes((0x07, 0xEA, 3, 1, 8, 0, 0)) + b"\r\n"


def test_topin_refuses_a_login_without_an_imei() -> None:
    decoded = decode("topin", topin(0x01, "ff" * 9, length=0x0D))
    assert decoded.replies == (b"\x78\x78\x0d\x01\x44\r\n",)
    assert [fault.field for fault in decoded.faults] == ["device"]


@pytest.mark.parametrize("kind", [0x10, 0x11])
def test_topin_reads_gps_and_answers_with_its_time(kind: int) -> None:
    decoded = decode("topin", LOGIN, topin(kind, GPS))
    position = decoded.position
    assert position is not None
    assert (position.lat, position.lon, position.at) == (22.5, 114.0, AT)
    assert decoded.replies == (b"\x78\x78\x12" + bytes((kind,)) + bytes.fromhex(GPS)[:6] + b"\r\n",)
    assert decoded.faults == ()


def test_topin_reads_gps_in_millionths() -> None:
    """22.500001 N and 114.1 W: degrees, then a sign and millionths in twenty bits."""
    place = f"16{500_001:06x}" + f"72{1 << 20 | 100_000:06x}"
    decoded = decode("topin", topin(0x08, "1a0301073b1e" + place + "00" * 8 + "242d07"))
    position = decoded.position
    assert position is not None
    assert (position.lat, position.lon) == pytest.approx((22.500001, -114.1), abs=1e-9)
    assert (position.speed_kmh, position.course_deg) == (36, 90)


BITS = {0: "vibration", 1: "other", 4: "low_battery"}


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_topin_tells_every_alarm_bit(count: int) -> None:
    for bits in combinations(BITS, count):
        frame = topin(0x10, GPS + "000c" + f"{sum(1 << bit for bit in bits):02x}")
        assert kinds(decode("topin", frame)) == sorted(BITS[bit] for bit in bits)


def test_topin_reads_the_sos_message() -> None:
    decoded = decode("topin", LOGIN, topin(0x99, ""))
    assert kinds(decoded) == ["sos"]
    assert decoded.replies == (b"\x78\x78\x01\x99\r\n",)


def test_topin_reads_battery_and_pulse() -> None:
    """The last byte of a long status is the heart rate; 0 is no contact."""
    status = "514d08191f" + "00016d" + "01"
    decoded = decode("topin", topin(0x13, status + "48"))
    assert values(decoded) == {"battery": 81, "heart_rate": 72}
    assert decoded.replies == (b"\x78\x78\x0a\x13" + bytes.fromhex(status + "48") + b"\r\n",)
    assert values(decode("topin", topin(0x13, status + "00"))) == {"battery": 81}
    assert values(decode("topin", topin(0x13, "514d0819"))) == {"battery": 81}


@pytest.mark.parametrize("kind", [0x17, 0x18, 0x19, 0x1A, 0x69])
@pytest.mark.parametrize("tower", ["25390f2132", "0000253900000f2132"])
def test_topin_reads_wifi_and_towers_of_both_widths(kind: int, tower: str) -> None:
    time = "260301075930"
    content = time + "14759059d30e25" * 2 + "0101cc00" + tower
    decoded = decode("topin", topin(kind, content, length=2))
    assert decoded.attributes is not None
    assert decoded.attributes["cells"] == [[0x2539, 0x0F21, -50]]
    assert len(str(decoded.attributes["wifi"]).split("14:75:90:59:d3:0e")) == 3
    assert decoded.replies == (b"\x78\x78\x02" + bytes((kind,)) + bytes.fromhex(time) + b"\r\n",)


def test_topin_says_what_it_does_not_know() -> None:
    assert decode("topin", topin(0xEE, "0102")).faults[0].want == "supported"
    assert decode("topin", topin(0x10, "0102")).faults[0].field == "body"
    assert decode("topin", b"xx").faults[0].field == "frame"
