"""The gt06 decoder: expected values from devices.md and the makers' documents, by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bihuan.gateway.decoders.crc import x25, xmodem
from bihuan.gateway.decoders.gt06_types import variant_of
from bihuan.gateway.decoders.protocol import Options
from tests.gateway.build import CELL, GPS, IMEI, crc_x25, decode, gt06, kinds, values

AT = datetime(2026, 3, 1, 7, 59, 30, tzinfo=UTC)
LOGIN = gt06(0x01, IMEI)


def test_checksums_agree_with_the_published_check_values() -> None:
    """The catalogue of CRCs gives these for the digits 1 to 9."""
    assert x25(b"123456789") == 0x906E
    assert xmodem(b"123456789") == 0x31C3
    assert crc_x25(b"123456789") == 0x906E


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (0x10, GPS),
        (0x11, GPS + "01cc000025390000553d"),
        (0x12, GPS + CELL),
        (0x16, GPS + "09" + CELL + "4006040002"),
        (0x1A, GPS),
        (0x1E, GPS),
        (0x22, GPS + CELL + "010000"),
        (0x26, GPS + "09" + CELL + "4006040002"),
        (0x27, GPS + "09" + CELL + "400604000201"),
        (0x2D, GPS + CELL + "010000"),
        (0x31, GPS + CELL + "010000"),
        (0x32, GPS + "09" + CELL + "4006040002"),
        (0x37, GPS + CELL + "010000"),
        (0xA0, GPS + "01cc00" + "00002539" + "000000000000553d" + "000000"),
        (0xA3, GPS + CELL),
        (0xA4, GPS + "10" + "01cc00" + "00002539" + "000000000000553d" + "400604000201"),
    ],
)
def test_gt06_reads_gps_in_every_type_that_has_it(kind: int, body: str) -> None:
    decoded = decode("gt06", LOGIN, gt06(kind, body, serial=0x0123))
    position = decoded.position
    assert position is not None
    assert (position.lat, position.lon, position.at) == (22.5, 114.0, AT)
    assert (position.is_valid, position.speed_kmh, position.course_deg) == (True, 36, 90)
    assert decoded.attributes is not None
    assert decoded.attributes.get("cells", [[0x2539, 0x553D]]) == [[0x2539, 0x553D]]
    assert ("cells" in decoded.attributes) == (kind not in (0x10, 0x1A, 0x1E))
    assert decoded.device == "355488020199660"
    assert decoded.faults == ()
    assert decoded.signals == ()
    assert decoded.identity == "291"
    tail = bytes((0x05, kind)) + b"\x01\x23"
    expected = b"\x78\x78" + tail + crc_x25(tail).to_bytes(2, "big") + b"\r\n"
    assert decoded.replies == (expected,)


# devices.md 1: alarm byte -> signal
ALARMS = {
    0x00: [],
    0x01: ["sos"],
    0x02: ["power_cut"],
    0x03: ["vibration"],
    0x04: ["zone_enter"],
    0x05: ["zone_leave"],
    0x06: ["other"],
    0x0E: ["low_battery"],
    0x0F: ["low_battery"],
    0x13: ["tamper"],
    0x18: ["off_wrist"],
    0x19: ["low_battery"],
    0x23: ["fall"],
    0x77: ["other"],
    0xFE: [],
}
STATUS_BITS = {0: [], 1: ["vibration"], 2: ["power_cut"], 3: ["low_battery"], 4: ["sos"]}
STATUS_BITS |= {7: ["off_wrist"]}


@pytest.mark.parametrize("alarm", ALARMS)
def test_gt06_tells_the_alarm_byte_and_the_status_bits_together(alarm: int) -> None:
    """A low battery in the one hides no SOS in the other."""
    for bits, told in STATUS_BITS.items():
        status = f"{bits << 3:02x}0604{alarm:02x}02"
        expected = sorted({*ALARMS[alarm], *told})
        assert kinds(decode("gt06", gt06(0x26, GPS + "09" + CELL + status))) == expected
        assert kinds(decode("gt06", gt06(0x13, status))) == expected


@pytest.mark.parametrize(
    ("model", "code", "expected"),
    [
        (None, 0x18, "off_wrist"),
        ("LW4G", 0x18, "other"),
        (None, 0x09, "vibration"),
        ("VL103", 0x09, "other"),
    ],
)
def test_gt06_reads_an_alarm_as_the_model_means_it(
    model: str | None, code: int, expected: str
) -> None:
    frame = gt06(0x26, GPS + "09" + CELL + f"000604{code:02x}02")
    assert kinds(decode("gt06", frame, options=Options(model=model))) == [expected]


@pytest.mark.parametrize(
    ("level", "percent"), [("00", 0), ("03", 50), ("06", 100), ("57", 87), ("64", 100)]
)
def test_gt06_reads_the_battery_as_level_or_percent(level: str, percent: int) -> None:
    assert values(decode("gt06", gt06(0x13, f"00{level}040002"))) == {"battery": percent}


@pytest.mark.parametrize(
    ("extension", "hours"),
    [("3200", 8), ("0000", 0), ("2120", 5.5), ("1f48", -5)],
)
def test_gt06_reads_times_in_the_zone_of_the_login(extension: str, hours: float) -> None:
    """Hours times a hundred plus minutes in the upper twelve bits, bit 3 west of Greenwich."""
    login = gt06(0x01, IMEI + "a001" + extension)
    decoded = decode("gt06", login, gt06(0x10, GPS))
    assert decoded.position is not None
    assert decoded.position.at == AT - timedelta(hours=hours)


def test_gt06_reads_times_in_the_zone_that_the_operator_entered() -> None:
    decoded = decode("gt06", LOGIN, gt06(0x10, GPS), options=Options(zone=timedelta(hours=8)))
    assert decoded.position is not None
    assert decoded.position.at == AT - timedelta(hours=8)


def test_gt06_tells_a_clock_that_is_ahead() -> None:
    """Local time read as UTC: the time stays as the device says it, and the difference shows."""
    ahead = GPS.replace("1a0301073b1e", "1a03010f3b1e")  # 15:59:30, received at 08:00:00
    decoded = decode("gt06", gt06(0x10, ahead))
    assert decoded.position is not None
    assert decoded.position.at == AT + timedelta(hours=8)
    assert decoded.attributes is not None
    assert decoded.attributes["ahead_of_receipt_s"] == 28_770


def test_gt06_tells_the_time_to_who_asks() -> None:
    (reply,) = decode("gt06", gt06(0x8A, b"", serial=9)).replies
    assert reply == gt06(0x8A, bytes((26, 3, 1, 8, 0, 0)), serial=9)


@pytest.mark.parametrize("kind", [0x80, 0x81, 0x82, 0x94])
def test_gt06_does_not_answer_answers(kind: int) -> None:
    assert decode("gt06", gt06(kind, "0000000000")).replies == ()


def test_gt06_answers_wifi_with_its_time() -> None:
    networks = "14759059d30e25" * 2
    body = bytes.fromhex("1603041803" + "49" + networks + "0101cc0028660f2132")
    frame = b"\x78\x78\x02\x69" + body + b"\r\n"
    decoded = decode("gt06", frame)
    assert decoded.replies == (b"\x78\x78\x00\x69" + body[:6] + b"\r\n",)
    assert decoded.attributes is not None
    assert decoded.attributes["cells"] == [[0x2866, 0x0F21, -50]]
    assert (decoded.identity, decoded.faults) == (None, ())


def test_gt06_reads_an_imei_that_stands_before_the_rest() -> None:
    decoded = decode("gt06", gt06(0x12, IMEI + GPS + CELL))
    assert decoded.device == "355488020199660"
    assert decoded.position is not None
    assert decoded.position.at == AT


def test_gt06_records_a_checksum_that_does_not_fit() -> None:
    frame = bytearray(gt06(0x10, GPS))
    frame[-3] ^= 0xFF
    decoded = decode("gt06", bytes(frame))
    assert decoded.position is not None
    assert decoded.attributes is not None
    assert "checksum_mismatch" in decoded.attributes
    strict = decode("gt06", bytes(frame), options=Options(must_sum_fit=True))
    assert (strict.position, strict.replies) == (None, ())
    assert [fault.field for fault in strict.faults] == ["checksum"]


def test_gt06_keeps_an_sos_with_an_impossible_time_and_place() -> None:
    """Month 13, and 170 degrees north."""
    gps = "1a0d01073b1ec9" + f"{170 * 1_800_000:08x}{205_200_000:08x}" + "24145a"
    decoded = decode("gt06", gt06(0x26, gps + "09" + CELL + "2006040102"))
    assert kinds(decoded) == ["sos"]
    assert decoded.position is None
    assert [fault.field for fault in decoded.faults] == ["time", "lat"]


def test_gt06_keeps_what_stands_before_the_end_of_a_short_frame() -> None:
    decoded = decode("gt06", gt06(0x12, GPS + "01cc00"))
    assert decoded.position is not None
    decoded = decode("gt06", gt06(0x26, GPS + "09" + CELL + "20"))
    assert kinds(decoded) == ["sos"]
    assert [fault.field for fault in decoded.faults] == ["body"]


@pytest.mark.parametrize("is_long", [False, True])
def test_gt06_says_what_it_does_not_know(is_long: bool) -> None:
    decoded = decode("gt06", gt06(0xEE, "0102", is_long=is_long))
    assert [fault.as_dict() for fault in decoded.faults] == [
        {"field": "type", "got": "EE", "want": "supported"}
    ]
    assert decode("gt06", b"\x78\x78\x01").faults[0].field == "frame"


def test_gt06_reads_modules() -> None:
    module = bytes.fromhex("0033" + "0012" + f"{1_772_351_970:08x}" + "07000c")
    module += bytes.fromhex(f"{40_500_000:08x}{205_200_000:08x}24145a")
    module = module[:2] + (len(module) - 4).to_bytes(2, "big") + module[4:]
    low = bytes.fromhex("002b000111")
    decoded = decode("gt06", gt06(0x70, module + low, is_long=True))
    assert decoded.position is not None
    assert (decoded.position.lat, decoded.position.lon, decoded.position.at) == (22.5, 114.0, AT)
    assert kinds(decoded) == ["low_battery"]


def test_gt06_reads_an_alarm_without_a_cell() -> None:
    """A cell of length 0, with or without the eight zeros that some firmware leaves there."""
    for nothing in ("00", "00" * 9):
        decoded = decode("gt06", gt06(0x26, GPS + nothing + "2006040102"))
        assert kinds(decoded) == ["sos"]
        assert values(decoded) == {"battery": 100}


# The makers' tails of type 12, known by their length; each with what it says.
TAILS: dict[str, tuple[str, dict[str, object]]] = {
    "vxt01": ("4504b60400", {"power_v": 12.06, "gsm": 4}),
    "s5": ("4504b6040000001c00000cd9", {"temperature_c": 28, "odometer": 32_890}),
    "benway": ("9014", {"ignition": True, "temperature_c": 20}),
    "wetrust": ("00000cd9034142430000", {"odometer": 3289, "card": "ABC", "card_state": 0}),
}


@pytest.mark.parametrize("name", TAILS)
def test_gt06_reads_the_tails_of_makers(name: str) -> None:
    tail, expected = TAILS[name]
    frame = gt06(0x12, GPS + CELL + tail)
    assert variant_of(0x12, frame[2]) == name
    decoded = decode("gt06", frame)
    assert decoded.attributes is not None
    assert {key: decoded.attributes[key] for key in expected} == expected
    assert (decoded.faults, decoded.signals) == ((), ())


@pytest.mark.parametrize(
    ("kind", "tower", "count"),
    [
        (0x28, "25390055" + "3d28", 7),
        (0x2E, "25390055" + "3d28", 7),
        (0x24, "25390055" + "3d28", 7),
        (0x18, "25390055" + "3d28", 7),
        (0x2C, "25390055" + "3d28", 7),
        (0x33, "25390000553d28", 6),
        (0xA1, "00002539" + "000000000000553d" + "28", 7),
        (0xA2, "00002539" + "000000000000553d" + "28", 7),
    ],
)
def test_gt06_reads_lists_of_towers(kind: int, tower: str, count: int) -> None:
    body = "1a0301073b1e" + "01cc00" + tower * count + "ff"
    wifi = "01" + "14759059d30e" + "25" if kind in (0x18, 0x2C, 0x33, 0xA2) else "0002"
    decoded = decode("gt06", gt06(kind, body + wifi))
    assert decoded.attributes is not None
    assert decoded.attributes["cells"] == [[0x2539, 0x553D, -40]] * count
    assert decoded.attributes["device_time"] == "2026-03-01T07:59:30Z"
    assert ("wifi" in decoded.attributes) == (wifi != "0002")
    assert decoded.faults == ()


@pytest.mark.parametrize(
    ("event", "expected"),
    [(0x01, "sos"), (0x80, "vibration"), (0x88, "power_cut"), (0x93, "other"), (0x69, "other")],
)
def test_gt06_reads_the_events_of_cameras(event: int, expected: str) -> None:
    place = f"{40_500_000:08x}{205_200_000:08x}"
    brief = gt06(0x95, f"1a0301073b1e{event:02x}")
    plain = gt06(0x95, f"1a0301073b1e{place}145a{event:02x}0000")
    jc400 = gt06(0x95, f"ffff011a0301073b1ec9{place}145a00240087{event:02x}0000")
    for frame in (plain, jc400):
        decoded = decode("gt06", frame)
        assert kinds(decoded) == [expected]
        assert decoded.position is not None
        assert (decoded.position.lat, decoded.position.course_deg) == (22.5, 90)
    assert kinds(decode("gt06", brief)) == ["other" if event == 0x01 else expected]


def test_gt06_reads_a_sensor_of_air() -> None:
    decoded = decode("gt06", gt06(0x94, "1e" + "ffffffd5" + "000002ee", is_long=True))
    assert values(decoded) == {"air_temperature": -4.3, "humidity": 75}


def test_gt06_reads_the_place_that_a_text_tells() -> None:
    text = "Current position! Lat:N22.5,Lon:E114.0,Course:90.00,Speed:36.00,"
    text += "DateTime:2026-03-01 07:59:30"
    decoded = decode("gt06", gt06(0x21, bytes(4) + b"\x01" + text.encode(), is_long=True))
    assert decoded.position is not None
    assert (decoded.position.lat, decoded.position.lon, decoded.position.at) == (22.5, 114.0, AT)
    assert (decoded.position.speed_kmh, decoded.position.course_deg) == (36, 90)
