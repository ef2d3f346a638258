"""Vital signs of the watch protocol: what each frame type carries, and what 0 means in it.

No vitals frame carries a time. A value of 0 is no contact with the skin, never a reading.
Source: devices.md, "Watch vitals" [V].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bihuan.gateway.decoders.draft import Draft, number
from bihuan.gateway.decoders.protocol import Options

BPHRT_REST = ("height_cm", "sex", "age", "weight_kg")
FAILED = {0: "too low", 1: "too high"}  # btemp2: these values are no temperatures


def _pulse(draft: Draft, fields: list[str], _options: Options) -> None:
    """heart,hr and PULSE,hr"""
    _each(draft, fields, ("heart_rate",))


def _pressure(draft: Draft, fields: list[str], _options: Options) -> None:
    """BLOOD,sys,dia[,hr] and bphrt,sys,dia,hr,height,sex,age,weight"""
    _each(draft, fields, ("systolic", "diastolic", "heart_rate"))
    for name, text in zip(BPHRT_REST, fields[3:], strict=False):
        if text.strip():
            draft.attributes[name] = text


def _oxygen(draft: Draft, fields: list[str], _options: Options) -> None:
    """oxygen,type,spo2"""
    if len(fields) >= 2:
        draft.attributes["mode"] = fields[0]
        _each(draft, fields[1:], ("spo2",))
    else:
        draft.fault("fields", ",".join(fields), "type,spo2")


def _temperature(draft: Draft, fields: list[str], _options: Options) -> None:
    """TEMP,°C"""
    _celsius(draft, fields[0] if fields else "")


def _temperature_mode(draft: Draft, fields: list[str], _options: Options) -> None:
    """btemp2,mode,°C: mode 0 is forehead, 1 is wrist; the value 0 or 1 is a failed measurement"""
    if len(fields) >= 2:
        draft.attributes["mode"] = {"0": "forehead", "1": "wrist"}.get(fields[0], fields[0])
        _celsius(draft, fields[1])
    else:
        draft.fault("fields", ",".join(fields), "mode,temperature")


def _celsius(draft: Draft, text: str) -> None:
    value = number(text)
    if value is not None and value in FAILED:
        draft.attributes["failed"] = FAILED[int(value)]
        draft.attributes["no_contact"] = ["temperature"]
    elif text.strip():
        draft.read_text("temperature", text)
    else:
        draft.fault("temperature", text, "a number")


def _each(draft: Draft, fields: list[str], channels: tuple[str, ...]) -> None:
    if not any(field.strip() for field in fields):
        draft.fault("fields", ",".join(fields), ",".join(channels))
    for channel, text in zip(channels, fields, strict=False):
        draft.read_text(channel, text)


VITALS: Mapping[str, Callable[[Draft, list[str], Options], None]] = {
    "HEART": _pulse,
    "PULSE": _pulse,
    "BLOOD": _pressure,
    "BPHRT": _pressure,
    "OXYGEN": _oxygen,
    "TEMP": _temperature,
    "BTEMP": _temperature,
    "BTEMP2": _temperature_mode,
    "BODYTEMP2": _temperature_mode,
}
