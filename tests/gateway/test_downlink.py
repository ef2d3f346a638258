"""Orders to devices: the bytes of the maker's page, and values that no order can have."""

from __future__ import annotations

from typing import Any

import pytest

from bihuan.base.errors import BadInputError
from bihuan.gateway.decoders.gt06 import encode
from bihuan.gateway.decoders.minifinder2 import framed
from bihuan.gateway.dialects.parts import Addressee, Sending
from bihuan.gateway.downlink import DIALECTS, ORDERS, encode_order
from tests.gateway.build import decode

BAND = Addressee("8800000015", "3G")
AT_062108 = 1_468_650_068_000_000  # 2016-07-16 06:21:08 UTC
EVERY: dict[str, object] = {"interval_s": 30}


@pytest.mark.parametrize(
    ("order", "given", "content"),
    [
        ("locate", {}, "CR"),
        ("measure_now", {}, "hrtstart,1"),
        ("measure_every", {"interval_s": 300}, "hrtstart,300"),
        ("measure_stop", {}, "hrtstart,0"),
        ("health_every", {"interval_s": 600}, "HEALTHAUTOSET,1,1,600"),
        ("report_every", {"interval_s": 600}, "UPLOAD,600"),
        ("fall_detection", {"is_on": 1, "is_calling": 0}, "FALLDOWN,1,0"),
        ("removal_alarm", {"is_on": 1}, "REMOVE,1"),
        ("sos_number", {"slot": 2, "phone": "+8613800000000"}, "SOS2,+8613800000000"),
        ("sos_number", {"slot": 3, "phone": ""}, "SOS3,"),
    ],
)
def test_order_is_written_as_the_maker_says(
    order: str, given: dict[str, object], content: str
) -> None:
    expected = f"[3G*8800000015*{len(content):04X}*{content}]".encode()
    assert encode_order("watch", order, BAND, given) == expected


def test_order_echoes_the_index() -> None:
    band = Addressee("357653059860416", "ZJ", "0007")
    assert encode_order("watch", "locate", band) == b"[ZJ*357653059860416*0007*0002*CR]"


@pytest.mark.parametrize("order", ORDERS["watch"])
def test_order_is_answered_by_a_frame_that_the_decoder_knows(order: str) -> None:
    (answer,) = ORDERS["watch"][order].answers
    decoded = decode("watch", f"[3G*8800000015*{len(answer):04X}*{answer}]")
    assert (decoded.kind, decoded.faults) == (answer, ())


@pytest.mark.parametrize(
    ("order", "given", "fields"),
    [
        ("measure_every", {"interval_s": 299}, ["interval_s"]),
        ("measure_every", {"interval_s": "300"}, ["interval_s"]),
        ("measure_every", {}, ["interval_s"]),
        ("fall_detection", {"is_on": 2, "is_calling": True}, ["is_on", "is_calling"]),
        ("sos_number", {"slot": 1, "phone": "123]*[3G"}, ["phone"]),
        ("sos_number", {"slot": 4, "phone": "123", "name": "x"}, ["name", "slot"]),
        ("explode", {}, ["order"]),
    ],
)
def test_order_names_every_value_at_fault(
    order: str, given: dict[str, Any], fields: list[str]
) -> None:
    with pytest.raises(BadInputError) as caught:
        encode_order("watch", order, BAND, given)
    assert [fault.field for fault in caught.value.faults] == fields


@pytest.mark.parametrize(
    ("protocol", "band", "field"),
    [
        ("zigbee2mqtt", BAND, "protocol"),
        ("h02", Addressee("88#", "HQ"), "device"),
        ("watch", Addressee("88*LK]", "3G"), "device"),
        ("watch", Addressee("8800000015", "]"), "maker"),
        ("watch", Addressee("8800000015", "3G", "*"), "index"),
    ],
)
def test_order_is_refused_to_whom_it_cannot_reach(
    protocol: str, band: Addressee, field: str
) -> None:
    given = {} if protocol == "watch" else EVERY
    with pytest.raises(BadInputError) as caught:
        encode_order(protocol, "locate" if protocol == "watch" else "report_every", band, given)
    assert caught.value.faults[0].field == field


@pytest.mark.parametrize(
    ("protocol", "order", "given", "number", "expected"),
    [
        # the public documents' own examples
        ("trv", "locate", {}, 80835, b"IWBP16,861265063710922,080835#"),
        ("trv", "measure_now", {}, 5_123_456, b"IWBPXL,861265063710922,123456#"),
        ("trv", "report_every", {"interval_s": 300}, 1, b"IWBP15,861265063710922,000001,300#"),
        (
            "trv",
            "sos_numbers",
            {"phones": "13500000001,13500000002"},
            1,
            b"IWBP12,861265063710922,000001,13500000001,13500000002,#",
        ),
        ("h02", "report_every", EVERY, 1, b"*HQ,861265063710922,D1,062108,30,1#"),
        (
            "h02",
            "sos_numbers",
            {"phones": "18600000001,18600000002"},
            1,
            b"*HQ,861265063710922,S71,062108,02,18600000001,18600000002#",
        ),
        (
            "topin",
            "sos_number",
            {"phone": "13533333333"},
            1,
            bytes.fromhex("78780C4131333533333333333333330D0A"),
        ),
        ("topin", "locate", {}, 1, bytes.fromhex("787801800D0A")),
        ("topin", "report_every", {"interval_s": 600}, 1, bytes.fromhex("7878039802580D0A")),
    ],
)
def test_order_is_written_as_the_protocols_documents_say(
    protocol: str, order: str, given: dict[str, object], number: int, expected: bytes
) -> None:
    maker = "HQ" if protocol == "h02" else "IW"
    to = Addressee("861265063710922", maker)
    assert encode_order(protocol, order, to, given, Sending(number, AT_062108)) == expected


