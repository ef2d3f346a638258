"""The demo's evening, told step by step by who would do each. All of it is invented."""

from __future__ import annotations

from bihuan.base.time import DAY_US, datetime_of, us_of
from bihuan.loop.scenario import Cast, Stage
from bihuan.register.records.opening import Opening

MOTORS, CARS = "青禾示例电机有限公司", "青禾示例整车有限公司"
TOOLS, MATERIALS = "青禾示例机床有限公司", "青禾示例新材料有限公司"
CLERK, OTHER_CLERK, LIAISON, LEADER = "凌云舒", "穆远", "高致远", "温雅"
SPEAKS = {MOTORS: "姚秋实", CARS: "韩初晴", TOOLS: "岳知行", MATERIALS: "方若谷"}
PASSED = {"real": "yes", "necessary": "yes", "urgent": "yes"}
FAR = "云岭县（外地，虚构）"
# firm, good, supplier (of ours or a name), its place, days of stock, share of the need in percent,
# days on the road; None = nobody knows
SUPPLIES = (
    (MOTORS, "铝液", "云岭示例铝业", FAR, 2, 100, 0),
    (MOTORS, "漆包线", "东湖示例线缆", "东湖县（外地，虚构）", 12, 100, 2),
    (CARS, "电机", MOTORS, None, 3, 100, 0),
    (CARS, "后视镜", "东湖示例车镜", "东湖县（外地，虚构）", 4, 100, 1),
    (CARS, "内饰塑料", MATERIALS, None, 9, 60, 0),
    (CARS, "内饰塑料", "南屏示例塑胶", "南屏县（外地，虚构）", 9, 40, 3),
    (TOOLS, "电机", MOTORS, None, None, None, 0),
    (TOOLS, "铸件", "云岭示例铸造", FAR, 20, 100, 1),
    (MATERIALS, "树脂", "东湖示例化工", "东湖县（外地，虚构）", 15, 100, None),
)

ALUMINIUM: dict[str, object] = {
    "topic": "passage",
    "goods": "铝液",
    "quantity": 40,
    "measure": "吨",
    "from_place": FAR,
    "to_place": "青禾县城关镇",
    "road": "云岭高速口—青禾东收费站",
    "days_of_stock": 2,
    "text": "铝液车在县界被劝返，两天后停产，请协调放行",
    "way": "web",
}


