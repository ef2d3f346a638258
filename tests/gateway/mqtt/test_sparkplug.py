"""Sparkplug B: messages built here from the numbers of sparkplug_b.proto, field by field."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.errors import BadInputError
from bihuan.gateway.mqtt.mapping import Settings, ToChannel
from bihuan.gateway.mqtt.protobuf import delimited, parts, varint
from bihuan.gateway.mqtt.sparkplug import ASK_AGAIN, Sparkplug, host_state
from tests.gateway.mqtt.say import NOW, fields, links, send, told, values

AT_MS = 1772323190000  # 2026-02-28T23:59:50Z
AT = datetime(2026, 2, 28, 23, 59, 50, tzinfo=UTC)
INT16, INT32, UINT64, FLOAT, BOOLEAN = 2, 3, 8, 9, 11
RULES = Settings(devices={"g/n/probe": {"Core": ToChannel("core_temperature", "Cel")}})


def single(value: float) -> bytes:
    """float_value, field 12, wire type 5."""
    return bytes([12 << 3 | 5]) + struct.pack("<f", value)


def whole(value: int) -> bytes:
    """int_value, field 10."""
    return varint(10, value)


def long(value: int) -> bytes:
    """long_value, field 11."""
    return varint(11, value)


def metric(
    value: bytes = b"",
    *,
    name: str | None = None,
    alias: int | None = None,
    kind: int | None = None,
    at_ms: int | None = AT_MS,
    extra: bytes = b"",
) -> bytes:
    made = b"" if name is None else delimited(1, name.encode())
    made += b"" if alias is None else varint(2, alias)
    made += b"" if at_ms is None else varint(3, at_ms)
    made += b"" if kind is None else varint(4, kind)
    return delimited(2, made + extra + value)


def message(*metrics: bytes, seq: int | None = None, at_ms: int = AT_MS) -> bytes:
    made = varint(1, at_ms) + b"".join(metrics)
    return made if seq is None else made + varint(3, seq)


def unit(written: str) -> bytes:
    """properties (9): keys 1, values 2; a value: type 1, string_value 8."""
    value = varint(1, 12) + delimited(8, written.encode())
    return delimited(9, delimited(1, b"engUnit") + delimited(2, value))


def bd_seq(number: int) -> bytes:
    return metric(long(number), name="bdSeq", kind=UINT64)


def born(settings: Settings = RULES) -> Sparkplug:
    """A hub that heard the birth of node g/n and of its device probe: next seq 2."""
    hub = Sparkplug(settings)
    send(hub, "spBv1.0/g/NBIRTH/n", message(bd_seq(4), seq=0))
    birth = message(
        metric(single(3.5), name="Core", alias=1, kind=FLOAT),
        metric(whole(50), name="Inputs/Humidity", alias=2, kind=INT32, extra=unit("%")),
        metric(whole(7), name="Speed", alias=3, kind=INT16),
        seq=1,
    )
    send(hub, "spBv1.0/g/DBIRTH/n/probe", birth)
    return hub


def test_sparkplug_data_by_alias_is_read_with_the_births_names_units_and_types() -> None:
    """65531 in 16 bits is -5; the single 4.2 is 4.2, not 4.19999981."""
    data = message(
        metric(single(4.2), alias=1),
        metric(whole(61), alias=2),
        metric(whole(65531), alias=3),
        seq=2,
    )
    heard = send(born(), "spBv1.0/g/DDATA/n/probe", data)
    assert values(heard) == {("g/n/probe", "core_temperature"): 4.2, ("g/n/probe", "humidity"): 61}
    assert told(heard, "g/n/probe") == {"Speed": -5}
    assert {(r.at, r.is_fresh) for r in heard.readings} == {(AT, True)}
    assert (heard.faults, heard.publish) == ((), ())


@pytest.mark.parametrize(
    ("sent", "want"), [(4294967291, -5), (18446744073709551611, -5), (32767, 32767)]
)
def test_sparkplug_signed_numbers_are_twos_complement(sent: int, want: int) -> None:
    """Senders of an Int32 write 32 or 64 bits of it."""
    rules = Settings(devices={"g/n": {"t": ToChannel("rain", "mm")}})
    hub = Sparkplug(rules)
    send(hub, "spBv1.0/g/NBIRTH/n", message(bd_seq(0), seq=0))
    heard = send(
        hub, "spBv1.0/g/NDATA/n", message(metric(whole(sent), name="t2", kind=INT32), seq=1)
    )
    assert told(heard, "g/n")["t2"] == want


def test_sparkplug_birth_values_are_the_last_known_ones_never_fresh() -> None:
    hub = Sparkplug(Settings(keys={"Core": ToChannel("core_temperature", "Cel")}))
    birth = message(bd_seq(1), metric(single(3.5), name="Core", alias=1, kind=FLOAT), seq=0)
    heard = send(hub, "spBv1.0/g/NBIRTH/n", birth)
    assert [(r.value, r.at, r.is_fresh) for r in heard.readings] == [(3.5, AT, False)]
    assert links(heard) == [("g/n", True)]


def test_sparkplug_unknown_alias_asks_for_a_rebirth_in_the_specified_bytes() -> None:
    """NCMD: timestamp 1; metric 2 with name 1, timestamp 3, datatype 4 = 11, boolean 14 = true."""
    heard = send(born(), "spBv1.0/g/DDATA/n/probe", message(metric(single(4), alias=9), seq=2))
    assert fields(heard) == ["alias"]
    assert told(heard, "g/n/probe")["alias 9"] == "00008040"
    (asked,) = heard.publish
    assert (asked.topic, asked.qos, asked.is_retained) == ("spBv1.0/g/NCMD/n", 0, False)
    time = "80b8c7b5ca33"  # 1772323200000 in groups of 7 bits, lowest first
    inner = "0a14" + b"Node Control/Rebirth".hex() + "18" + time + "200b" + "7001"
    assert asked.payload.hex() == "08" + time + "12" + f"{len(inner) // 2:02x}" + inner


def test_sparkplug_a_node_is_not_asked_with_every_message() -> None:
    hub = born()
    asked = []
    for place in range(3):
        data = message(metric(single(4), alias=9), seq=2 + place)
        at = NOW + place * (ASK_AGAIN / 2)
        asked.append(len(send(hub, "spBv1.0/g/DDATA/n/probe", data, at=at).publish))
    assert asked == [1, 0, 1]


def test_sparkplug_a_gap_is_said_the_value_kept_and_the_births_asked_for() -> None:
    heard = send(born(), "spBv1.0/g/DDATA/n/probe", message(metric(single(4), alias=1), seq=5))
    assert [(f.field, f.got, f.want) for f in heard.faults] == [("seq", "5", "2")]
    assert len(heard.publish) == 1
    assert values(heard) == {("g/n/probe", "core_temperature"): 4}


def test_sparkplug_seq_goes_on_at_0_after_255() -> None:
    hub = born()
    for place in range(2, 258):
        data = message(metric(single(4), alias=1), seq=place % 256)
        assert not send(hub, "spBv1.0/g/DDATA/n/probe", data).faults


def test_sparkplug_a_left_out_seq_is_0_only_where_0_is_due() -> None:
    """Encoders of proto3 do not write zeros."""
    hub = Sparkplug()
    birth = send(hub, "spBv1.0/g/NBIRTH/n", message(bd_seq(0)))
    assert (birth.faults, birth.publish) == ((), ())
    assert told(birth, "g/n")["is_seq_omitted_zero"] is True
    assert fields(send(hub, "spBv1.0/g/NDATA/n", message())) == ["seq"]


def test_sparkplug_data_before_any_birth_asks_for_one() -> None:
    heard = send(Sparkplug(), "spBv1.0/g/NDATA/n", message(metric(single(4), alias=1), seq=17))
    assert "g/n" in fields(heard)
    assert len(heard.publish) == 1


def test_sparkplug_a_new_birth_forgets_the_old_aliases() -> None:
    hub = born()
    send(hub, "spBv1.0/g/NBIRTH/n", message(bd_seq(5), seq=0))
    heard = send(hub, "spBv1.0/g/DDATA/n/probe", message(metric(single(4), alias=1), seq=1))
    assert "alias" in fields(heard)
    assert heard.readings == ()


def test_sparkplug_a_death_counts_only_for_its_own_birth_and_takes_the_devices() -> None:
    """The will was written at the connect: its bdSeq says which, its time is not the death's."""
    hub = born()
    stale = send(hub, "spBv1.0/g/NDEATH/n", message(bd_seq(3)))
    assert links(stale) == []
    dead = send(hub, "spBv1.0/g/NDEATH/n", message(bd_seq(4)))
    assert links(dead) == [("g/n", False), ("g/n/probe", False)]
    assert {link.at for link in dead.links} == {NOW}
    assert dead.readings == ()


