"""台账 / The whole scheme of a kitchen: its subjects, records, routines and who keeps them."""

from __future__ import annotations

from typing import Final

from bihuan.register.scheme import Scheme
from bihuan.scenarios.kitchen.arrivals import RECEIPT, REHEAT, STOP_COUNT
from bihuan.scenarios.kitchen.batches import BATCH, CHECK
from bihuan.scenarios.kitchen.deliveries import DELIVERY
from bihuan.scenarios.kitchen.inspections import INSPECTION
from bihuan.scenarios.kitchen.keeping import ACCIDENT, COMPLAINT, DISINFECTION, LEAD, SAMPLE
from bihuan.scenarios.kitchen.refusals import SAYS
from bihuan.scenarios.kitchen.roles import (
    DRIVER,
    KITCHEN,
    MARKET,
    OFFICER,
    RECEIVER,
    SAFETY,
)
from bihuan.scenarios.kitchen.routines import DAILY, MONTHLY, ROUTINES, WEEKLY
from bihuan.scenarios.kitchen.subjects import LINE, POINTS, SCHOOL, SUPPLIER

RECORDS: Final = (
    BATCH,
    CHECK,
    SAMPLE,
    DELIVERY,
    RECEIPT,
    REHEAT,
    STOP_COUNT,
    DISINFECTION,
    COMPLAINT,
    ACCIDENT,
    LEAD,
    INSPECTION,
    DAILY,
    WEEKLY,
    MONTHLY,
)
EDITORS: Final = {
    "supplier": MARKET,
    "line": SAFETY,
    **{point.name: SAFETY for point in POINTS},
    "school": MARKET,
    "batch": KITCHEN,
    "check": KITCHEN,
    "sample": KITCHEN,
    "disinfection": KITCHEN,
    "delivery": (DRIVER, OFFICER),
    "receipt": (RECEIVER,),
    "reheat": (RECEIVER,),
    "stop_count": (RECEIVER,),
    "complaint": (OFFICER, *MARKET),
    "accident": MARKET,
    "lead": (OFFICER, *MARKET),
    "inspection": MARKET,
    "daily": (OFFICER,),
    "weekly": SAFETY,
    "monthly": SAFETY,
}
SCHEME: Final = Scheme(
    scenario="kitchen",
    subjects=(SUPPLIER, LINE, *POINTS, SCHOOL),
    records=RECORDS,
    routines=ROUTINES,
    editors=EDITORS,
    says=SAYS,
)
