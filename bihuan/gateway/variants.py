"""What is known of a device's model before its first frame, as data.

The names of the builtin table are those that decoders know (see each decoder's own tables). An
operator adds models in `device-models.json` of the data folder:

    {"gt06": {"GT-07A": {"as": "SEEWORLD", "zone_min": 480, "datum": "GCJ-02",
                         "must_length_fit": false, "must_sum_fit": true, "answers_all": false}}}

A model that is not listed is handed to the decoder by its own name, in UTC and WGS-84.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import msgspec

from bihuan.base.errors import bad
from bihuan.gateway.decoded import GCJ02, WGS84
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN, Options

FILE: Final = "device-models.json"
OptionsOf = Callable[[str, str | None], Options]


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the table. zone_min: minutes east of UTC of the device's clock."""

    as_: str | None = msgspec.field(default=None, name="as")
    zone_min: Annotated[int, msgspec.Meta(ge=-720, le=840)] = 0
    datum: str = WGS84
    must_length_fit: bool = False
    must_sum_fit: bool = False
    answers_all: bool = False


Table = Mapping[str, Mapping[str, Variant]]


def read_variants(folder: Path) -> Table:
    """The operator's table; empty without a file; raises BadInputError naming what is wrong."""
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        table = msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, Variant]])
    except msgspec.MsgspecError as error:
        raise bad(FILE, str(error), "protocol, model and what is known of it") from error
    for protocol, models in table.items():
        if protocol not in PROTOCOLS:
            raise bad(FILE, protocol, "one of " + ", ".join(PROTOCOLS))
        for model, variant in models.items():
            if variant.datum not in (WGS84, GCJ02):
                raise bad(f"{FILE} {model} datum", variant.datum, f"{WGS84} or {GCJ02}")
    return table


def options_of(table: Table) -> OptionsOf:
    """(protocol, model of the register or None) → what its decoder is told."""

    def find(protocol: str, model: str | None) -> Options:
        if not model:
            return PLAIN
        known = table.get(protocol, {}).get(model)
        if known is None:
            return Options(model=model)
        return Options(
            model=known.as_ or model,
            zone=timedelta(minutes=known.zone_min),
            datum=known.datum,
            must_length_fit=known.must_length_fit,
            must_sum_fit=known.must_sum_fit,
            answers_all=known.answers_all,
        )

    return find
