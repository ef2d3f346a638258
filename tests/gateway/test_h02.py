"""The h02 decoder: expected values from devices.md, by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

import pytest

from bihuan.gateway.decoders.protocol import Options
from tests.gateway.build import NOW, decode, kinds, values

AT = datetime(2026, 3, 1, 7, 59, 30, tzinfo=UTC)
# devices.md 1: status bit that is 0 -> signal
ACTIVE_LOW = {0: "vibration", 1: "sos", 2: "other", 18: "sos", 19: "power_cut"}
IDLE = 0xFFFFFFFF


def text(status: int = IDLE, kind: str = "V1", **changes: str) -> str:
    fields = {
        "time": "075930",
        "valid": "A",
        "lat": "2233.0000",
        "north": "N",
        "lon": "11406.0000",
        "east": "E",
        "speed": "010.00",
        "course": "090",
        "date": "010326",
        **changes,
    }
    return f"*HQ,4106011660,{kind},{','.join(fields.values())},{status:08X}#"


def binary(status: int = IDLE, *, battery: str = "06", tail: str = "ff0024") -> bytes:
    """$ id hhmmss ddmmyy lat battery lon+flags speed+course status: N, E and valid are 4+8+2."""
    place = "22330000" + battery + "114060000e" + "010090"
    return bytes.fromhex(f"244106011660075930010326{place}{status:08x}{tail}")


def test_h02_reads_text_and_binary_alike() -> None:
    for frame in (text(), binary()):
        decoded = decode("h02", frame)
        position = decoded.position
        assert position is not None
        assert (position.lat, position.lon) == pytest.approx((22.55, 114.1), abs=1e-9)
        assert (position.at, position.is_valid, position.course_deg) == (AT, True, 90)
        assert position.speed_kmh == 18.52  # ten knots
        assert decoded.device == "4106011660"
        assert (decoded.signals, decoded.faults) == ((), ())


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_h02_tells_every_status_bit_that_is_0(count: int) -> None:
    """Vibration hides no SOS; nor does any other bit hide another."""
    for bits in combinations(ACTIVE_LOW, count):
        status = IDLE & ~sum(1 << bit for bit in bits)
        expected = sorted({ACTIVE_LOW[bit] for bit in bits})
        assert kinds(decode("h02", text(status))) == expected
        assert kinds(decode("h02", binary(status))) == expected


def test_h02_reads_an_sos_without_a_fix() -> None:
    frame = f"*HQ,353588020068342,V1,000000,V,0.0000,0,0.0000,0,0.00,0.00,000000,{IDLE - 2:08x}#"
    decoded = decode("h02", frame)
    assert kinds(decoded) == ["sos"]
    assert decoded.position is None


def test_h02_reads_no_odometer_as_a_status() -> None:
    """Eight digits elsewhere are no status word, or every odometer would be an SOS."""
    frame = text().replace(",FFFFFFFF#", ",310,69129336#")
    assert decode("h02", frame).signals == ()


@pytest.mark.parametrize(
    ("lat", "lon", "expected"),
    [
        ("809.0010", "954.9490", (8.150016667, 9.915816667)),
        ("-22-33.0000", "-114-06.0000", (22.55, 114.1)),
        ("22330000", "114060000", (22.55, 114.1)),
    ],
)
def test_h02_reads_every_form_of_a_coordinate(
    lat: str, lon: str, expected: tuple[float, float]
) -> None:
    position = decode("h02", text(lat=lat, lon=lon)).position
    assert position is not None
    assert (position.lat, position.lon) == pytest.approx(expected, abs=1e-8)


def test_h02_reads_an_answer_with_its_position() -> None:
    frame = text(kind="V4,S14,100,10,1,3,130305")
    decoded = decode("h02", frame)
    assert decoded.position is not None
    assert decoded.position.at == AT
    assert decoded.replies == ()


@pytest.mark.parametrize(
    ("code", "expected"),
    [("00", None), ("01", 0), ("03", 20), ("04", 60), ("06", 100), ("55", 85), ("f3", None)],
)
def test_h02_reads_the_battery_byte(code: str, expected: float | None) -> None:
    assert values(decode("h02", binary(battery=code))).get("battery") == expected


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ("*HQ,135790246811220,HTBT,100#", {"battery": 100}),
        (
            "*HQ,1700086468,LINK,075930,15,0,84,4211,7,010326,FFFFFFFF#",
            {"battery": 84, "steps": 4211, "turnovers": 7},
        ),
    ],
)
def test_h02_reads_values(frame: str, expected: dict[str, float]) -> None:
    assert values(decode("h02", frame)) == expected


@pytest.mark.parametrize(
    ("frame", "reply"),
    [
        (text(), b"*HQ,4106011660,V4,V1,20260301080000#"),
        (
            "*HQ,4208150188,NBR,210249,260,6,0,1,1014,50675,37,281216,FFFFFFFF,2#",
            b"*HQ,4208150188,V4,NBR,20260301080000#",
        ),
        ("*HQ,135790246811220,HTBT,100#", b"*HQ,135790246811220,HTBT#"),
        ("*HQ,135790246811220,V0#", b"*HQ,135790246811220,V0#"),
    ],
)
def test_h02_answers(frame: str, reply: bytes) -> None:
    assert decode("h02", frame).replies == (reply,)


def test_h02_answers_other_types_only_if_asked_to() -> None:
    assert decode("h02", text(kind="V6")).replies == ()
    asked = decode("h02", text(kind="V6"), options=Options(answers_all=True))
    assert asked.replies == (f"*HQ,4106011660,R12,{NOW:%H%M%S}#".encode(),)


def test_h02_keeps_an_sos_with_an_impossible_place_and_time() -> None:
    decoded = decode("h02", text(IDLE - 2, lat="9933.0000", date="321326"))
    assert kinds(decoded) == ["sos"]
    assert sorted(fault.field for fault in decoded.faults) == ["lat", "time"]
    broken = binary(IDLE - 2)[:12] + b"\xff" * 4 + binary(IDLE - 2)[16:]
    decoded = decode("h02", broken)
    assert kinds(decoded) == ["sos"]
    assert [fault.field for fault in decoded.faults] == ["position"]


def test_h02_says_what_it_does_not_know() -> None:
    assert decode("h02", "*HQ,1700086468,QQ,1#").faults[0].want == "supported"
    assert decode("h02", "*HQ#").faults[0].field == "frame"
    assert decode("h02", b"$12").faults[0].field == "frame"
