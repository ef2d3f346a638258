"""What falls due in the register falls due in the engine: duties, second persons, routines."""

from __future__ import annotations

from bihuan.loop.due import DueKind, falls_due
from bihuan.register.records import duties

falls_due(DueKind("duty", duties.waiting, duties.decide))
falls_due(DueKind("proposal", duties.proposals_waiting, duties.decide_proposal))
falls_due(DueKind("routine", duties.periods_waiting, duties.decide_period))
