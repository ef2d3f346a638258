"""A GSM modem as what carries texts or calls, shared by the accounts on its serial port.

A port speaks one thing at a time. One that cannot be opened, or breaks, is an outage: nothing
was sent, and it is opened anew with the next message.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress

from bihuan.loop.channels import Told
from bihuan.loop.providers.gsm_modem import NAME, Modem
from bihuan.loop.providers.gsm_pdu import Deliver, StatusReport
from bihuan.loop.providers.gsm_port import SerialPort
from bihuan.loop.providers.provider import (
    Errand,
    Followed,
    Outcome,
    Refused,
    Secret,
    Unclear,
)

RING_S = 45.0


class SharedModem:
    """A serial port and the modem on it, opened when it is needed."""

    def __init__(self, path: str, baud: int) -> None:
        self._path = path if path.startswith("/") else f"/dev/{path}"
        self._baud, self._lock = baud, threading.Lock()
        self._port: SerialPort | None = None
        self._modem: Modem | None = None

    def text(self, number: str, text: str) -> Outcome:
        with self._lock:
            modem = self._opened("")
            if isinstance(modem, Refused):
                return modem
            try:
                return modem.send_text(number, text)
            except OSError as error:
                self._let_go()
                return Unclear(f"{NAME}: the port broke ({type(error).__name__})")

    def call(self, number: str, confirm_digit: str, ring_s: float = RING_S) -> Outcome:
        with self._lock:
            modem = self._opened(confirm_digit)
            if isinstance(modem, Refused):
                return modem
            deadline = time.monotonic() + ring_s
            try:
                told = modem.call(number, lambda: time.monotonic() >= deadline)
            except OSError as error:
                self._let_go()
                return Unclear(f"{NAME}: the port broke ({type(error).__name__})")
            return Followed(tuple(told))

    def pushed(self) -> list[Deliver | StatusReport]:
        """What came unasked; nothing while the port is busy or closed."""
        if self._modem is None or not self._lock.acquire(blocking=False):
            return []
        try:
            return self._modem.pushed() if self._modem is not None else []
        except OSError:
            self._let_go()
            return []
        finally:
            self._lock.release()

    def close(self) -> None:
        with self._lock:
            self._let_go()

    def _opened(self, confirm_digit: str) -> Modem | Refused:
        try:
            if self._modem is None:
                self._port = SerialPort(self._path, self._baud)
                modem = Modem(self._port, confirm_digit or "1")
                if refused := modem.set_up():
                    self._let_go()
                    return Refused("outage", f"{NAME}: the modem refused {refused[0]}")
                self._modem = modem
            return self._modem
        except OSError as error:
            self._let_go()
            return Refused("outage", f"{NAME}: the port cannot be opened ({type(error).__name__})")

    def _let_go(self) -> None:
        if self._port is not None:
            with suppress(OSError):  # it broke before
                self._port.close()
        self._port = self._modem = None


class ModemCarrier:
    """Texts or calls of one account over a modem. channel: `sms` or `voice`."""

    name, ring_s = NAME, 0
    secrets: tuple[Secret, ...] = ()

    def __init__(self, modem: SharedModem, channel: str, confirm_digit: str) -> None:
        self._modem, self._is_voice, self._digit = modem, channel == "voice", confirm_digit

    def carry(self, errand: Errand) -> Outcome:
        """Send a text, or call and watch the call to its end."""
        if self._is_voice:
            return self._modem.call(errand.address, self._digit)
        return self._modem.text(errand.address, errand.text)

    def look_up(self, asked: object) -> list[Told]:
        """A modem cannot be asked: its status reports come by themselves."""
        return []

    def pushed(self) -> list[Deliver | StatusReport]:
        """Texts and status reports that came; only texts have any."""
        return [] if self._is_voice else self._modem.pushed()
