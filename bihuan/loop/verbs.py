"""Every verb of the loop: importing this makes each part say what it can do."""

from bihuan.loop.cases import emergency, links, moves, papers, promises
from bihuan.loop.clocks import acts as clocks
from bihuan.loop.inquiry import acts as inquiry
from bihuan.loop.supervision import acts as supervision
from bihuan.loop.units import acts as units

__all__ = [
    "clocks",
    "emergency",
    "inquiry",
    "links",
    "moves",
    "papers",
    "promises",
    "supervision",
    "units",
]
