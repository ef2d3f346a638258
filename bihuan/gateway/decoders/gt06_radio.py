"""Cell towers and Wi-Fi networks of gt06 frames that carry no GPS."""

from __future__ import annotations

from bihuan.gateway.decoders.gt06_parts import Frame, read_bcd_time, read_time, tell_time

# (bytes of lac, of cell) of the lists, by type; others are (2, 3)
_FORMS = {0xA1: (4, 8), 0xA2: (4, 8), 0x33: (2, 4), 0x34: (2, 4)}
_COUNTS = {0x33: 6}  # towers in the list; others have 7
_WITHOUT_WIFI = frozenset((0x28, 0x2E, 0x24, 0xA1, 0x34))


def towers(f: Frame) -> None:
    """time, mcc, mnc, towers of lac, cell, signal, timing advance[, Wi-Fi networks]"""
    tell_time(f, read_time(f))
    is_wanway, is_sl4x = f.variant == "wanway", f.variant == "sl4x"
    if is_wanway or is_sl4x:
        f.body.u8()  # timing advance
    mcc = f.body.u16()
    mnc = f.body.u16() if mcc >> 15 or is_sl4x else f.body.u8()
    f.draft.attributes["mobile_network"] = [mcc & 0x7FFF, mnc]
    count = f.body.u8() if is_wanway else _COUNTS.get(f.kind, 7)
    lac_size, cell_size = _FORMS.get(f.kind, (2, 3))
    found = []
    for _ in range(count):
        if f.body.left < lac_size + cell_size + 1:
            break  # some firmware sends as many towers as it sees
        lac, cell = f.body.uint(lac_size), f.body.uint(cell_size)
        signal = -f.body.u8()
        if lac:
            found.append([lac, cell, signal])
    f.draft.attributes["cells"] = found
    if not (is_wanway or is_sl4x) and f.body.left:
        f.body.u8()  # timing advance
    if f.kind not in _WITHOUT_WIFI and f.body.left:
        wifi_list(f, has_head=False)


def wifi_list(f: Frame, *, has_head: bool) -> None:
    """count, networks of mac and signal; type F3: time, count, networks of two bytes and mac"""
    if has_head:
        tell_time(f, read_bcd_time(f))
    found: list[list[object]] = []
    for _ in range(f.body.u8()):
        if has_head:
            f.body.take(2)
            found.append([f.body.take(6).hex(":")])
        else:
            found.append([f.body.take(6).hex(":"), f.body.u8()])
    f.draft.attributes["wifi"] = found


def bcd_wifi(f: Frame) -> None:
    """time, networks as many as the length byte says, towers: the length is no length here"""
    tell_time(f, read_bcd_time(f))
    networks = f.body.raw[2]
    f.draft.attributes["wifi"] = [[f.body.take(6).hex(":"), -f.body.u8()] for _ in range(networks)]
    count = f.body.u8()
    f.draft.attributes["mobile_network"] = [f.body.u16(), f.body.u8()]
    f.draft.attributes["cells"] = [[f.body.u16(), f.body.u16(), -f.body.u8()] for _ in range(count)]
