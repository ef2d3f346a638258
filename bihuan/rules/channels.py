"""The channels that rules may watch, and the unit in which each is kept."""

from __future__ import annotations

POSITION = "position"  # kept as two readings of one instant, LAT before LON, in WGS-84
LAT, LON = "lat", "lon"
LINK = "link"  # any frame of the device, at the time at which it came

UNIT_OF = {
    "heart_rate": "bpm",
    "systolic": "mmHg",
    "diastolic": "mmHg",
    "spo2": "%",
    "temperature": "Cel",
    "battery": "%",
    "steps": "1",
    "turnovers": "1",
    "core_temperature": "Cel",
    "air_temperature": "Cel",
    "humidity": "%",
    "rain": "mm",
    "rain_step": "mm",
    "rain_total": "mm",
    "rain_1h": "mm",
    "rain_3h": "mm",
    "rain_6h": "mm",
    "rain_12h": "mm",
    "rain_24h": "mm",
    "level": "m",
    "depth": "m",
    LINK: "1",
    POSITION: "deg",
}
