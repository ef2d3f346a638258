"""Newspaper pages of an invented county, 青禾县, set in columns as PDF text comes out."""

from __future__ import annotations

from bihuan.figures.press.page import ems


def column(text: str, width: int) -> str:
    """Set a paragraph in a narrow column: two blanks of indent lost, words broken anywhere."""
    rows = [""]
    room = width - 2
    for char in text:
        if ems(rows[-1] + char) > room and char not in "，。、；：！？”）":
            rows.append("")
            room = width
        rows[-1] += char
    return "\n".join(rows)


def page(*blocks: str) -> str:
    """Blocks with a blank line between, and the blank in front that PDF text begins with."""
    return " " + "\n\n".join(blocks) + "\n "


HARVEST = (
    "本报讯 昨天下午，青禾县召开秋收工作推进会。今年上半年，全县粮食总产量达6.8万吨，同比增长3.2%，"
    "增速列青州市五县二区第二位，较一季度前进一位。"
)
BRIDGE = (
    "近日，位于青禾镇的青禾湖大桥主体完工，工人正在铺设桥面。大桥建成后，"
    + "预计日均通行车辆超1.2万辆次。"
)
CARE = (
    "本报讯 8月20日上午，县民政局走访养老机构。截至目前，全县共有养老机构18家、床位2300余张，"
    "今年以来累计发放护理补贴1560万元。"
)
WEATHER = (
    "今天多云，午后阴有阵雨或雷雨。明天\n晴到多云，东南风 3到 4级。今天白天最\n"
    "高气温 35℃，明天早晨最低气温27℃。"
)
SCHOOL = (
    "青禾县驾驶学校",
    "诚信、优质是我们永远的追求！",
    "地址：青禾县大道 88号（近车站）",
    "招生热线：85001234、85005678",
)
