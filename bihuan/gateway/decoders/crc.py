"""The two 16-bit checksums of the binary protocols, by table."""

from __future__ import annotations


def _table(polynomial: int, *, is_reflected: bool) -> tuple[int, ...]:
    rows = []
    for byte in range(256):
        value = byte if is_reflected else byte << 8
        for _ in range(8):
            if is_reflected:
                value = value >> 1 ^ (polynomial if value & 1 else 0)
            else:
                value = (value << 1 ^ (polynomial if value & 0x8000 else 0)) & 0xFFFF
        rows.append(value)
    return tuple(rows)


_X25 = _table(0x8408, is_reflected=True)
_XMODEM = _table(0x1021, is_reflected=False)


def x25(data: bytes) -> int:
    """CRC-16/X.25 (ITU-T X.25): `123456789` gives 906E."""
    value = 0xFFFF
    for byte in data:
        value = value >> 8 ^ _X25[(value ^ byte) & 0xFF]
    return value ^ 0xFFFF


def xmodem(data: bytes) -> int:
    """CRC-16/XMODEM: `123456789` gives 31C3."""
    value = 0
    for byte in data:
        value = (value << 8 & 0xFFFF) ^ _XMODEM[value >> 8 ^ byte]
    return value
