"""Who has which part. A kitchen's own people hold their posts at its own building, so that no
other supplier sees them; a driver holds a post at each school on the round.
"""

from __future__ import annotations

from typing import Final

WORKER, OFFICER, DIRECTOR, MANAGER, DRIVER, RECEIVER, STATION, REGULATOR = (
    "line_worker",
    "food_safety_officer",
    "food_safety_director",
    "kitchen_manager",
    "driver",
    "school_receiver",
    "market_station",
    "market_regulator",
)
ROLES: Final = {
    WORKER: ("操作员", "Line worker"),
    OFFICER: ("食品安全员", "Food-safety officer"),
    DIRECTOR: ("食品安全总监", "Food-safety director"),
    MANAGER: ("供餐单位负责人", "Kitchen manager"),
    DRIVER: ("配送员", "Driver"),
    RECEIVER: ("学校收餐员", "School receiver"),
    STATION: ("市场监管所", "Market station"),
    REGULATOR: ("市场监管局", "Market regulator"),
}
HEADS: Final = (DIRECTOR, MANAGER)
SAFETY: Final = (OFFICER, *HEADS)
KITCHEN: Final = (WORKER, *SAFETY)
MARKET: Final = (STATION, REGULATOR)