def test_sparkplug_device_death_is_a_link_of_the_device_alone() -> None:
    heard = send(born(), "spBv1.0/g/DDEATH/n/probe", message(seq=2))
    assert links(heard) == [("g/n/probe", False)]


def test_sparkplug_historical_values_keep_their_time_and_are_marked() -> None:
    old = AT_MS - 3_600_000
    data = message(metric(single(4), alias=1, at_ms=old, extra=varint(5, 1)), seq=2)
    (reading,) = send(born(), "spBv1.0/g/DDATA/n/probe", data).readings
    assert (reading.at, reading.is_historical) == (AT - timedelta(hours=1), True)


def test_sparkplug_null_is_no_value() -> None:
    data = message(metric(alias=1, extra=varint(7, 1)), seq=2)
    heard = send(born(), "spBv1.0/g/DDATA/n/probe", data)
    assert (heard.readings, heard.faults) == ((), ())
    assert told(heard, "g/n/probe") == {"Core": None}


def test_sparkplug_a_unit_that_does_not_fit_costs_only_its_own_metric() -> None:
    hub = Sparkplug()
    births = [
        metric(whole(20), name="Temperature", kind=INT32, extra=unit("bananas")),
        metric(whole(61), name="Humidity", kind=INT32, extra=unit("%")),
    ]
    heard = send(hub, "spBv1.0/g/NBIRTH/n", message(bd_seq(0), *births, seq=0))
    assert fields(heard) == ["unit"]
    assert values(heard) == {("g/n", "humidity"): 61}


