"""SMS in PDU mode: submits in UCS2, deliveries and status reports. No I/O.

Source: 3GPP TS 23.040 (TPDUs: 9.2.2, addresses 9.1.2.5, status 9.2.3.15, concatenation with 8-bit
reference 9.2.3.24.1), 3GPP TS 23.038 (UCS2 and the 7-bit default alphabet).
"""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.base.errors import bad
from bihuan.loop.entries import Fact
from bihuan.loop.providers.provider import phone_e164

ONE_PART, EACH_PART = 70, 67  # UTF-16 units in a single message, and beside a 6-byte header
MOST_PARTS = 10
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = {
    10: "\f",
    20: "^",
    40: "{",
    41: "}",
    47: "\\",
    60: "[",
    61: "~",
    62: "]",
    64: "|",
    101: "€",
}


@dataclass(frozen=True, slots=True)
class Submit:
    """What AT+CMGS takes. octets: its length argument, without the service centre's octet."""

    octets: int
    hex: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """A message that came in."""

    sender: str
    text: str


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What the service centre says of a message we sent, by its message reference (0 to 255)."""

    reference: int
    status: int

    @property
    def fact(self) -> Fact | None:
        """TP-ST: 0 received; 1, 2 not confirmed; 32 to 63 still trying; 64 up: given up."""
        if self.status == 0:
            return "delivered"
        if 0x40 <= self.status <= 0x7F:
            return "failed"
        return None if 0x20 <= self.status <= 0x3F else "unknown"


def submits(number: str, text: str, group: int) -> list[Submit]:
    """The PDUs of a text, asking for a status report. group: 0 to 255, joins the parts.

    Raises BadInputError for a bad number, an empty text or one of more than 10 parts.
    """
    units = text.encode("utf-16-be")
    parts = _parts(units)
    if not 1 <= len(parts) <= MOST_PARTS:
        raise bad("text", f"{len(units) // 2} characters", f"1 to {MOST_PARTS * EACH_PART}")
    address = _address(phone_e164(number))
    made = []
    for index, part in enumerate(parts, start=1):
        header = b"" if len(parts) == 1 else bytes([5, 0, 3, group, len(parts), index])
        first = 0x31 | (0x40 if header else 0)  # SUBMIT, relative validity, status report asked
        tpdu = bytes([first, 0]) + address + bytes([0, 0x08, 0xA7])  # UCS2, 24 hours
        tpdu += bytes([len(header) + len(part)]) + header + part
        made.append(Submit(len(tpdu), "00" + tpdu.hex().upper()))
    return made


def _parts(units: bytes) -> list[bytes]:
    if len(units) <= 2 * ONE_PART:
        return [units] if units else []
    parts, at = [], 0
    while at < len(units):
        end = min(at + 2 * EACH_PART, len(units))
        if end < len(units) and 0xD8 <= units[end - 2] <= 0xDB:  # never part a surrogate pair
            end -= 2
        parts.append(units[at:end])
        at = end
    return parts


def _address(number: str) -> bytes:
    digits = number.removeprefix("+")
    return bytes([len(digits), 0x91]) + _swapped(digits)


def _swapped(digits: str) -> bytes:
    padded = digits if len(digits) % 2 == 0 else f"{digits}F"
    return bytes.fromhex("".join(padded[i + 1] + padded[i] for i in range(0, len(padded), 2)))


def read_pdu(text: str) -> Deliver | StatusReport:
    """A PDU in hex, with its service centre. Raises BadInputError."""
    try:
        raw = bytes.fromhex(text)
        tpdu = raw[1 + raw[0] :]
        kind = tpdu[0] & 0x03
        if kind == 0:
            return _deliver(tpdu)
        if kind == 2:
            _, after = _read_address(tpdu, 2)
            return StatusReport(tpdu[1], tpdu[after + 14])
    except (ValueError, IndexError, UnicodeDecodeError):
        raise bad(
            "pdu", f"{len(text)} characters", "a whole SMS-DELIVER or status report"
        ) from None
    raise bad("pdu", f"message type {kind}", "SMS-DELIVER or SMS-STATUS-REPORT")


def _deliver(tpdu: bytes) -> Deliver:
    sender, at = _read_address(tpdu, 1)
    coding, length = tpdu[at + 1], tpdu[at + 9]
    body = tpdu[at + 10 :]
    has_header = bool(tpdu[0] & 0x40)
    skip = body[0] + 1 if has_header else 0
    if coding & 0x0C == 0x08:
        if len(body) < length:
            raise ValueError("cut off")
        return Deliver(sender, body[skip:length].decode("utf-16-be"))
    if coding & 0x0C == 0x00:
        if len(body) < (length * 7 + 7) // 8:
            raise ValueError("cut off")
        septets = _septets(body, length)
        return Deliver(sender, _basic(septets[(skip * 8 + 6) // 7 :]))
    raise ValueError("8-bit data")


def _read_address(tpdu: bytes, at: int) -> tuple[str, int]:
    """The address at this octet, and the octet after it."""
    count, kind = tpdu[at], tpdu[at + 1]
    octets = tpdu[at + 2 : at + 2 + (count + 1) // 2]
    if kind & 0x70 == 0x50:  # letters, such as a shop's name
        return _basic(_septets(octets, count * 4 // 7)), at + 2 + len(octets)
    digits = "".join(f"{octet & 15:X}{octet >> 4:X}" for octet in octets)[:count]
    return ("+" if kind & 0x70 == 0x10 else "") + digits, at + 2 + len(octets)


def _septets(body: bytes, count: int) -> list[int]:
    bits = int.from_bytes(body, "little")
    return [(bits >> (7 * index)) & 0x7F for index in range(count)]


def _basic(septets: list[int]) -> str:
    read, is_extended = "", False
    for septet in septets:
        if is_extended:
            read, is_extended = read + _EXTENDED.get(septet, " "), False
        elif septet == 0x1B:
            is_extended = True
        else:
            read += _BASIC[septet]
    return read
