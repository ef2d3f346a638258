"""A GSM modem on a serial port: texts with status reports, and calls that ring.

Source: 3GPP TS 27.005 (CMGF, CNMI, CSMS, CMGS, CDS, CMT, CMS ERROR), TS 27.007 (ATD, CHUP, CLCC
states 0 active, 2 dialling, 3 alerting; CME ERROR), V.250 result codes (OK, BUSY, NO ANSWER,
NO CARRIER). `+DTMF: n` after AT+DDET=1 is SIMCom's own; other makers differ [unverified].

The port itself stays outside: `SerialEnd` is two functions, a real port or a test.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from bihuan.base.errors import BadInputError
from bihuan.loop.channels import Told
from bihuan.loop.entries import Fact
from bihuan.loop.providers.gsm_pdu import Deliver, StatusReport, read_pdu, submits
from bihuan.loop.providers.provider import (
    Outcome,
    Reason,
    Refused,
    Report,
    Taken,
    Unclear,
    evidence,
    phone_e164,
)

NAME = "gsm_modem"
SETUP = ("ATE0", "AT+CMEE=1", "AT+CMGF=0", "AT+CSMS=0", "AT+CNMI=2,2,0,1,0")
REPLY_S, SUBMIT_S = 5.0, 60.0
ENDS = ("OK", "ERROR", "BUSY", "NO CARRIER", "NO ANSWER", "NO DIALTONE")
CALL_ENDS = ("BUSY", "NO CARRIER", "NO ANSWER", "NO DIALTONE")
STATES: dict[str, Fact] = {"0": "answered", "3": "delivered"}
_ERROR = re.compile(r"\+CM[SE] ERROR: ?(\d+)")
_PUSHED = re.compile(r"\+(?:CMT|CDS): ")  # announces a PDU on the next line
_CALL = re.compile(r"\+CLCC: ?\d+,0,(\d)")
_KEY = re.compile(r"\+DTMF: ?([0-9*#A-D])")
# +CMS ERROR -> why, TS 27.005 3.2.5 and TS 24.011 causes below 128
REASONS: dict[str, Reason] = {"1": "wrong_address", "8": "blacklisted", "28": "wrong_address"}
THE_NETWORK = frozenset({"38", "41", "42", "47", "332", "500"})


class SerialEnd(Protocol):
    """A serial line. read_line: one line without its end, "" after timeout_s of silence.

    The prompt for a PDU, `> `, comes as a line of its own.
    """

    def write(self, sent: bytes) -> None: ...

    def read_line(self, timeout_s: float) -> str: ...


class Modem:
    """One modem; what it says unasked is kept until `pushed` is asked for it."""

    def __init__(self, end: SerialEnd, confirm_digit: str = "1") -> None:
        self._end, self._confirm_digit = end, confirm_digit
        self._pushed: deque[Deliver | StatusReport] = deque(maxlen=1_000)
        self._group = 0

    def set_up(self) -> list[str]:
        """Prepare it; the commands it refused (none: ready)."""
        return [command for command in SETUP if self._ask(command, REPLY_S)[0] != "OK"]

    def send_text(self, number: str, text: str) -> Outcome:
        """Submit a text in as many parts as it needs; the reference names them all: `12-13`.

        A part that fails after an earlier one left makes the whole unclear.
        """
        self._group = (self._group + 1) % 256
        try:
            parts = submits(number, text, self._group)
        except BadInputError as error:
            field = error.faults[0].field
            return Refused("wrong_address" if field == "phone" else "content", f"{NAME}: {error}")
        references: list[str] = []
        for part in parts:
            end, lines = self._submit(part.octets, part.hex)
            found = [line for line in lines if line.startswith("+CMGS:")]
            if end != "OK" or not found:
                return self._trouble(end, len(references))
            references.append(found[0].removeprefix("+CMGS:").split(",")[0].strip())
        reference = "-".join(references)
        return Taken(reference, evidence(NAME, CMGS=reference))

    def call(self, number: str, is_over: Callable[[], bool]) -> list[Told]:
        """Call and watch it: rings (`delivered`), `answered`, a key, or why not.

        is_over  asked about once a second: whether it has rung, or gone on, long enough
        """
        end, _ = self._ask(f"ATD{phone_e164(number)};", REPLY_S)
        if end != "OK":
            return [_call_end(end, has_dialled=False)]
        told = [Told("accepted", evidence(NAME, dial="OK"))]
        while not is_over():
            lines, is_over_now = [self._end.read_line(1.0)], False
            if lines == [""]:
                _, lines = self._ask("AT+CLCC", REPLY_S)
                is_over_now = not any(_CALL.match(line) for line in lines)
            # a key pressed just before the end comes with it
            told += [one for one in call_facts(lines, self._confirm_digit) if one not in told]
            if is_over_now or any(line in CALL_ENDS for line in lines):
                break
        self._ask("AT+CHUP", REPLY_S)
        if told[-1].fact in ("accepted", "delivered"):
            told.append(Told("no_answer", evidence(NAME, end="hung_up")))
        return told

    def pushed(self) -> list[Deliver | StatusReport]:
        """Messages and status reports that came since the last time; reads what waits."""
        while line := self._end.read_line(0.0):
            self._keep(line)
        came = list(self._pushed)
        self._pushed.clear()
        return came

    def _submit(self, octets: int, pdu: str) -> tuple[str, list[str]]:
        self._end.write(f"AT+CMGS={octets}\r".encode())
        while (line := self._end.read_line(REPLY_S)) != "":
            if line.strip() == ">":
                self._end.write(pdu.encode() + b"\x1a")
                return self._until_end(SUBMIT_S)
            if line in ENDS or _ERROR.match(line):
                return line, []
            self._keep(line)
        self._end.write(b"\x1b")  # leave the prompt, should it come late
        return "no prompt", []

    def _ask(self, command: str, timeout_s: float) -> tuple[str, list[str]]:
        self._end.write(f"{command}\r".encode())
        return self._until_end(timeout_s)

    def _until_end(self, timeout_s: float) -> tuple[str, list[str]]:
        """The final result code, "" after silence, and the lines before it."""
        lines: list[str] = []
        while (line := self._end.read_line(timeout_s)) != "":
            if line in ENDS or _ERROR.match(line):
                return line, lines
            if not self._keep(line):
                lines.append(line)
        return "", lines

    def _keep(self, line: str) -> bool:
        """Whether the line, with the PDU after it, was pushed by the modem."""
        if _PUSHED.match(line) is None:
            return False
        with suppress(BadInputError):  # noise on the line: a PDU cut short says nothing
            self._pushed.append(read_pdu(self._end.read_line(REPLY_S)))
        return True

    def _trouble(self, end: str, gone: int) -> Outcome:
        match = _ERROR.match(end)
        said = evidence(NAME, error=match[1] if match else end.replace(" ", "_"))
        if end == "OK":
            return Unclear(f"{NAME}: OK without a reference")
        if gone or end == "":
            return Unclear(f"{said}, {gone} parts had left" if gone else f"{NAME}: no answer")
        got = match[1] if match else ""
        reason = "outage" if got in THE_NETWORK else REASONS.get(got, "other")
        return Refused(reason, said)


def call_facts(lines: list[str], confirm_digit: str) -> list[Told]:
    """What the modem's lines say of our call: CLCC states, keys, how it ended."""
    told: list[Told] = []
    for line in lines:
        if (match := _CALL.match(line)) is not None and match[1] in STATES:
            told.append(Told(STATES[match[1]], evidence(NAME, CLCC=match[1])))
        elif (match := _KEY.match(line)) is not None:
            fact: Fact = "confirmed" if match[1] == confirm_digit else "answered"
            told.append(Told(fact, evidence(NAME, key=match[1])))
        elif line in ("BUSY", "NO ANSWER"):
            told.append(_call_end(line, has_dialled=True))
    return told


def _call_end(end: str, has_dialled: bool) -> Told:
    said = evidence(NAME, end=end.replace(" ", "_") or "silence")
    return Told("no_answer" if has_dialled or end in ("BUSY", "NO ANSWER") else "failed", said)


def report_of(status: StatusReport) -> Report:
    """A status report as a report; still trying says nothing yet."""
    said = evidence(NAME, reference=status.reference, status=status.status)
    fact = status.fact
    return Report(str(status.reference), () if fact is None else (Told(fact, said),))
