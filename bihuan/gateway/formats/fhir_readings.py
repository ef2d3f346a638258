"""Our readings as R4 vital-signs Observations, and R4 Observations as our readings.

Codes: LOINC, UCUM and IEEE 11073 MDC of `devices.md` section 4. Units: UCUM 2.1; what UCUM defines
is converted by its definition (mm[Hg] = 133.322 Pa), what it does not is a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from bihuan.base.errors import BadInputError, Fault, bad, shown
from bihuan.base.time import rfc3339, us_of
from bihuan.gateway.formats.fhir_model import (
    Coding,
    Component,
    Concept,
    Observation,
    Quantity,
    Reference,
)
from bihuan.gateway.formats.fhir_vitals import CATEGORY, LOINC, PROFILES, UCUM
from bihuan.gateway.formats.strict_json import Json, Number

MDC = "urn:iso:std:iso:11073:10101"
_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_MMHG_PA = Decimal("133.322")


@dataclass(frozen=True, slots=True)
class VitalReading:
    """One value of one channel, in the channel's unit (bpm, mmHg, %, Cel)."""

    channel: str
    value: Decimal
    at_us: int


@dataclass(frozen=True, slots=True)
class _Sign:
    """How one channel is coded; `units` turn a UCUM unit into the channel's."""

    loinc: tuple[str, ...]
    mdc: tuple[str, ...]
    display: str
    ucum: str
    unit: str
    units: Mapping[str, Callable[[Decimal], Decimal]]


def _same(value: Decimal) -> Decimal:
    return value


def _times(factor: str) -> Callable[[Decimal], Decimal]:
    return lambda value: value * Decimal(factor)


_PER_MINUTE = {
    **dict.fromkeys(("/min", "1/min", "{beats}/min", "{beat}/min", "{Heartbeats}/min"), _same),
    **dict.fromkeys(("/s", "Hz"), _times("60")),
}
_PRESSURE = {
    "mm[Hg]": _same,
    "kPa": lambda value: value * 1000 / _MMHG_PA,
    "hPa": lambda value: value * 100 / _MMHG_PA,
    "mbar": lambda value: value * 100 / _MMHG_PA,
    "Pa": lambda value: value / _MMHG_PA,
}
_SHARE = {"%": _same, "1": _times("100")}
_TEMPERATURE = {
    "Cel": _same,
    "[degF]": lambda value: (value - 32) * 5 / 9,
    "K": lambda value: value - Decimal("273.15"),
}
_SIGNS: Mapping[str, _Sign] = {
    "heart_rate": _Sign(
        ("8867-4",), ("149546", "149530"), "Heart rate", "/min", "beats/minute", _PER_MINUTE
    ),
    "systolic": _Sign(
        ("8480-6",), ("150021",), "Systolic blood pressure", "mm[Hg]", "mmHg", _PRESSURE
    ),
    "diastolic": _Sign(
        ("8462-4",), ("150022",), "Diastolic blood pressure", "mm[Hg]", "mmHg", _PRESSURE
    ),
    "spo2": _Sign(
        ("2708-6", "59408-5"), ("150456",), "Oxygen saturation in Arterial blood", "%", "%", _SHARE
    ),
    "temperature": _Sign(("8310-5",), ("150364",), "Body temperature", "Cel", "C", _TEMPERATURE),
}
_PROFILE = {"heart_rate": "heartrate", "spo2": "oxygensat", "temperature": "bodytemp"}
_PANEL = Concept(
    (
        Coding(LOINC, "85354-9", "Blood pressure panel with all children optional"),
        Coding(MDC, "150020"),
    )
)
_UNKNOWN = Concept((Coding(_ABSENT, "unknown", "Unknown"),))
_MEASURED = ("preliminary", "final", "amended", "corrected")


def observations_of(
    readings: Iterable[VitalReading], subject: str, device: str | None = None
) -> list[Observation]:
    """R4 Observations of readings, in order of time; both pressures of one moment make one panel.

    subject, device   literal references, such as `Patient/12` and `Device/34`
    Raises BadInputError naming each channel that has no vital sign.
    """
    listed = sorted(readings, key=lambda one: one.at_us)
    unknown = sorted({one.channel for one in listed} - _SIGNS.keys())
    if unknown:
        want = "one of " + ", ".join(_SIGNS)
        raise BadInputError(*(Fault("channel", shown(one), want) for one in unknown))
    made: list[Observation] = []
    pressures: dict[int, dict[str, VitalReading]] = {}
    for one in listed:
        if one.channel in ("systolic", "diastolic"):
            held = pressures.setdefault(one.at_us, {})
            if one.channel in held:
                raise bad(one.channel, f"two readings at {rfc3339(one.at_us)}", "one a moment")
            held[one.channel] = one
        else:
            made.append(_single(one, subject, device))
    made += [_panel(at_us, held, subject, device) for at_us, held in pressures.items()]
    return sorted(made, key=lambda one: one.effective or "")


