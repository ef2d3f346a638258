"""The colour of a national signal, read of the signal's own words in a title.

Only `…色预警` counts: 红旗 is a place, 黄山镇 another.
"""

from __future__ import annotations

import re
from typing import Final, Literal

Colour = Literal["", "red", "orange", "yellow", "blue", "none"]
# as CAP in China writes them [K]; no colour: Unknown
SEVERITIES: Final = {
    "red": "Extreme",
    "orange": "Severe",
    "yellow": "Moderate",
    "blue": "Minor",
    "none": "Unknown",
}
_SAID: Final = {"红": "red", "橙": "orange", "黄": "yellow", "蓝": "blue"}
# 暴雨红色预警信号, 暴雨预警信号（红色）
_SIGNAL: Final = re.compile(r"([红橙黄蓝])色预警|预警(?:信号)?\s*[（(]?([红橙黄蓝])色")


def colours_told(title: str) -> set[str]:
    """Every colour that a title gives its signal; none or several: it does not tell one."""
    return {_SAID[one or other] for one, other in _SIGNAL.findall(title)}
