"""A GSM modem: PDUs by the standard, and a serial end that fails on any unexpected command."""

from __future__ import annotations

import os
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.errors import BadInputError
from bihuan.loop.providers.gsm_modem import Modem, report_of
from bihuan.loop.providers.gsm_pdu import Deliver, StatusReport, read_pdu, submits
from bihuan.loop.providers.gsm_port import SerialPort
from bihuan.loop.providers.provider import Refused, Taken, Unclear
from tests.loop.providers.conftest import NUMBER

ONE = "0031000D91683108001011F10008A7024E2D"  # 中 to +8613800001111, by hand from TS 23.040


class Serial:
    """The far end of the line: answers the announced commands, in their order."""

    def __init__(self, *script: tuple[str, list[str]]) -> None:
        self.script = deque(script)
        self.waiting: deque[str] = deque()

    def write(self, sent: bytes) -> None:
        assert self.script, f"unexpected {sent!r}"
        expected, lines = self.script.popleft()
        assert sent.decode() == expected
        self.waiting.extend(lines)

    def read_line(self, timeout_s: float) -> str:
        return self.waiting.popleft() if self.waiting else ""


def test_pdu_of_one_character_is_the_standards() -> None:
    (part,) = submits(NUMBER, "中", 1)
    assert (part.hex, part.octets) == (ONE, 17)


def test_pdu_of_71_characters_is_two_parts_that_name_each_other() -> None:
    first, second = submits(NUMBER, "中" * 71, 0xAB)
    assert first.hex.startswith("0071000D91683108001011F10008A78C050003AB0201")
    assert second.hex == "0071000D91683108001011F10008A70E050003AB0202" + "4E2D" * 4
    assert first.octets == 15 + 140


def test_pdu_parts_never_split_a_character_of_two_units() -> None:
    """The 67th unit would be the first half of the emoji: it goes into the next part whole."""
    first, second = submits(NUMBER, "中" * 66 + "😀" + "中" * 9, 1)
    assert first.hex.endswith("4E2D")
    assert second.hex.endswith("050003010202" + "D83DDE00" + "4E2D" * 9)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300))
def test_pdu_parts_hold_the_whole_text_and_never_half_a_character(text: str) -> None:
    whole = ""
    for part in submits(NUMBER, text, 1):
        tpdu = bytes.fromhex(part.hex)[1:]
        assert part.octets == len(tpdu)
        body = tpdu[15:]
        assert tpdu[14] == len(body) <= 140
        whole += body[6 if tpdu[0] & 0x40 else 0 :].decode("utf-16-be")
    assert whole == text


@pytest.mark.parametrize("text", ["", "中" * 671])
def test_pdu_refuses_a_text_that_does_not_fit(text: str) -> None:
    with pytest.raises(BadInputError):
        submits(NUMBER, text, 1)


def test_pdu_delivery_in_the_default_alphabet() -> None:
    """The worked example of the dreamfabric SMS tutorial: "hellohello" from 27838890001."""
    raw = "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37"
    assert read_pdu(raw) == Deliver("27838890001", "hellohello")


def test_pdu_delivery_in_ucs2() -> None:
    raw = "00040D91683108001011F1000862300200000023024E2D"
    assert read_pdu(raw) == Deliver("+8613800001111", "中")


def _status(reference: int, status: int) -> str:
    times = "62300200000023" + "62300200100023"
    return f"0006{reference:02X}0D91683108001011F1{times}{status:02X}"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (0x00, ["delivered"]),
        (0x01, ["unknown"]),  # forwarded, delivery not confirmed
        (0x20, []),  # congestion, still trying
        (0x30, []),
        (0x41, ["failed"]),
        (0x60, ["failed"]),
        (0x80, ["unknown"]),
    ],
)
def test_pdu_status_report_tells_delivered_only_when_received(
    status: int, expected: list[str]
) -> None:
    read = read_pdu(_status(12, status))
    assert read == StatusReport(12, status)
    assert isinstance(read, StatusReport)
    report = report_of(read)
    assert (report.reference, [one.fact for one in report.told]) == ("12", expected)


@given(st.binary(max_size=60))
def test_pdu_garbage_is_refused_or_read_never_worse(raw: bytes) -> None:
    try:
        read_pdu(raw.hex())
    except BadInputError:
        return


@pytest.mark.parametrize("text", ["", "zz", "00", ONE, _status(1, 0)[:-2]])
def test_pdu_cut_short_or_not_for_us_is_refused(text: str) -> None:
    with pytest.raises(BadInputError):
        read_pdu(text)


