"""The channels that rules may watch, and the unit in which each is kept."""

from __future__ import annotations

POSITION = "position"
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
    "level": "m",
    LINK: "1",
    POSITION: "deg",
}