def readings_of(observation: Observation) -> list[VitalReading]:
    """Our readings of an Observation, in our units.

    Raises BadInputError with every reason why it has none: a status without measurement, a time
    that is no moment, a code that is no channel of ours, a unit that cannot be converted. A value
    that is absent with its reason is no reading and no fault.
    """
    faults: list[Fault] = []
    if observation.status not in _MEASURED:
        faults.append(Fault("status", str(observation.status), "one of " + ", ".join(_MEASURED)))
    at_us = _moment_us(observation.effective, faults)
    parts = [
        (f"Observation.component[{place}]", one) for place, one in enumerate(observation.components)
    ]
    if not parts or observation.quantity is not None:
        whole = Component(observation.code, observation.quantity, observation.absent)
        parts.insert(0, ("Observation", whole))
    readings = []
    for path, part in parts:
        channel = _channel_of(part.code, f"{path}.code", faults)
        if channel and part.quantity is not None:
            value = _converted(channel, part.quantity, f"{path}.valueQuantity", faults)
            readings.append(VitalReading(channel, value, at_us))
        elif channel and part.absent is None:
            faults.append(Fault(f"{path}.valueQuantity", "nothing", "a value or why there is none"))
    if faults:
        raise BadInputError(*faults)
    return readings


def _single(one: VitalReading, subject: str, device: str | None) -> Observation:
    sign = _SIGNS[one.channel]
    shell = _shell(one.at_us, subject, device, _PROFILE[one.channel])
    return replace(shell, code=_concept(sign), quantity=_quantity(sign, one.value))


def _panel(
    at_us: int, held: Mapping[str, VitalReading], subject: str, device: str | None
) -> Observation:
    """Both pressures of one moment; one that is missing says so."""
    components = []
    for channel in ("systolic", "diastolic"):
        sign, one = _SIGNS[channel], held.get(channel)
        if one is None:
            components.append(Component(_concept(sign), absent=_UNKNOWN))
        else:
            components.append(Component(_concept(sign), _quantity(sign, one.value)))
    shell = _shell(at_us, subject, device, "bp")
    return replace(shell, code=_PANEL, components=tuple(components))


def _shell(at_us: int, subject: str, device: str | None, profile: str) -> Observation:
    """What every vital sign has: status, category, whose, when, from which device."""
    category = Concept((Coding(CATEGORY, "vital-signs", "Vital Signs"),))
    profiles: list[Json] = [PROFILES + "vitalsigns", PROFILES + profile]
    return Observation(
        status="final",
        categories=(category,),
        subject=Reference(subject),
        effective=rfc3339(at_us),
        device=None if device is None else Reference(device),
        rest={"resourceType": "Observation", "meta": {"profile": profiles}},
    )


def _concept(sign: _Sign) -> Concept:
    codes = [Coding(LOINC, code, sign.display) for code in sign.loinc[:1]]
    codes += [Coding(LOINC, code) for code in sign.loinc[1:]]
    return Concept((*codes, Coding(MDC, sign.mdc[0])))


def _quantity(sign: _Sign, value: Decimal) -> Quantity:
    if not value.is_finite():
        raise bad(sign.display, value, "a number; a missing reading has no Observation")
    return Quantity(Number(f"{value:f}"), sign.unit, UCUM, sign.ucum)


def _moment_us(effective: str | None, faults: list[Fault]) -> int:
    """The moment of measurement, µs; a fault and 0 where only a day or nothing is known."""
    try:
        return us_of(datetime.fromisoformat(effective or ""))
    except ValueError:
        want = "effectiveDateTime with time and zone"
        faults.append(Fault("effectiveDateTime", effective or "nothing", want))
        return 0


def _channel_of(code: Concept | None, path: str, faults: list[Fault]) -> str | None:
    concept = code or Concept()
    loinc, mdc = concept.code_in(LOINC), concept.code_in(MDC)
    for channel, sign in _SIGNS.items():
        if loinc & set(sign.loinc) or mdc & set(sign.mdc):
            return channel
    got = ", ".join(f"{one.system} {one.code}" for one in concept.codings) or "no code"
    faults.append(Fault(path, shown(got), "the code of " + ", ".join(_SIGNS)))
    return None


def _converted(channel: str, quantity: Quantity, path: str, faults: list[Fault]) -> Decimal:
    """The value in the channel's unit; a fault and NaN where that cannot be known."""
    units = _SIGNS[channel].units
    if quantity.number is None:
        faults.append(Fault(f"{path}.value", "nothing", "a number"))
    elif quantity.comparator is not None:
        faults.append(Fault(f"{path}.comparator", quantity.comparator, "an exact value"))
    elif quantity.system != UCUM or not quantity.code or quantity.code not in units:
        got = f"{quantity.system or 'no system'} {quantity.code or quantity.unit or 'no unit'}"
        faults.append(Fault(f"{path}.code", shown(got), "in UCUM one of " + ", ".join(units)))
    else:
        return units[quantity.code](quantity.number.decimal)
    return Decimal("NaN")