def test_modem_sends_a_text_and_keeps_a_report_that_comes_meanwhile() -> None:
    end = Serial(
        ("AT+CMGS=17\r", ["+CDS: 26", _status(11, 0), ">"]),
        (f"{ONE}\x1a", ["+CMGS: 12", "OK"]),
    )
    modem = Modem(end)
    outcome = modem.send_text(NUMBER, "中")
    assert outcome == Taken("12", "gsm_modem CMGS=12")
    assert modem.pushed() == [StatusReport(11, 0)]
    assert modem.pushed() == []


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["+CMS ERROR: 1"], Refused("wrong_address", "gsm_modem error=1")),
        (["+CMS ERROR: 38"], Refused("outage", "gsm_modem error=38")),
        (["ERROR"], Refused("other", "gsm_modem error=ERROR")),
        ([], Unclear("gsm_modem: no answer")),
        (["OK"], Unclear("gsm_modem: OK without a reference")),
    ],
)
def test_modem_that_does_not_take_a_text(lines: list[str], expected: object) -> None:
    end = Serial(("AT+CMGS=17\r", [">"]), (f"{ONE}\x1a", lines))
    assert Modem(end).send_text(NUMBER, "中") == expected


def test_modem_without_a_prompt_sends_nothing() -> None:
    end = Serial(("AT+CMGS=17\r", []), ("\x1b", []))
    assert isinstance(Modem(end).send_text(NUMBER, "中"), Refused)


def test_modem_that_took_half_a_text_is_unclear() -> None:
    first, second = submits(NUMBER, "中" * 71, 1)
    end = Serial(
        (f"AT+CMGS={first.octets}\r", [">"]),
        (f"{first.hex}\x1a", ["+CMGS: 1", "OK"]),
        (f"AT+CMGS={second.octets}\r", [">"]),
        (f"{second.hex}\x1a", ["+CMS ERROR: 38"]),
    )
    assert isinstance(Modem(end).send_text(NUMBER, "中" * 71), Unclear)


def test_modem_set_up_names_what_it_refused() -> None:
    end = Serial(
        ("ATE0\r", ["OK"]),
        ("AT+CMEE=1\r", ["OK"]),
        ("AT+CMGF=0\r", ["OK"]),
        ("AT+CSMS=0\r", ["+CSMS: 1,1,1", "OK"]),
        ("AT+CNMI=2,2,0,1,0\r", ["+CMS ERROR: 303"]),
    )
    assert Modem(end).set_up() == ["AT+CNMI=2,2,0,1,0"]


DIAL = ("ATD+8613800001111;\r", ["OK"])
RINGS = ("AT+CLCC\r", ['+CLCC: 1,0,3,0,0,"13800001111",129', "OK"])
TALKS = ("AT+CLCC\r", ['+CLCC: 1,0,0,0,0,"13800001111",129', "OK"])
NO_CALL = ("AT+CLCC\r", ["OK"])
HANG_UP = ("AT+CHUP\r", ["OK"])


def called(*script: tuple[str, list[str]], turns: int = 10) -> list[str]:
    left = iter(range(turns))
    end = Serial(*script)
    told = Modem(end).call(NUMBER, lambda: next(left, None) is None)
    assert list(end.script) == []
    return [one.fact for one in told]


def test_modem_call_that_is_answered_and_confirmed() -> None:
    pressed = ("AT+CLCC\r", [*TALKS[1], "+DTMF: 1"])
    script = (DIAL, RINGS, RINGS, TALKS, pressed, NO_CALL, HANG_UP)
    assert called(*script) == ["accepted", "delivered", "answered", "confirmed"]


def test_modem_call_with_another_key_is_not_confirmed() -> None:
    pressed = ("AT+CLCC\r", [*TALKS[1], "+DTMF: 9"])
    assert "confirmed" not in called(DIAL, TALKS, pressed, NO_CALL, HANG_UP)


def test_modem_call_that_rings_out_is_no_answer() -> None:
    script = (DIAL, RINGS, RINGS, HANG_UP)
    assert called(*script, turns=2) == ["accepted", "delivered", "no_answer"]


@pytest.mark.parametrize("end", ["BUSY", "NO ANSWER"])
def test_modem_call_that_meets_a_busy_line_is_no_answer(end: str) -> None:
    rings = ("AT+CLCC\r", [*RINGS[1], end])
    assert called(DIAL, rings, HANG_UP) == ["accepted", "delivered", "no_answer"]


def test_modem_call_that_cannot_be_dialled_fails() -> None:
    assert called(("ATD+8613800001111;\r", ["NO DIALTONE"])) == ["failed"]
    assert called(("ATD+8613800001111;\r", ["+CME ERROR: 30"])) == ["failed"]


def test_port_reads_lines_and_the_prompt_and_writes_raw() -> None:
    """Over a pseudo terminal: the system's own serial line."""
    far, near = os.openpty()
    with SerialPort(os.ttyname(near)) as port:
        os.write(far, b"\r\n+CMGS: 12\r\n\r\nOK\r\n\r\n> ")
        assert [port.read_line(1) for _ in range(3)] == ["+CMGS: 12", "OK", ">"]
        assert port.read_line(0.01) == ""
        os.write(far, b"BU")
        assert port.read_line(0.01) == ""
        os.write(far, b"SY\r\n")
        assert port.read_line(1) == "BUSY"
        port.write(b"0031\x1a\x03\r")
        assert os.read(far, 100) == b"0031\x1a\x03\r"
    os.close(far)
    os.close(near)
