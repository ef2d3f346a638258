"""A GSM modem on a pseudo terminal: texts, status reports, replies and calls, end to end."""

from __future__ import annotations

import os
import threading
import tty
from collections.abc import Iterator

import pytest

from bihuan.loop.delivery.acts import Wanted, set_up
from bihuan.loop.delivery.models import Sending
from bihuan.loop.models import Delivery
from tests.loop.delivery.desk import BY, Desk
from tests.rebuilt import differences

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]
SETUP = ("ATE0", "AT+CMEE=1", "AT+CMGF=0", "AT+CSMS=0", "AT+CNMI=2,2,0,1,0")
STATUS = "0006{:02X}0D91683109000000F06230020000002362300200100023{:02X}"
REPLY = "00040D91683109000000F0000862300200000023020031"  # "1" from 13900000000, UCS2


class FakeModem:
    """The far end of the serial line; a command that nobody expects is answered by no OK."""

    def __init__(self) -> None:
        self.far, near = os.openpty()
        tty.setraw(self.far)
        self.path = os.ttyname(near)
        self._near = near
        self.got: list[str] = []
        self.unexpected: list[str] = []
        self.call = ["+CLCC: 1,0,3,0,0", "+CLCC: 1,0,0,0,0", "+DTMF: 1", "NO CARRIER"]
        self._texts = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def say(self, *lines: str) -> None:
        os.write(self.far, "".join(f"{line}\r\n" for line in lines).encode())

    def _serve(self) -> None:
        kept = b""
        while True:
            try:
                kept += os.read(self.far, 4_096)
            except OSError:
                return
            while b"\r" in kept or b"\x1a" in kept:
                end = min(at for at in (kept.find(b"\r"), kept.find(b"\x1a")) if at >= 0)
                command, kept = kept[:end].decode(), kept[end + 1 :]
                self._answer(command)

    def _answer(self, command: str) -> None:
        self.got.append(command)
        if command in SETUP or command == "AT+CHUP":
            self.say("OK")
        elif command.startswith("AT+CMGS="):
            os.write(self.far, b"\r\n> ")
        elif command.startswith("00"):  # the PDU
            self._texts += 1
            self.say(f"+CMGS: {self._texts}", "OK")
        elif command.startswith("ATD"):
            self.say("OK")
        elif command == "AT+CLCC":
            self.say(*([self.call.pop(0)] if self.call else []), "OK")
        else:
            self.unexpected.append(command)
            self.say("ERROR")

    def close(self) -> None:
        os.close(self.far)
        os.close(self._near)


@pytest.fixture
def modem() -> Iterator[FakeModem]:
    made = FakeModem()
    yield made
    made.close()
    assert made.unexpected == []


def wait_for(desk: Desk, sent: Delivery, fact: str) -> list[str]:
    """Turn until the fact is there: the line is read every other second of the county's time."""
    for _turn in range(40):
        desk.wall.advance(seconds=3)
        desk.settle()
        if fact in desk.facts(sent):
            break
        threading.Event().wait(0.02)
    return desk.facts(sent)


def test_modem_sends_a_text_and_tells_delivery_and_reply(desk: Desk, modem: FakeModem) -> None:
    set_up(Wanted("cat", "gsm_modem", {"port": modem.path}, channel="sms", lines=1), BY, desk.clock)
    desk.questions(1)
    desk.settle()
    sent = Delivery.objects.latest("id")
    whole = desk.reference(sent)
    assert desk.facts(sent) == ["accepted"]
    parts = whole.split("-")
    for part in parts[:-1]:
        modem.say("+CDS: 26", STATUS.format(int(part), 0))
    assert wait_for(desk, sent, "nothing")[1:] == []  # a part of it is not the text
    modem.say("+CDS: 26", STATUS.format(int(parts[-1]), 0))
    assert wait_for(desk, sent, "delivered") == ["accepted", "delivered"]
    assert Sending.objects.get(id=sent.id).account == "cat"
    modem.say("+CMT: ,22", REPLY)
    assert "confirmed" in wait_for(desk, sent, "confirmed")
    assert differences() == []


def test_modem_calls_and_key_1_takes_the_case(desk: Desk, modem: FakeModem) -> None:
    wanted = Wanted("cat", "gsm_modem", {"port": modem.path}, channel="voice", lines=1, wakes=True)
    set_up(wanted, BY, desk.clock)
    desk.address(desk.people.secretary, "voice", "13800002222")
    desk.press()
    desk.engine.run_once()
    desk.dispatcher.run_once()
    modem_call = desk.call_of(desk.people.secretary, "voice")
    desk.dispatcher.settle(10)
    assert desk.facts(modem_call)[:3] == ["accepted", "delivered", "answered"]
    assert "ATD+8613800002222;" in modem.got
    assert (desk.case.state, desk.case.owner_id) == ("in_progress", desk.people.secretary)
    assert differences() == []


def test_modem_that_is_unplugged_is_an_outage_and_no_failure(desk: Desk) -> None:
    wanted = Wanted("cat", "gsm_modem", {"port": "/dev/does-not-exist"}, channel="sms", lines=1)
    set_up(wanted, BY, desk.clock)
    desk.questions(1)
    desk.settle()
    sent = Delivery.objects.latest("id")
    assert (sent.state, desk.facts(sent)) == ("queued", [])