class Told:
    """The story's people and firms by name."""

    def __init__(self, stage: Stage, cast: Cast) -> None:
        self.stage, self._firms = stage, cast.subjects
        self._people = {phone.name: phone.person_id for phone in cast.phones}
        self._area = next(iter(cast.areas.values()))

    def supplies(self) -> None:
        """Each firm says what it buys from whom, how much of it, and for how long stock lasts."""
        for firm, good, supplier, place, days, share, road in SUPPLIES:
            said: dict[str, object] = {"good": good, "supplier_place": place}
            said |= {"share": share, "transport_days": road}
            if supplier in self._firms:
                said["supplier_firm"] = self._firms[supplier]
            else:
                said["supplier"] = supplier
            if days is not None:
                said |= {"days": days, "as_of": self._now()}
            self._file(SPEAKS[firm], "supply", firm, said)

    def aluminium(self) -> None:
        # the founding text's: aluminium liquid could not enter; a letter opened its road
        stage = self.stage
        appeal = self._file(SPEAKS[MOTORS], "appeal", MOTORS, ALUMINIUM)
        case = self._in_hand(appeal, "find_pressing")
        asked = {
            "appeal": appeal,
            "place": FAR,
            "office": "云岭县（虚构）交通协调组",
            "what": "请为铝液运输车发放通行证",
        }
        leg = self._file(LIAISON, "leg", MOTORS, asked)
        letter = {
            "appeal": appeal,
            "leg": leg,
            "direction": "sent",
            "party": "云岭县（虚构）交通协调组",
            "document": "青工函〔演示〕1号",
            "on": self._day(),
            "text": "商请为我县企业铝液运输车辆发放通行证",
        }
        self._file(LIAISON, "letter", MOTORS, letter)
        self._do(LIAISON, "progress", case, text="已发函云岭县，等答复")
        stage.wait(minutes=20)
        self._row(LIAISON, "agree", leg, reply="同意，请报车辆和人员")
        self._issued(appeal)
        self._do(
            LIAISON, "submit", case, text="通行证已发，首车进厂", answer="通行证发了，车已进厂"
        )
        self._do(OTHER_CLERK, "pass", case)
        stage.wait(minutes=10)
        self._do(SPEAKS[MOTORS], "solved", case, text="铝液到了")

    def _issued(self, appeal: int) -> None:
        now_us = self._now()
        told = {
            "appeal": appeal,
            "plate": "青A7D01F",
            "from_place": FAR,
            "to_place": "青禾县城关镇",
            "road": "云岭高速口—青禾东收费站",
            "crew": 2,
            "names": "驾驶员、押运员各一人（演示）",
            "starts": now_us,
            "expires": now_us + 7 * DAY_US,
            "far_end": "云岭县（虚构）交通协调组",
        }
        asked = self._file(SPEAKS[MOTORS], "pass", MOTORS, told)
        self._row(CLERK, "issue", asked, far_end_agreed=True)

    def mirrors(self) -> None:
        # the founding text's: a mirror supplier elsewhere stood still. By telephone, written down;
        # the other county is asked twice; the firm says that it is not solved yet
        stage = self.stage
        appeal = self._file(
            CLERK,
            "appeal",
            CARS,
            {
                "topic": "supply",
                "goods": "后视镜",
                "quantity": 600,
                "measure": "套",
                "days_of_stock": 4,
                "text": "后视镜供应商停工，请协调尽早复工",
                "way": "phone",
                "caller": "韩初晴 0990 7200 0001",
                "read_back": True,
            },
        )
        case = self._in_hand(appeal, "find_valid")
        asked = {"appeal": appeal, "place": "东湖县（外地，虚构）", "what": "请支持车镜企业复工"}
        leg = self._file(LIAISON, "leg", CARS, asked)
        stage.wait(minutes=10)
        self._row(LIAISON, "remind", leg, said="电话联系，对方说在研究")
        self._do(LIAISON, "submit", case, text="对方答应研究", answer="对方县正在研究复工")
        self._do(CLERK, "pass", case)
        stage.wait(minutes=5)
        self._do(SPEAKS[CARS], "not_solved", case, text="还没有开工，车镜只够三天")

    def not_valid(self) -> None:
        # found not urgent by the leader, with reason and remedy; the firm objects
        appeal = self._file(
            SPEAKS[MATERIALS],
            "appeal",
            MATERIALS,
            {
                "topic": "other",
                "goods": "厂前停车位",
                "text": "请在厂门口划二十个停车位",
                "way": "web",
            },
        )
        case = self.stage.case_of(appeal)
        self._do(
            LEADER,
            "find_invalid",
            case,
            failed="not_urgent",
            text="与停产断料无关",
            remedy="可向城关镇城管窗口申请",
        )
        self.stage.wait(minutes=5)
        self._do(SPEAKS[MATERIALS], "object", case, text="货车停不下，原料卸不了")

    def meeting(self) -> None:
        """Two needs, three suppliers, one contract: a meeting smaller than the text's."""
        said = {"title": "汽车零部件对接会（演示）", "on": self._day()}
        meeting = self.stage.file(
            self._people[CLERK], Opening("chain", "meeting", said, area_id=self._area)
        )
        for firm, part, may in ((CARS, "车门铰链", True), (MOTORS, "电机端盖", False)):
            wanted = {"meeting": meeting, "part": part, "may_publish": may}
            need = self._file(SPEAKS[firm], "need", firm, wanted)
            if may:
                self._row(CLERK, "publish", need)
        for firm in (TOOLS, MATERIALS, MOTORS):
            self._file(SPEAKS[firm], "offer", firm, {"meeting": meeting, "offers": "机加工"})
        signed = {
            "meeting": meeting,
            "seller": self._firms[TOOLS],
            "stage": "contract",
            "is_new": True,
            "on": self._day(),
            "document": "演示-合同-1",
        }
        self._file(CLERK, "signing", CARS, signed)

    def published(self) -> None:
        said = {
            "indicator": "valid_rate",
            "period": "2026-H1",
            "group": "演示市各县（虚构）",
            "rank": 1,
            "of": 7,
            "tied": True,
            "source": "演示市经信部门（虚构）",
            "document": "演示通报第1期",
            "released": self._day(),
        }
        new = Opening("chain", "published", said, area_id=self._area)
        self.stage.file(self._people[CLERK], new)

    def _in_hand(self, appeal: int, found: str) -> int:
        """Tested, put to the firm's liaison, signed for and begun."""
        case = self.stage.case_of(appeal)
        self.stage.wait(minutes=5)
        self._do(CLERK, found, case, text="电话核实过", **PASSED)
        target = f"person:{self._people[LIAISON]}"
        self._do(CLERK, "assign", case, target=target, text="请挂联干部办理")
        self.stage.wait(minutes=5)
        self._do(LIAISON, "receive", case)
        self._do(LIAISON, "begin", case)
        return case

    def _file(self, who: str, kind: str, firm: str, said: dict[str, object]) -> int:
        values = {name: one for name, one in said.items() if one is not None}
        new = Opening("chain", kind, values, subject_id=self._firms[firm])
        return self.stage.file(self._people[who], new)

    def _row(self, who: str, name: str, row_id: int, **said: object) -> None:
        self.stage.row(self._people[who], name, row_id, said)

    def _do(self, who: str, name: str, case_id: int, **said: str) -> None:
        self.stage.do(self._people[who], name, case_id, said)

    def _now(self) -> int:
        return us_of(datetime_of(0).fromisoformat(self.stage.ahead()))

    def _day(self) -> str:
        return self.stage.ahead()[:10]
