"""The traps of devices.md that belong to decoding, each shown to be one for every protocol."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bihuan.gateway.decoded import CHANNELS, GCJ02, SIGNALS, WGS84
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN, Options
from tests.gateway.build import CELL, GPS, NOW, decode, gt06, minifinder2, watch, watch_location
from tests.gateway.test_h02 import text
from tests.gateway.test_minifinder2 import DEVICE, STATE
from tests.gateway.test_minifinder2 import GPS as MINIFINDER2_GPS
from tests.gateway.test_topin import topin
from tests.gateway.test_trv import CELL as TRV_CELL
from tests.gateway.test_trv import PLACE

AT = datetime(2026, 3, 1, 7, 59, 30, tzinfo=UTC)
PLACES: dict[str, bytes] = {
    "watch": watch_location(),
    "trv": f"IWAP01{PLACE}{TRV_CELL}#".encode(),
    "h02": text().encode(),
    "gt06": gt06(0x12, GPS + CELL),
    "topin": topin(0x10, GPS),
    "minifinder2": minifinder2(DEVICE, STATE, MINIFINDER2_GPS),
}


def test_every_protocol_is_listed_with_its_port() -> None:
    """devices.md 1 gives the ports."""
    ports = {name: protocol.port for name, protocol in PROTOCOLS.items()}
    assert ports == {
        "watch": 5093,
        "trv": 5010,
        "gt06": 5023,
        "topin": 5199,
        "h02": 5013,
        "minifinder2": 5187,
    }


@pytest.mark.parametrize("protocol", PLACES)
def test_the_same_place_and_time_come_out_of_every_protocol(protocol: str) -> None:
    position = decode(protocol, PLACES[protocol]).position
    assert position is not None
    assert position.at == AT
    assert 22.4 < position.lat < 22.6


@pytest.mark.parametrize("protocol", PLACES)
def test_a_late_frame_keeps_its_own_time(protocol: str) -> None:
    """Received a day later: the event is not moved to the receipt."""
    decoder = PROTOCOLS[protocol].decoder(PLAIN)
    late = decoder.decode(PLACES[protocol], NOW + timedelta(days=1))
    assert late.position is not None
    assert late.position.at == AT
    assert "ahead_of_receipt_s" not in (late.attributes or {})


@pytest.mark.parametrize("protocol", PLACES)
def test_a_future_frame_keeps_its_own_time_and_says_so(protocol: str) -> None:
    decoder = PROTOCOLS[protocol].decoder(PLAIN)
    early = decoder.decode(PLACES[protocol], AT - timedelta(hours=8))
    assert early.position is not None
    assert early.position.at == AT
    assert (early.attributes or {})["ahead_of_receipt_s"] == 28_800


@pytest.mark.parametrize("protocol", PLACES)
def test_the_datum_is_what_is_known_of_the_device(protocol: str) -> None:
    plain = decode(protocol, PLACES[protocol]).position
    chinese = decode(protocol, PLACES[protocol], options=Options(datum=GCJ02)).position
    assert plain is not None
    assert chinese is not None
    assert (plain.datum, chinese.datum) == (WGS84, GCJ02)
    assert (plain.lat, plain.lon) == (chinese.lat, chinese.lon)


@pytest.mark.parametrize("protocol", PLACES)
def test_two_equal_frames_are_two_from_the_decoder(protocol: str) -> None:
    """Whether one is a resend is for the gateway to say, by the identity or within ten seconds."""
    decoder = PROTOCOLS[protocol].decoder(PLAIN)
    first, second = (decoder.decode(PLACES[protocol], NOW) for _ in range(2))
    assert first == second
    assert first.position is not None


def test_two_equal_heart_rates_are_two() -> None:
    decoder = PROTOCOLS["watch"].decoder(PLAIN)
    found = [decoder.decode(watch("heart,72"), NOW + timedelta(minutes=n)) for n in (0, 1)]
    assert [[r.value for r in each.readings] for each in found] == [[72], [72]]


def test_identity_is_the_protocols_own() -> None:
    """gt06 serial, minifinder2 index, watch index where there is one; the others have none."""
    identities = {protocol: decode(protocol, frame).identity for protocol, frame in PLACES.items()}
    assert identities == {
        "watch": None,
        "trv": None,
        "h02": None,
        "gt06": "1",
        "topin": None,
        "minifinder2": "7",
    }
    assert decode("watch", watch("LK", index="0035")).identity == "0035"


def test_names_are_those_of_the_manual() -> None:
    """cli.md, "Names used in decode"."""
    channels = (
        "heart_rate systolic diastolic spo2 temperature battery steps turnovers core_temperature "
        "air_temperature humidity rain rain_step rain_total rain_1h rain_3h rain_6h rain_12h "
        "rain_24h level depth"
    )
    kinds = (
        "sos fall low_battery off_wrist tamper vibration power_cut zone_enter zone_leave hr_high "
        "hr_low bp_high bp_low other"
    )
    assert " ".join(CHANNELS) == channels
    assert " ".join(SIGNALS) == kinds