def test_sparkplug_state_of_a_host_in_both_versions() -> None:
    hub = Sparkplug()
    state = {"online": False, "timestamp": AT_MS}
    heard = send(hub, "spBv1.0/STATE/scada", state, is_retained=True)
    assert [(x.device, x.is_online, x.at) for x in heard.links] == [("STATE/scada", False, None)]
    assert links(send(hub, "spBv1.0/STATE/scada", "ONLINE")) == [("STATE/scada", True)]
    ours = host_state("bihuan", True, AT)
    assert (ours.topic, ours.qos, ours.is_retained) == ("spBv1.0/STATE/bihuan", 1, True)
    assert ours.payload == b'{"online": true, "timestamp": 1772323190000}'


def test_sparkplug_a_retained_birth_is_refused() -> None:
    heard = send(Sparkplug(), "spBv1.0/g/NBIRTH/n", message(bd_seq(1), seq=0), is_retained=True)
    assert (fields(heard), heard.links) == (["retain"], ())


def test_sparkplug_bytes_that_are_none_are_said_and_the_births_asked_for() -> None:
    hub = born()
    heard = send(hub, "spBv1.0/g/NDATA/n", b"\x12\xff")
    assert fields(heard) == ["payload"]
    assert len(heard.publish) == 1


@pytest.mark.parametrize("raw", ["08", "0affff", "0b", "00", "08ffffffffffffffffffff01", "0d0000"])
def test_protobuf_broken_messages_are_refused(raw: str) -> None:
    """Cut varint, length beyond the end, a group, field 0, eleven bytes, a cut fixed32."""
    with pytest.raises(BadInputError):
        list(parts(bytes.fromhex(raw), "x"))


@given(st.integers(1, 1000), st.integers(0, 2**64 - 1), st.binary(max_size=300))
def test_protobuf_fields_come_back_as_they_were_written(
    field: int, number: int, raw: bytes
) -> None:
    read = list(parts(varint(field, number) + delimited(field, raw), "x"))
    assert [(p.field, p.number, p.raw) for p in read] == [(field, number, b""), (field, 0, raw)]


def test_protobuf_writes_the_documented_example() -> None:
    """The encoding guide: 150 in field 1 is 08 96 01; "testing" in field 2 is 12 07 74 ..."""
    assert varint(1, 150).hex() == "089601"
    assert delimited(2, b"testing").hex() == "120774657374696e67"
