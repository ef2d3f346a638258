"""台账 / All types of this system: places and hazards, gauges, units of defence, shelters."""

from __future__ import annotations

from typing import Final

from bihuan.register.scheme import Field, Routine, Scheme, SubjectType
from bihuan.scenarios.hazard.ledger import CHECK, CHECKERS, FINDERS, HAZARD, KEEPERS, SITE
from bihuan.scenarios.hazard.moves import HOME, MOVE, SHELTER
from bihuan.scenarios.hazard.response import DECIDERS, FIELD, MEASURE, TASK, UNIT

GAUGE: Final = SubjectType(
    name="gauge",
    title=("监测点", "Gauge"),
    party=None,
    loops=("gauge",),
    fields=(
        Field(
            name="measures", title=("监测什么", "Measures"), kind="choice",
            choices=(
                ("rain", ("雨量", "Rain")),
                ("river", ("河道水位", "River level")),
                ("depth", ("下穿道路积水", "Water in an underpass")),
            ),
            is_required=True, is_indexed=True,
        ),
        Field(name="where", title=("位置", "Position"), kind="place"),
        Field(name="keeper", title=("管护人", "Keeper"), kind="party", of="person"),
    ),
)  # fmt: skip
SCHEME: Final = Scheme(
    scenario="hazard",
    subjects=(SITE, GAUGE, UNIT, SHELTER),
    records=(CHECK, HAZARD, MEASURE, TASK, HOME, MOVE),
    routines=(
        Routine(
            name="monthly_check", title=("月度排查", "Monthly check"), record="check",
            subject="site", per="month", by="18:00", days="working", roles=KEEPERS,
            raises="check_missed",
        ),
    ),
    editors={
        "site": CHECKERS,
        "gauge": CHECKERS,
        "unit": DECIDERS,
        "shelter": DECIDERS,
        "check": FINDERS,
        "hazard": FINDERS,
        "measure": DECIDERS,
        "task": DECIDERS,
        "home": FIELD,
        "move": DECIDERS,
    },
)  # fmt: skip
