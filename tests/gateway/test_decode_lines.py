"""The core of `bihuan decode`: forms of lines, state over lines, bad lines."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bihuan.gateway.decode_lines import run
from bihuan.gateway.decoders import PROTOCOLS
from tests.gateway.build import GPS, IMEI, NOW, gt06, watch

KEYS = ["device", "readings", "signals", "position", "attributes", "replies", "faults"]


def lines(protocol: str, *given: str, form: str | None = None) -> list[Mapping[str, object]]:
    return list(run(protocol, given, form, NOW))


def test_decode_prints_the_object_of_the_manual() -> None:
    (found,) = lines("watch", "[3G*8800000015*000D*LK,50,100,100]")
    assert list(found) == KEYS
    assert found["device"] == "8800000015"
    assert found["readings"] == [
        {"channel": "steps", "value": 50, "unit": "1", "at": None},
        {"channel": "turnovers", "value": 100, "unit": "1", "at": None},
        {"channel": "battery", "value": 100, "unit": "%", "at": None},
    ]
    assert found["position"] is None
    assert found["replies"] == [b"[3G*8800000015*0002*LK]".hex()]


def test_decode_tells_the_form_of_each_line() -> None:
    text = "[SG*8800000015*0002*LK]"
    assert lines("watch", text) == lines("watch", text.encode().hex())


@pytest.mark.parametrize(
    ("protocol", "text"),
    [
        ("watch", "[SG*8800000015*0002*LK"),
        ("trv", "IWAP49,68"),
        ("h02", "*HQ,135790246811220,HTBT,100"),
    ],
)
def test_decode_takes_text_with_and_without_its_delimiter(protocol: str, text: str) -> None:
    whole = text + {"watch": "]"}.get(protocol, "#")
    assert lines(protocol, text, form="text") == lines(protocol, whole, form="text")
    assert lines(protocol, text)[0]["faults"] == []


def test_decode_carries_the_device_over_lines() -> None:
    login, fix = gt06(1, IMEI).hex(), gt06(0x10, GPS).hex()
    found = lines("gt06", login, "", fix)
    assert [each["device"] for each in found] == ["355488020199660", "355488020199660"]


def test_decode_reads_several_frames_of_a_line() -> None:
    line = (watch("LK") + watch("heart,72")).decode()
    assert [len(each["readings"]) for each in lines("watch", line)] == [0, 1]  # type: ignore[arg-type]


def test_decode_says_which_protocols_there_are() -> None:
    (found,) = lines("wach", "x")
    assert found["faults"] == [
        {"field": "protocol", "got": "wach", "want": "one of " + ", ".join(sorted(PROTOCOLS))}
    ]
    (found,) = lines("watch", "x", form="base64")
    assert found["faults"] == [{"field": "form", "got": "base64", "want": "hex or text"}]


def test_decode_says_what_is_wrong_with_a_line_and_goes_on() -> None:
    bad, good = lines("watch", "5b3", b"[SG*8800000015*0002*LK]".hex(), form="hex")
    assert bad["faults"] == [{"field": "hex", "got": "5b3", "want": "pairs of hex digits"}]
    assert good["faults"] == []


def test_decode_takes_the_model_after_the_protocol() -> None:
    body = "460b12040001"
    assert lines("gt06:R11", gt06(0x13, body).hex())[0]["attributes"]["power_v"] == 28.34  # type: ignore[index]


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
def test_decode_reads_garbage_as_a_fault(protocol: str) -> None:
    (found,) = lines(protocol, "hello world")
    assert found["faults"]
    assert (found["readings"], found["signals"], found["position"]) == ([], [], None)


def test_decode_gives_one_object_for_a_line_that_is_not_cleanly_a_frame() -> None:
    """A byte too many, and an end inside the content, still are one line and one object."""
    frame = gt06(0x10, GPS)
    (long,) = lines("gt06", (frame + b"\x01").hex())
    assert long["position"] is None
    assert long["faults"]
    (cut,) = lines("gt06", (frame[:2] + b"\x7f" + frame[3:7] + b"\r\n" + frame[9:]).hex())
    assert cut["attributes"]["type"] == "10"  # type: ignore[index]
    (late,) = lines("gt06", (b"\x00\x01" + frame).hex(), form="hex")
    assert late["position"] is not None