def test_gt06_order_is_framed_as_the_makers_example() -> None:
    """JM-VL03: `sos#` with an empty flag and serial 1 is 78780E8008…00016D6A0D0A."""
    example = bytes.fromhex("78780E800800000000736F732300016D6A0D0A")
    made = encode_order("gt06", "locate", Addressee("1", ""), {}, Sending(1))
    words = b"WHERE#"
    assert made[:2] == example[:2]
    assert made[2] == example[2] + len(words) - len(b"sos#")
    assert made[3:5] == bytes((0x80, 4 + len(words)))
    assert made[5:9] == (1).to_bytes(4, "big")
    assert made[9:-6] == words
    assert encode(0x80, example[4:13], b"\x00\x01") == example, "serial, CRC and end"


def test_minifinder2_order_is_framed_as_public_servers_do() -> None:
    """Measured every 200 s, told every 10 s, every 3,600 s at rest: key 44 of length 13."""
    given = {"measure_s": 200, "interval_s": 10, "idle_interval_s": 3600}
    made = encode_order("minifinder2", "intervals", Addressee("1", ""), given, Sending(65_537))
    assert made[8:] == bytes.fromhex("020D44C80000800A000000100E0000")
    assert made[:4] == bytes.fromhex("AB100F00")
    assert made[6:8] == (1).to_bytes(2, "little")
    decoded = decode("minifinder2", made)
    assert decoded.faults == ()
    assert "checksum_mismatch" not in (decoded.attributes or {})


IW = "IWAP16,080835#"
H02 = (
    "*HQ,8168000005,V4,{},062108,062225,A,2235.0086,N,11354.3668,E,000.00,000,160716,"
    "FFFFBBFF,460,00,10342,3721#"
)


@pytest.mark.parametrize(
    ("protocol", "order", "number", "answer", "is_its"),
    [
        ("trv", "locate", 80835, IW, True),
        ("trv", "locate", 1_080_835, IW, True),
        ("trv", "locate", 80836, IW, False),
        ("trv", "measure_now", 80835, IW, False),
        ("h02", "report_every", 1, H02.format("D1,30,65535"), True),
        ("h02", "sos_numbers", 1, H02.format("D1,30,65535"), False),
        ("h02", "sos_numbers", 1, H02.format("S71,02"), True),
        ("topin", "report_every", 1, bytes.fromhex("7878019802580D0A"), True),
        ("topin", "locate", 1, bytes.fromhex("787802800D0D0A"), True),
        ("topin", "sos_number", 1, bytes.fromhex("787801800D0A"), False),
        ("minifinder2", "intervals", 65_543, "", True),
        ("minifinder2", "intervals", 8, "", False),
    ],
)
def test_answer_names_its_order_where_the_protocol_lets_it(
    protocol: str, order: str, number: int, answer: str | bytes, is_its: bool
) -> None:
    if protocol == "minifinder2":
        answer = framed(bytes((0x7F, 1, 0)), (7).to_bytes(2, "little"))
    assert DIALECTS[protocol].is_answer(order, number, decode(protocol, answer)) is is_its


@pytest.mark.parametrize("is_long", [False, True])
def test_gt06_answer_carries_the_flag_of_its_order(is_long: bool) -> None:
    flag, text = (70_000).to_bytes(4, "big"), b"Timer:30;"
    if is_long:
        answer = encode(0x21, flag + b"\x01" + text, b"\x00\x09", is_long=True)
    else:
        answer = encode(0x15, bytes((4 + len(text),)) + flag + text + b"\x00\x02", b"\x00\x09")
    decoded = decode("gt06", answer)
    assert (decoded.attributes or {})["result"] == "Timer:30;"
    assert DIALECTS["gt06"].is_answer("report_every", 70_000, decoded)
    assert not DIALECTS["gt06"].is_answer("report_every", 70_001, decoded)


@pytest.mark.parametrize("phones", ["", "123,,456", "1,2", "12#,345", "123,456,789,012", 5])
def test_numbers_that_cannot_be_are_refused(phones: object) -> None:
    with pytest.raises(BadInputError, match="phones"):
        encode_order("trv", "sos_numbers", Addressee("1", "IW"), {"phones": phones})
