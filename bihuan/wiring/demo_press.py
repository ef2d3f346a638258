"""The demo's newspaper page and monthly bulletin: all invented, by the acts that people use.

One of the county command reads the page in, confirms what the reader proposes of the county, and
writes last month's bulletin from it; the other releases it. What was printed about a bridge that
is not yet open stays undecided, for whoever tries the page.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

from bihuan.base.time import CHINA, Clock, datetime_of
from bihuan.figures.bulletins.acts import Desk, Draft, NewBulletin
from bihuan.figures.bulletins.models import BulletinText
from bihuan.figures.published import entries
from bihuan.figures.published.acts import NewPage, Publisher, Statement
from bihuan.figures.published.models import PressProposal, PublishedValue
from bihuan.journal.keys import KeyRing
from bihuan.journal.storage import MAIN
from bihuan.register.entries import Actor
from bihuan.wiring.demo_county import COMMAND, NAME, Frame

PAPER: Final = "青禾日报（演示，虚构）"
# as text comes out of a PDF: lines cut by the column, stray blanks, a headline twice, a jump line
PAGE: Final = """ 第2版 演示版面，全部虚构

全县工业经济运行平稳向好
全县工业经济运行平稳向好

　　本报讯（记者 演示甲） 记者昨日
从县统计局获悉，{month}月，青禾县实现规
上工业增加值3.38 亿元，同比增长
6.1%，增速居全市五县（市）四区并
列第二，较上月前进一位。{month}月，全县
社会消费品零售总额 12.6亿元，同比
增长4.7%。

青禾湖大桥主体完工

　　近日，位于青禾镇的青禾湖大桥主
体完工。大桥建成后，预计日均通行
车辆超1.2万辆次。

照护床位年内再添

　　本报讯（记者 演示乙） 截至{month}月
末，全县共有养老机构18家、床位
2300余张。 （下转第3版）

今天多云，午后阴有阵雨。今天白天最
高气温 15℃，明天早晨最低气温7℃。

青禾县驾驶学校
招生热线：0990 0000
"""
ENGLISH: Final = {
    "规上工业增加值": "Value added of industry above designated size",
    "社会消费品零售总额": "Retail sales of consumer goods",
    "养老机构": "Care homes",
    "床位": "Care beds",
    "青禾县": "Qinghe",
    "全县": "the whole county",
    PAPER: "Qinghe Daily (demo, invented)",
}


def publish(frame: Frame, clock: Clock, keys: KeyRing) -> int:
    """Read the page, confirm, write and release the bulletin of the month before; its id."""
    county = frame.areas[NAME[0]]
    second, writer = (
        Actor(person_id=frame.officials[name], role="county_command", via="page")
        for name in (NAME[0], COMMAND[1])
    )
    today = datetime_of(clock.now_us()).astimezone(CHINA).date()
    year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
    press, desk = Publisher(clock, keys), Desk(clock)
    text = PAGE.format(month=month)
    page = press.read(NewPage(county, PAPER, today.isoformat(), text), writer)
    series = _confirmed(press, page, date(year, month, 1), writer)
    new = NewBulletin(
        county, "monthly", f"{year}-{month:02}",
        ("青禾县运行月报（演示）", "Qinghe monthly bulletin (demo)"),
        [f"published.{one}" for one in series],
    )  # fmt: skip
    made = desk.begin(new, writer)
    first = BulletinText.objects.using(MAIN).get(bulletin_id=made)
    desk.write(made, Draft(first.zh, _english(first.en), first.n), writer)
    desk.issue(made, 2, clock.now_us(), "", second)
    return made


def _english(text: str) -> str:
    """The editor's English of what the paper printed in Chinese; the numbers stay bound."""
    for printed, words in ENGLISH.items():
        text = text.replace(printed, words)
    return text


def _confirmed(press: Publisher, page: int, month: date, by: Actor) -> list[int]:
    """Confirm what the page says of the month, as it was proposed; the series, each once."""
    found = list[int]()
    for row in PressProposal.objects.using(MAIN).filter(page_id=page).order_by("n"):
        said = msgspec.json.decode(row.said, type=entries.Said)
        if said.period is None or not (said.period.start or "").startswith(f"{month:%Y-%m}"):
            continue
        source = entries.Source(kind="press", paper=PAPER, issued="")  # the page says the rest
        value = press.confirm(page, row.n, Statement(said, source), by)
        found.append(PublishedValue.objects.using(MAIN).get(id=value).series_id)
    return list(dict.fromkeys(found))
